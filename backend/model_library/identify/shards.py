"""Shards: which files are the pieces of one model, and which pieces are not there.

Three ways of numbering are known, besides the index files that name every shard:

    model-00001-of-00005.safetensors   transformers, diffusers, gguf-split: the total is in the name
    model.part1.gguf, model.gguf.part1, model.part1of3   split by hand: the total may be unknown
    model_00001.safetensors            split by hand, from 0 or 1: the total is unknown

The last one looks exactly like the saved epochs of a training run, so a name alone never makes
such a set: see `are_pieces`. Everything here decides on names, sizes and tensor names; only index
files are read, and what they hold can neither hurt nor lead out of their folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    ModelLibraryError,
    SourceUnreadableError,
    UnsafeNameError,
)
from model_library.identify.file_roles import weight_extension
from model_library.identify.small_files import read_json_object
from model_library.naming import display_text

MAX_SHARDS = 4096
"""Files in one set. The largest published ones have about 1,000; a name may claim 99,999."""

MAX_INDEX_BYTES = 32 * 1024 * 1024
"""Bytes. The index of a 1T-parameter mixture of experts (140,000 tensors) has about 16 MB."""

_SAME_SIZE = 0.01
"""Files within this share of each other's size are taken for complete models of one kind."""

_LIKE_SHAPE = 0.5
"""Shards are cut at a size limit: none but the last is smaller than this share of the largest."""


class ShardPattern(Enum):
    OF = "-00001-of-00005"
    PART = ".part1"
    NUMBERED = "_00001"


_PATTERNS = {
    ShardPattern.OF: re.compile(
        r"(?P<head>(?P<stem>.+)[-_.])(?P<index>[0-9]{1,5})"
        r"(?P<tail>-of-(?P<total>[0-9]{1,5})(?P<ext>(?:\.[A-Za-z0-9_]{1,16}){0,2}))",
        re.IGNORECASE,
    ),
    ShardPattern.PART: re.compile(
        r"(?P<head>(?P<stem>.+)\.part)(?P<index>[0-9]{1,5})"
        r"(?P<tail>(?:of(?P<total>[0-9]{1,5}))?(?P<ext>(?:\.[A-Za-z0-9_]{1,16})?))",
        re.IGNORECASE,
    ),
    ShardPattern.NUMBERED: re.compile(
        r"(?P<head>(?P<stem>.+)_)(?P<index>[0-9]{5})(?P<tail>(?P<ext>\.[A-Za-z0-9_]{1,16}))"
    ),
}

