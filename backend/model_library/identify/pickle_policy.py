"""Decides what loading a pickle could do, from the names it would import.

A strict list of harmless names; everything else is unknown, and what is known to reach the system is
dangerous. There is no verdict "clean": allowlisted means that nothing but the names below is used.
Source of the harmless names: the globals that PyTorch's own `weights_only` loader accepts, and the
containers and NumPy scalars that training programs save beside the tensors.
"""

from __future__ import annotations

from collections.abc import Iterable

from model_library.identify.describe import shown
from model_library.identify.pickle_opcodes import PickleScan
from model_library.identify.pickle_torch import STORAGE_DTYPES, TORCH_DTYPES
from model_library.identify.pickle_values import Global
from model_library.identify.values import Security
from model_library.taxonomy import SecurityTier

_MOST_FINDINGS = 20
"""Findings that are told one by one; a person reads no more."""

_HARMLESS_BUILTINS = """
    bool bytearray bytes complex dict float frozenset int list long
    object range set slice str tuple unicode xrange
"""

_HARMLESS: dict[str, frozenset[str]] = {
    "builtins": frozenset(_HARMLESS_BUILTINS.split()),
    "collections": frozenset({"Counter", "OrderedDict", "defaultdict", "deque"}),
    "_codecs": frozenset({"encode"}),  # how Python 3 writes bytes at protocol 2
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "numpy": frozenset({"dtype", "ndarray"}),
    "numpy.core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy.core.numeric": frozenset({"_frombuffer"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "torch": frozenset(
        {"Size", "Tensor", "device", "per_tensor_affine", "per_channel_affine"}
        | set(STORAGE_DTYPES)
        | set(TORCH_DTYPES)
        | {
            f"{kind}Tensor"
            for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Byte")
        }
    ),
    "torch.cuda": frozenset(STORAGE_DTYPES),
    "torch.storage": frozenset({"TypedStorage", "UntypedStorage", "_TypedStorage"}),
    "torch.nn.parameter": frozenset({"Parameter"}),
    "torch.serialization": frozenset({"_get_layout"}),
    "torch.torch_version": frozenset({"TorchVersion"}),
    "torch._tensor": frozenset({"_rebuild_from_type_v2"}),
    "torch._utils": frozenset(
        {
            "_rebuild_parameter",
            "_rebuild_parameter_with_state",
            "_rebuild_qtensor",
            "_rebuild_sparse_tensor",
            "_rebuild_tensor",
            "_rebuild_tensor_v2",
            "_rebuild_tensor_v3",
        }
    ),
}

_PYTHON_2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}

_DANGEROUS_MODULE_NAMES = """
    _ctypes _imp _io _operator _pickle _posixsubprocess _thread _winreg aiohttp ast asyncio bdb
    cPickle cProfile cloudpickle codeop commands concurrent ctypes dill dis distutils doctest
    ensurepip fcntl fileinput ftplib gc http httplib httpx idlelib imaplib imp importlib inspect
    io jsonpickle lib2to3 linecache logging.config marshal mmap multiprocessing nntplib nt
    numpy.distutils numpy.f2py numpy.testing operator os pdb pickle pip pkgutil platform popen2
    poplib posix profile pty pydoc requests resource rpyc runpy select setuptools shelve shutil
    signal site smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig tarfile
    telnetlib tempfile threading timeit tkinter torch._dynamo torch._inductor torch.distributed
    torch.hub torch.jit torch.package torch.utils.cpp_extension urllib urllib2 urllib3 venv
    webbrowser winreg xmlrpc yaml zipfile zipimport
"""

_DANGEROUS_MODULES = frozenset(_DANGEROUS_MODULE_NAMES.split())
"""Modules that reach programs, files, the network or the interpreter; their submodules too."""

_DANGEROUS_BUILTINS = """
    __build_class__ __import__ __loader__ apply breakpoint compile delattr eval exec execfile
    exit file filter getattr globals help input locals map open quit raw_input reduce reload
    setattr super type vars
"""

_DANGEROUS_NAMES: dict[str, frozenset[str]] = {
    "builtins": frozenset(_DANGEROUS_BUILTINS.split()),
    "code": frozenset({"interact", "InteractiveConsole", "InteractiveInterpreter"}),
    "functools": frozenset({"partial", "partialmethod", "reduce", "singledispatch"}),
    "joblib": frozenset({"load"}),
    "numpy": frozenset({"fromfile", "load", "loadtxt", "memmap", "save", "savetxt"}),
    "torch": frozenset({"load", "save", "compile"}),
    "torch.serialization": frozenset({"load", "save", "_load", "_legacy_load"}),
    "torch.storage": frozenset({"_load_from_bytes"}),
    "trace": frozenset({"Trace"}),
    "types": frozenset({"CodeType", "FunctionType", "LambdaType", "MethodType", "ModuleType"}),
}


def _module(name: Global) -> str:
    return _PYTHON_2_MODULES.get(name.module, name.module)


def is_harmless(name: Global) -> bool:
    return name.name in _HARMLESS.get(_module(name), frozenset())


def is_dangerous(name: Global) -> bool:
    """Whether the name is known to reach the system, directly or through dotted attributes."""
    module = _module(name)
    parts = module.split(".")
    if any(".".join(parts[:count]) in _DANGEROUS_MODULES for count in range(1, len(parts) + 1)):
        return True
    if name.name in _DANGEROUS_NAMES.get(module, frozenset()):
        return True
    # `torch` + `serialization.os.system`: protocol 4 walks attributes
    attributes = name.name.split(".")
    return len(attributes) > 1 and any(
        attribute.startswith("__")
        or attribute in _DANGEROUS_MODULES
        or attribute in _DANGEROUS_NAMES["builtins"]
        for attribute in attributes
    )


def judge(scans: Iterable[PickleScan], notes: Iterable[str] = ()) -> Security:
    """The tier of a file from all its pickles, with the reasons.

    `notes` are oddities of the file around them; they keep it from being called allowlisted.
    """
    names: dict[Global, None] = {}
    suspicions: dict[str, None] = {}
    for scan in scans:
        names.update(scan.globals)
        suspicions.update(scan.suspicions)
    dangerous = [f"can run code: {_shown(name)}" for name in names if is_dangerous(name)]
    dangerous += [f"the pickle {suspicion}" for suspicion in suspicions]
    unknown = list(notes)
    unknown += [
        f"not on the list of harmless names: {_shown(name)}"
        for name in names
        if not is_harmless(name) and not is_dangerous(name)
    ]
    if dangerous:
        tier = SecurityTier.PICKLE_DANGEROUS
    else:
        tier = SecurityTier.PICKLE_UNKNOWN if unknown else SecurityTier.PICKLE_ALLOWLISTED
    return Security(tier, _bounded(dangerous + unknown))


def _shown(name: Global) -> str:
    return shown(str(name)).strip("'\"")


def _bounded(findings: list[str]) -> tuple[str, ...]:
    more = len(findings) - _MOST_FINDINGS
    if more <= 0:
        return tuple(findings)
    return (*findings[:_MOST_FINDINGS], f"and {more:,} more")
