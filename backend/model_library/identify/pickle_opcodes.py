"""Reads the opcodes of a pickle without running it.

A small machine follows stack, marks and memo, so that every name a load would import is known, those
put together from strings included, and so that plain data and tensor shapes can be read. It imports
nothing, calls nothing that the pickle names, and stops at fixed limits. Containers are shared as the
pickle shares them and are never compared or hashed, so a bomb costs no more than its opcodes.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from model_library.errors import HeaderLimitError
from model_library.identify import limits
from model_library.identify.pickle_torch import call, storage_of
from model_library.identify.pickle_values import OPAQUE, Global, Instance, Storage
from model_library.naming import display_text

_LONGEST_TEXT = limits.MAX_TEXT
_INTEGER_BITS = 128
"""The magic number of the legacy PyTorch format has 77; longer ones carry no facts."""

_LARGEST_INDEX = 1 << 32
_LONGEST_REASON = 200


_BEGINNING = re.compile(
    rb"\x80[\x00-\x05]"
    rb"|\(?[ci][A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n"
    rb"|\([dlt]p\d+\n"
    rb"|[\]})]q\x00"
)


def looks_like_pickle(head: bytes) -> bool:
    """Whether the first bytes can be those of a pickle, of any protocol."""
    return _BEGINNING.match(head) is not None


class PickleStream(io.BufferedReader):
    """A binary file that never reads more at once than any pickle of a model needs."""

    def __init__(self, raw: io.RawIOBase | io.BytesIO, path: Path) -> None:
        super().__init__(raw, buffer_size=1 << 16)
        self._path = path
        self._at = 0

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= limits.PICKLE_MAX_BYTES:
            raise HeaderLimitError(f"one value of the pickle has {size} bytes", path=self._path)
        data = super().read(size)
        self._at += len(data)
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        del size  # pickletools asks for whole lines
        data = super().readline(limits.PICKLE_MAX_LINE)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at  # asked for at every opcode: the base class would ask the system


@dataclass
class Budget:
    """What may still be spent on one file, over all its pickles."""

    path: Path
    opcodes: int = limits.PICKLE_MAX_OPCODES
    bytes: int = 4 * limits.PICKLE_MAX_BYTES

    def spend_bytes(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise HeaderLimitError("the pickles are larger than in any model", path=self.path)


@dataclass
class PickleScan:
    """What one pickle holds and would do."""

    root: object = OPAQUE
    """The value that a load would return, in the classes of `pickle_values`."""
    globals: dict[Global, None] = field(default_factory=dict)
    """Every name that a load would import, in order."""
    suspicions: dict[str, None] = field(default_factory=dict)
    """What no honest pickle does, in order; each makes the pickle dangerous."""
    storages: dict[str, Storage] = field(default_factory=dict)
    end: int = 0
    """Position in the stream after the last byte that was read."""
    error: str | None = None
    """Why reading stopped before the end, if it did."""
    cut_off: bool = False
    """Whether it stopped because there were no more bytes."""


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The real machine would stop here too."""


def scan_pickle(stream: PickleStream, budget: Budget) -> PickleScan:
    """Read one pickle from the stream's position to its STOP.

    Damage is told in the result, since what came before it would already have run. Raises
    HeaderLimitError.
    """
    machine = _Machine(budget.path)
    scan = machine.scan
    start = stream.tell()
    try:
        for opcode, argument, position in pickletools.genops(stream):
            budget.opcodes -= 1
            if budget.opcodes < 0 or (position or 0) - start > limits.PICKLE_MAX_BYTES:
                raise HeaderLimitError("the pickle is longer than in any model", path=budget.path)
            if opcode.name in _NAMING and stream.tell() - (position or 0) != len(str(argument)) + 2:
                # pickletools resolves escapes here and the real machine does not
                scan.suspicions["writes a name with escape sequences"] = None
            machine.step(opcode.name, argument)
    except (ValueError, DeprecationWarning) as error:  # the latter: an escape that Python dislikes
        scan.error = f"{display_text(str(error), _LONGEST_REASON)} (near byte {stream.tell():,})"
        scan.cut_off = stream.read(1) == b""
    except _Malformed as error:
        scan.error = f"{error} (near byte {stream.tell():,})"
    scan.end = stream.tell()
    budget.spend_bytes(scan.end - start)
    return scan