_INDEX_NAME = re.compile(
    r"(?P<stem>.+)\.(?:safetensors|bin|pt|pth|h5|msgpack)\.index(?:\.[\w-]+)?\.json", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ShardName:
    """A file name that may be that of a shard: `head`, the number as it is written, `tail`."""

    pattern: ShardPattern
    stem: str
    head: str
    digits: str
    tail: str
    total: int | None
    """None when the name does not say."""
    extension: str
    """Of the whole model, lower case with its dot: '.gguf' for both 'x.part1.gguf' and
    'x.gguf.part1'; '' if there is none."""

    @property
    def index(self) -> int:
        """As written; some sets count from 0."""
        return int(self.digits)

    @property
    def key(self) -> tuple[ShardPattern, str, str]:
        """Equal for the shards of one set."""
        return (self.pattern, self.head, self.tail)


@dataclass(frozen=True, slots=True)
class ShardSet:
    """The shards of one model that are there, by name, and the names of those that are not."""

    stem: str
    members: Mapping[str, int]
    """File name -> number, counted from 1 whatever the names count from."""
    total: int | None
    """None when neither a name nor an index says; then the last ones could be missing unseen."""
    missing: tuple[str, ...]
    pattern: ShardPattern | None
    """None for a set that an index file describes."""
    indexes: tuple[str, ...] = ()
    """Names of the index files that describe it."""


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """What a `*.index.json` says: the names of all shards (plain names, sorted)."""

    name: str
    stem: str
    shards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderShards:
    """All sets of one folder."""

    sets: tuple[ShardSet, ...]
    idle: tuple[ShardIndex, ...]
    """Indexes none of whose shards are there: of a variant that was not downloaded, or all of
    the model is missing."""
    problems: Mapping[str, ModelLibraryError]
    """By name of the index file that cannot be used."""


def parse_shard_name(name: str) -> ShardName | None:
    """What a file name says about shards, or None when it is no shard's name.

    Numbers that cannot be real (no total, an index beyond it, more than MAX_SHARDS) make it no
    shard's name.
    """
    for pattern, expression in _PATTERNS.items():
        match = expression.fullmatch(name)
        if match is not None:
            return _shard_name(pattern, match)
    return None


def shard_sets(folder: Path, names: Iterable[str]) -> FolderShards:
    """The sets that the files of one folder form; `names` are all of its file names.

    Reads the index files among them. The sets of the `_00001` pattern are candidates only (at
    least two files, two of them with consecutive numbers): ask `are_pieces` about them.
    """
    present = set(names)
    sets = _sets_by_name(present)
    idle: list[ShardIndex] = []
    problems: dict[str, ModelLibraryError] = {}
    for name in sorted(name for name in present if index_stem(name) is not None):
        try:
            index = read_shard_index(folder / name)
        except (BrokenModelError, UnsafeNameError, SourceUnreadableError) as error:
            problems[name] = error
            continue
        if present.isdisjoint(index.shards):
            idle.append(index)
            continue
        touched = [s for s in sets if not s.members.keys().isdisjoint(index.shards)]
        sets = [s for s in sets if s not in touched] + [_merge(index, touched, present)]
    return FolderShards(tuple(sets), tuple(idle), problems)


def are_pieces(
    sizes: Sequence[int],
    paths: Sequence[Path],
    first_index: int,
    tensor_names: Callable[[Path], frozenset[str] | None] | None,
) -> bool:
    """Whether the files of a `_00001` candidate are pieces of one model, in the order of `paths`.

    The headers decide where they can be read: pieces share no tensor name, saved epochs share all
    of theirs. Where `tensor_names` is missing or answers None (or no names at all), sizes decide
    carefully: files of one size are complete models, a run of alike files with a smaller end is
    a model cut into pieces. A run that does not begin with its first or second number is believed
    to be one only on the word of the headers.
    """
    verdict = _disjoint_tensors(paths, tensor_names)
    if verdict is not None:
        return verdict
    *body, last = sizes
    largest, smallest = max(sizes), min(sizes)
    if first_index > 2 or largest - smallest <= _SAME_SIZE * largest:  # noqa: PLR2004 - see above
        return False
    return last <= max(body) and min(body) >= _LIKE_SHAPE * max(body)


def index_stem(name: str) -> str | None:
    """'model' for 'model.safetensors.index.json' (also with a variant), None for other names."""
    match = _INDEX_NAME.fullmatch(name)
    return match["stem"] if match else None


def read_shard_index(path: Path) -> ShardIndex:
    """Read a `*.index.json` (transformers and diffusers: `weight_map`, tensor name -> file name).

    Raises BrokenModelError when it is none, HeaderLimitError when it is too large, UnsafeNameError
    when a shard's name is not a plain file name, and SourceUnreadableError.
    """
    weight_map = read_json_object(path, MAX_INDEX_BYTES).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise BrokenModelError("has no 'weight_map' that names the shards", path=path)
    shards: set[str] = set()
    for shard in weight_map.values():
        if not isinstance(shard, str):
            raise BrokenModelError("names a shard by something else than text", path=path)
        shards.add(shard)
        if len(shards) > MAX_SHARDS:
            raise HeaderLimitError(f"names more than {MAX_SHARDS} shards", path=path)
    for shard in sorted(shards):
        if not is_plain_name(shard):
            raise UnsafeNameError(
                f"names a shard outside its folder: {display_text(shard)!r}",
                path=path,
                hint="The file was made by hand or to do harm: download it again.",
            )
    return ShardIndex(path.name, index_stem(path.name) or path.stem, tuple(sorted(shards)))


def is_plain_name(name: str) -> bool:
    """Whether a name from outside can only mean a file directly in its folder, on any system."""
    return (
        name.strip(" .") != ""
        and not re.search(r"[/\\\0]|^[A-Za-z]:", name)
        and not re.search(r"[\ud800-\udfff]", name)
    )


# --- inside --------------------------------------------------------------------------------------


def _shard_name(pattern: ShardPattern, match: re.Match[str]) -> ShardName | None:
    claimed = match.groupdict().get("total")
    total = int(claimed) if claimed else None
    limit = MAX_SHARDS if total is None else total
    if not 1 <= limit <= MAX_SHARDS or int(match["index"]) > limit:
        return None
    stem, extension = match["stem"], match["ext"]
    if not extension and pattern is ShardPattern.PART:
        stem, extension = _split_extension(stem)
    extension = extension[extension.rfind(".") :].lower() if extension else ""
    return ShardName(pattern, stem, match["head"], match["index"], match["tail"], total, extension)


def _sets_by_name(names: Iterable[str]) -> list[ShardSet]:
    by_key: dict[tuple[ShardPattern, str, str], list[tuple[str, ShardName]]] = {}
    for name in sorted(names):
        parsed = parse_shard_name(name)
        if parsed is not None and _may_hold_weights(parsed):
            by_key.setdefault(parsed.key, []).append((name, parsed))
    sets = [_assemble(found) for found in by_key.values()]
    return [s for s in sets if s.pattern is not ShardPattern.NUMBERED or _is_run(s)]


def _may_hold_weights(parsed: ShardName) -> bool:
    """'model.part1' may be anything, and a person who imports it means a model."""
    return weight_extension(f"x{parsed.extension}") is not None or parsed.extension == ""


def _merge(index: ShardIndex, sets: Sequence[ShardSet], present: Collection[str]) -> ShardSet:
    """One set of what an index names and of the sets that have a member in common with it.

    Numbers follow the sorted names, which for numbered names is their own order.
    """
    names = set(index.shards)
    for shard_set in sets:
        names.update(shard_set.members, shard_set.missing)
    ordered = sorted(names)
    return ShardSet(
        index.stem,
        {name: number for number, name in enumerate(ordered, 1) if name in present},
        len(ordered),
        tuple(name for name in ordered if name not in present),
        None,
        (*(name for s in sets for name in s.indexes), index.name),
    )


def _split_extension(stem: str) -> tuple[str, str]:
    """An ending that begins with a letter counts as extension: '.gguf', not the '.5' of 'v1.5'."""
    match = re.fullmatch(r"(?P<stem>.+)(?P<ext>\.[A-Za-z][A-Za-z0-9_]{1,15})", stem)
    return (match["stem"], match["ext"]) if match else (stem, "")


def _assemble(found: Sequence[tuple[str, ShardName]]) -> ShardSet:
    """`found`: file names and what they say, all of one key, sorted. A number that occurs twice
    (written in two widths) belongs to the first name."""
    first = found[0][1]
    by_index: dict[int, str] = {}
    for name, parsed in found:
        by_index.setdefault(parsed.index, name)
    total = first.total
    start = 0 if 0 in by_index and (total is None or total not in by_index) else 1
    end = max(by_index) if total is None else start + total - 1
    expected = range(start, end + 1)
    width = _width(found)
    return ShardSet(
        first.stem,
        {by_index[i]: i - start + 1 for i in expected if i in by_index},
        total,
        tuple(f"{first.head}{i:0{width}d}{first.tail}" for i in expected if i not in by_index),
        first.pattern,
    )


def _width(found: Sequence[tuple[str, ShardName]]) -> int:
    """Digits of a missing number's name: 1 (no padding) for part1 ... part10."""
    widths = {len(parsed.digits) for _, parsed in found}
    padded = any(parsed.digits.startswith("0") and parsed.digits != "0" for _, parsed in found)
    fixed = found[0][1].pattern is not ShardPattern.PART
    return max(widths) if padded or fixed else 1


def _is_run(shard_set: ShardSet) -> bool:
    return any(
        after == before + 1 for before, after in pairwise(sorted(shard_set.members.values()))
    )


def _disjoint_tensors(
    paths: Sequence[Path], tensor_names: Callable[[Path], frozenset[str] | None] | None
) -> bool | None:
    """Whether no two files share a tensor name; None when fewer than two can be compared."""
    if tensor_names is None:
        return None
    seen: set[str] = set()
    compared = 0
    for path in paths:
        names = tensor_names(path)
        if names:
            if not seen.isdisjoint(names):
                return False
            seen |= names
            compared += 1
    return True if compared > 1 else None
