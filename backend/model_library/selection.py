"""Selection: which files of a published repository make up what a person asked for.

Pure. A repository holds many forms of one model: quantizations, precisions, the formats of other
programs. What is taken without a word is one whole model in its safest format; where that would be a
guess, the choices are named with their sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from model_library.errors import ChoiceNeededError, InvalidValueError
from model_library.identify.shards import ShardName, ShardPattern, parse_shard_name
from model_library.providers import RemoteFile, RemoteModel, chosen_files

DEFAULT: Final = "default"
"""The choice of a folder model that names no precision."""

_QUANT = re.compile(
    r"(?:^|[-_.])((?:UD[-_])?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|FP?16|FP?32))$",
    re.IGNORECASE,
)
"""The end of a GGUF's stem, as llama.cpp's `llama-quantize --help` names the types and as the large
quantizers of the Hub write them (`UD-` marks Unsloth's mixed ones)."""
_VARIANT = re.compile(r"\.(fp16|bf16|fp32|fp8[a-z0-9_]*|int8|int4|nf4|non_ema|ema_only)(?=[.\-])")
"""`variant=` of diffusers and transformers: between the stem and the extension."""

_BEST_FIRST: Final = (".safetensors", ".sft", ".bin", ".ckpt", ".pt", ".pth")
"""Formats of weights, the safest first; of one folder the first that it has is taken."""
_OTHER_WEIGHTS: Final = (".onnx", ".gguf", ".ggml", ".engine", ".mlmodel")
_FOLDER_TEXTS: Final = (".json", ".txt", ".model", ".jinja", ".tiktoken", ".yaml", ".yml", ".md")
_LICENCE = re.compile(r"(?i)(licen[cs]e|notice|use_policy)")
_FOREIGN_FOLDERS: Final = frozenset(
    {"onnx", "openvino", "coreml", "flax", "tf", "original", "metal", ".git", "runs", "logs"}
)
"""Folders of other programs' forms of the same model."""
_PROJECTOR_ORDER: Final = ("F16", "BF16", "Q8_0", "F32")
_MOST_NAMED: Final = 40  # choices in an error


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be taken from a repository."""

    name: str
    """A quantization (`Q4_K_M`), a precision (`fp16`), `default`, or the path of a file."""
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes; files of unknown size count nothing."""
        return sum(file.size or 0 for file in self.files)


def choices(model: RemoteModel) -> tuple[Choice, ...]:
    """Everything that can be taken, one choice each; empty when there are no weights."""
    files = model.files or ()
    by_path = {file.path: file for file in files}
    if "model_index.json" in by_path:
        return _folder_choices(files, diffusers=True)
    if any(_is_gguf(file) for file in files):
        return _gguf_choices(files)
    if "config.json" in by_path and any(_is_folder_weight(file.path) for file in files):
        return _folder_choices(files, diffusers=False)
    return _loose_choices(files)


def select(
    model: RemoteModel,
    *,
    patterns: Sequence[str] = (),
    quant: str | None = None,
    everything: bool = False,
) -> tuple[RemoteFile, ...]:
    """The files to fetch, sorted by path.

    Raises ChoiceNeededError when there are several choices and none was made, InvalidValueError for a
    pattern or quantization that the repository does not have.
    """
    if everything:
        return tuple(sorted(model.files or (), key=_path))
    if patterns:
        named = chosen_files(model.files or (), patterns)
        if quant is None:
            return named
        return _of_quant(named, quant)
    found = choices(model)
    if quant is not None:
        return _named(found, quant).files
    if len(found) > 1 and found[0].name != DEFAULT:
        raise ChoiceNeededError(
            f"{model.repo} has {len(found)} to choose from: {_listed(found)}",
            hint="Name one with --quant NAME or as a file; --all takes everything.",
        )
    if not found:
        raise InvalidValueError(
            f"{model.repo} has no model files that are known",
            hint="`model-library find OWNER/NAME` lists its files; name those you want, or use --all.",
        )
    return found[0].files


def siblings(model: RemoteModel, chosen: Sequence[RemoteFile]) -> tuple[RemoteFile, ...]:
    """The other shards of the sets that some of the chosen files belong to."""
    sets = {_set_key(file.path) for file in chosen if _shard(PurePosixPath(file.path).name)}
    taken = {file.path for file in chosen}
    return tuple(
        file for file in model.files or () if file.path not in taken and _set_key(file.path) in sets
    )


def quant_of(path: str) -> str | None:
    """The quantization that the name of a GGUF, or the folder it lies in, tells; upper case."""
    place = PurePosixPath(path)
    parsed = _shard(place.name)
    stem = place.stem if parsed is None else parsed.stem
    found = _QUANT.search(stem) or _QUANT.search(place.parent.name)
    return None if found is None else found.group(1).upper().replace("UD_", "UD-")


def _named(found: Sequence[Choice], quant: str) -> Choice:
    wanted = _plain(quant)
    for choice in found:
        if _plain(choice.name) == wanted:
            return choice
    hint = f"There are: {_listed(found)}." if found else "The repository has none."
    raise InvalidValueError(f"There is no {quant!r} here", hint=hint)


def _of_quant(files: Sequence[RemoteFile], quant: str) -> tuple[RemoteFile, ...]:
    kept = tuple(one for one in files if _plain(quant_of(one.path) or "") == _plain(quant))
    if not kept:
        raise InvalidValueError(f"None of the named files is {quant!r}")
    return kept


def _listed(found: Sequence[Choice]) -> str:
    names = [f"{choice.name} ({_size_text(choice.size)})" for choice in found[:_MOST_NAMED]]
    more = len(found) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _size_text(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / 1024**2:.1f} MiB"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]", "", name).lower()