_NAMING = frozenset({"GLOBAL", "INST"})


class _Machine:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.scan = PickleScan()
        self.stack: list[object] = []
        self.marked: list[list[object]] = []
        self.depth = 0
        self.memo: dict[int, object] = {}

    def step(self, name: str, argument: object) -> None:
        handler = _HANDLERS.get(name)
        if handler is None:
            raise _Malformed(f"the opcode {name} is not known")
        handler(self, argument)
        if self.depth + len(self.stack) > limits.PICKLE_MAX_STACK:
            raise HeaderLimitError("the pickle piles up values without end", path=self.path)

    # --- stack, marks, memo ---

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop(self) -> object:
        if not self.stack:
            raise _Malformed("the pickle takes a value that is not there")
        return self.stack.pop()

    def top(self) -> object:
        if not self.stack:
            raise _Malformed("the pickle uses a value that is not there")
        return self.stack[-1]

    def mark(self, _argument: object) -> None:
        self.marked.append(self.stack)
        self.depth += len(self.stack) + 1
        self.stack = []

    def pop_mark(self) -> list[object]:
        if not self.marked:
            raise _Malformed("the pickle closes a group that was not opened")
        items = self.stack
        self.stack = self.marked.pop()
        self.depth -= len(self.stack) + 1
        return items

    def drop(self, _argument: object) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def drop_mark(self, _argument: object) -> None:
        self.pop_mark()

    def duplicate(self, _argument: object) -> None:
        self.push(self.top())

    def put(self, argument: object) -> None:
        index = argument if isinstance(argument, int) else len(self.memo)
        if not 0 <= index < _LARGEST_INDEX:
            raise _Malformed("the pickle remembers a value under an impossible number")
        self.memo[index] = self.top()
        if len(self.memo) > limits.PICKLE_MAX_STACK:
            raise HeaderLimitError("the pickle remembers values without end", path=self.path)

    def get(self, argument: object) -> None:
        if not isinstance(argument, int) or argument not in self.memo:
            raise _Malformed("the pickle recalls a value that it did not remember")
        self.push(self.memo[argument])

    # --- plain data ---

    def literal(self, argument: object) -> None:
        if isinstance(argument, str):
            argument = argument if len(argument) <= _LONGEST_TEXT else OPAQUE
        elif isinstance(argument, int):
            argument = argument if argument.bit_length() <= _INTEGER_BITS else OPAQUE
        self.push(argument)

    def opaque(self, _argument: object) -> None:
        self.push(OPAQUE)

    def tuple_of_mark(self, _argument: object) -> None:
        self.push(tuple(self.pop_mark()))

    def tuple_of(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(items)))

    def list_of_mark(self, _argument: object) -> None:
        self.push(self.pop_mark())

    def append(self, _argument: object) -> None:
        self._extend([self.pop()])

    def appends(self, _argument: object) -> None:
        self._extend(self.pop_mark())

    def _extend(self, items: list[object]) -> None:
        target = self.top()
        if isinstance(target, list):
            target.extend(items)

    def dict_of_mark(self, _argument: object) -> None:
        items = self.pop_mark()
        self.push({})
        self._set_items(items)

    def set_item(self, _argument: object) -> None:
        value, key = self.pop(), self.pop()
        self._set_items([key, value])

    def set_items(self, _argument: object) -> None:
        self._set_items(self.pop_mark())

    def _set_items(self, items: list[object]) -> None:
        if len(items) % 2:
            raise _Malformed("the pickle has a key without a value")
        target = self.top()
        entries = target.items if isinstance(target, Instance) else target
        if not isinstance(entries, dict):
            return
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Only texts: keys of other types could be made to collide, or be costly to hash.
            if isinstance(key, str | int):
                entries[str(key)] = value

    def close_set(self, _argument: object) -> None:
        self.pop_mark()
        self.push(OPAQUE)

    def add_items(self, _argument: object) -> None:
        self.pop_mark()
        self.top()

    # --- names and calls ---

    def _name(self, module: str, name: str) -> Global:
        found = Global(module, name)
        self.scan.globals[found] = None
        return found

    def suspect(self, what: str) -> None:
        self.scan.suspicions[what] = None

    def global_name(self, argument: object) -> None:
        module, _, name = str(argument).partition(" ")
        self.push(self._name(module, name))

    def stack_global(self, _argument: object) -> None:
        name, module = self.pop(), self.pop()
        if isinstance(name, str) and isinstance(module, str):
            self.push(self._name(module, name))
        else:
            self.suspect("imports a name that is computed while it loads")
            self.push(Instance(None))

    def extension(self, argument: object) -> None:
        self.suspect(f"uses the extension registry (code {argument})")
        self.push(Instance(None))

    def _call(self, function: object, arguments: object) -> None:
        if isinstance(function, Global):
            self.push(call(function, arguments))
            return
        self.suspect("calls something that is not a plain name")
        self.push(Instance(None))

    def reduce(self, _argument: object) -> None:
        arguments, function = self.pop(), self.pop()
        self._call(function, arguments)

    def new_object_with_keywords(self, _argument: object) -> None:
        self.pop()
        self.reduce(None)

    def instance(self, argument: object) -> None:
        module, _, name = str(argument).partition(" ")
        self._call(self._name(module, name), tuple(self.pop_mark()))

    def object_of_mark(self, _argument: object) -> None:
        items = self.pop_mark()
        if not items:
            raise _Malformed("the pickle makes an object without a class")
        self._call(items[0], tuple(items[1:]))

    def build(self, _argument: object) -> None:
        state, target = self.pop(), self.top()
        if isinstance(target, Global):
            self.suspect(f"changes the attributes of {target}")
        if isinstance(state, tuple) and state:  # attributes, and those of slots
            state = state[0]
        if isinstance(target, Instance) and isinstance(state, dict):
            target.state = state

    def persistent_id(self, argument: object) -> None:
        self._persistent(argument)

    def persistent_id_of_stack(self, _argument: object) -> None:
        self._persistent(self.pop())

    def _persistent(self, identity: object) -> None:
        storage = storage_of(identity)
        if storage is None:
            self.push(Instance(None))
            return
        self.scan.storages.setdefault(storage.key, storage)
        self.push(storage)

    def stop(self, _argument: object) -> None:
        self.scan.root = self.pop()

    def nothing(self, _argument: object) -> None:
        """PROTO, FRAME and READONLY_BUFFER change no value."""