def _path(file: RemoteFile) -> str:
    return file.path


# --- GGUF ------------------------------------------------------------------------------------------


def _is_gguf(file: RemoteFile) -> bool:
    return file.path.lower().endswith(".gguf") and not _is_projector(file)


def _shard(name: str) -> ShardName | None:
    """A shard by a name that leaves no doubt: `lora_00010` may as well be a step of a training."""
    parsed = parse_shard_name(name)
    return None if parsed is None or parsed.pattern is ShardPattern.NUMBERED else parsed


def _is_projector(file: RemoteFile) -> bool:
    """The vision part that llama.cpp loads beside a language model."""
    return PurePosixPath(file.path).name.lower().startswith(("mmproj", "imatrix"))


def _gguf_choices(files: Sequence[RemoteFile]) -> tuple[Choice, ...]:
    beside = _projector(files)
    sets: dict[str, list[RemoteFile]] = {}
    for file in files:
        if _is_gguf(file):
            sets.setdefault(_set_key(file.path), []).append(file)
    names = [quant_of(members[0].path) for members in sets.values()]
    found = []
    for key, name, members in zip(sets, names, sets.values(), strict=True):
        unique = name is not None and names.count(name) == 1
        chosen = name if unique and name is not None else key
        found.append(Choice(chosen, tuple(sorted((*members, *beside), key=_path))))
    return tuple(sorted(found, key=lambda choice: (choice.size, choice.name)))


def _projector(files: Iterable[RemoteFile]) -> tuple[RemoteFile, ...]:
    """The projector of a vision model that runs everywhere, when there is one."""
    found = [file for file in files if PurePosixPath(file.path).name.lower().startswith("mmproj")]
    found = [file for file in found if file.path.lower().endswith(".gguf")]

    def order(file: RemoteFile) -> tuple[int, str]:
        name = quant_of(file.path)
        known = _PROJECTOR_ORDER.index(name) if name in _PROJECTOR_ORDER else len(_PROJECTOR_ORDER)
        return known, file.path

    return tuple(sorted(found, key=order)[:1])


def _set_key(path: str) -> str:
    """The same for all shards of a set; of a file that is none its path."""
    place = PurePosixPath(path)
    parsed = _shard(place.name)
    return path if parsed is None else str(place.parent / f"{parsed.stem}{place.suffix}")


# --- folders ---------------------------------------------------------------------------------------


def _is_folder_weight(path: str) -> bool:
    name = PurePosixPath(path).name
    return "/" not in path and name.startswith(("model", "pytorch_model")) and _is_weight(name)


def _is_weight(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _BEST_FIRST


def _folder_choices(files: Sequence[RemoteFile], *, diffusers: bool) -> tuple[Choice, ...]:
    """The default, and each precision that the folder has files of."""
    ours = [file for file in files if not _is_foreign(file.path)]
    texts = [file for file in ours if _is_folder_text(file.path)]
    weights = [
        file
        for file in ours
        if _is_weight(file.path) and (("/" in file.path) if diffusers else ("/" not in file.path))
    ]
    names = sorted({found.group(1) for file in weights if (found := _VARIANT.search(file.path))})
    return tuple(
        Choice(name, tuple(sorted((*texts, *_weights_of(weights, name)), key=_path)))
        for name in (DEFAULT, *names)
    )


def _weights_of(weights: Sequence[RemoteFile], variant: str) -> list[RemoteFile]:
    """Of each folder the weights of that variant, else of none, else of any; in the best format."""
    folders: dict[str, list[RemoteFile]] = {}
    for file in weights:
        folders.setdefault(str(PurePosixPath(file.path).parent), []).append(file)
    chosen: list[RemoteFile] = []
    for members in folders.values():
        ways = [
            [file for file in members if _variant_of(file.path) == variant],
            [file for file in members if _variant_of(file.path) == DEFAULT],
            members,
        ]
        chosen += _best_format(next(way for way in ways if way))
    return chosen


def _variant_of(path: str) -> str:
    found = _VARIANT.search(path)
    return DEFAULT if found is None else found.group(1)


def _best_format(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    for suffix in _BEST_FIRST:
        same = [file for file in files if file.path.lower().endswith(suffix)]
        if same:
            return same
    return list(files)


def _is_folder_text(path: str) -> bool:
    place = PurePosixPath(path)
    return place.suffix.lower() in _FOLDER_TEXTS or _LICENCE.match(place.name) is not None


def _is_foreign(path: str) -> bool:
    folders = PurePosixPath(path).parts[:-1]
    return any(part.lower() in _FOREIGN_FOLDERS for part in folders) or path.startswith(".")


# --- loose files -----------------------------------------------------------------------------------


def _loose_choices(files: Sequence[RemoteFile]) -> tuple[Choice, ...]:
    """Each weight file or sharded set is one; of the same name in several formats the safest."""
    sets: dict[str, list[RemoteFile]] = {}
    for file in files:
        if _is_weight(file.path) or file.path.lower().endswith(_OTHER_WEIGHTS):
            sets.setdefault(_set_key(file.path), []).append(file)
    stems: dict[str, list[str]] = {}
    for key in sets:
        stems.setdefault(str(PurePosixPath(key).with_suffix("")), []).append(key)
    kept = [min(keys, key=_format_order) for keys in stems.values()]
    return tuple(Choice(key, tuple(sorted(sets[key], key=_path))) for key in sorted(kept))


def _format_order(path: str) -> int:
    suffix = PurePosixPath(path).suffix.lower()
    return _BEST_FIRST.index(suffix) if suffix in _BEST_FIRST else len(_BEST_FIRST)