def _constant(make: Callable[[], object]) -> Callable[[_Machine, object], None]:
    return lambda machine, _argument: machine.push(make())


def _tuple_of(count: int) -> Callable[[_Machine, object], None]:
    return lambda machine, _argument: machine.tuple_of(count)


_HANDLERS: dict[str, Callable[[_Machine, object], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "READONLY_BUFFER"), _Machine.nothing),
    **dict.fromkeys(
        ("INT", "LONG", "LONG1", "LONG4", "BININT", "BININT1", "BININT2", "FLOAT", "BINFLOAT"),
        _Machine.literal,
    ),
    **dict.fromkeys(
        ("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
        _Machine.literal,
    ),
    "BINUNICODE8": _Machine.literal,
    **dict.fromkeys(
        ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "NEXT_BUFFER", "EMPTY_SET"),
        _Machine.opaque,
    ),
    "NONE": _constant(lambda: None),
    "NEWTRUE": _constant(lambda: True),
    "NEWFALSE": _constant(lambda: False),
    "EMPTY_TUPLE": _constant(tuple),
    "EMPTY_LIST": _constant(list),
    "EMPTY_DICT": _constant(dict),
    "TUPLE": _Machine.tuple_of_mark,
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "LIST": _Machine.list_of_mark,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "DICT": _Machine.dict_of_mark,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "FROZENSET": _Machine.close_set,
    "ADDITEMS": _Machine.add_items,
    "MARK": _Machine.mark,
    "POP": _Machine.drop,
    "POP_MARK": _Machine.drop_mark,
    "DUP": _Machine.duplicate,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    "GLOBAL": _Machine.global_name,
    "STACK_GLOBAL": _Machine.stack_global,
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), _Machine.extension),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _Machine.reduce),
    "NEWOBJ_EX": _Machine.new_object_with_keywords,
    "INST": _Machine.instance,
    "OBJ": _Machine.object_of_mark,
    "BUILD": _Machine.build,
    "PERSID": _Machine.persistent_id,
    "BINPERSID": _Machine.persistent_id_of_stack,
    "STOP": _Machine.stop,
}
