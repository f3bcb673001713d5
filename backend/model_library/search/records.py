"""The values that go into the index and come out of it, and the names inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

NAME, START, EXACT, TAG, BODY = "=", "^", "~", "#", "+"
MARKERS = NAME + START + EXACT + TAG + BODY
"""What stands before a word in the full-text index and says where it is from; see `derive`."""

TIER, MATCH, ROOT, STATE = "tier", "match", "root", "state"
"""Facets whose values are not fields of the document, or not by that name."""
PENDING = "pending"
"""Value of MATCH for a model that no provider has been asked about."""

MAX_INTEGER = 2**63 - 1  # of SQLite


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """One model as it is given to the index and comes back from it."""

    model_id: str
    root_id: str
    """UUID of the root that holds the model."""
    location: str
    """Directory of metadata.json, relative to its root, with '/'."""
    metadata_mtime_ns: int
    """Of metadata.json, to see whether it changed."""
    metadata_size: int
    document: str
    """The JSON text of metadata.json."""
    state: str
    """A `taxonomy.ModelState`: what the last scan found."""
    parsed: Mapping[str, object] | None = field(default=None, compare=False, repr=False)
    """The document as an object, from who has parsed it anyway: a third of the work of putting it."""


class IndexEntry(NamedTuple):
    """What a quick scan compares with the disk."""

    model_id: str
    root_id: str
    location: str
    metadata_mtime_ns: int
    metadata_size: int
    state: str
    held: str
    """The files that belong to it, as JSON: the directory in the root when it is referenced, whether
    some are known to be missing, and path, size and role of each."""

    def is_of(self, record: IndexRecord) -> bool:
        """Whether the record is what this entry says, as far as it says it."""
        place = (record.model_id, record.root_id, record.location)
        return self[:6] == (*place, record.metadata_mtime_ns, record.metadata_size, record.state)


class IndexedFile(NamedTuple):
    """One file of a model. `path` is relative to `location`; a hash is None where none is known."""

    model_id: str
    root_id: str
    location: str
    path: str
    size: int
    sha256: str | None
    blake3: str | None


def record_checksum(record: IndexRecord, document: bytes) -> int:
    """CRC-32 of all of a record that only a new record changes."""
    numbers = f"{record.metadata_mtime_ns} {record.metadata_size}"
    rest = f"{record.model_id}\0{record.root_id}\0{record.location}\0{numbers}"
    return crc32(document, crc32(encoded(rest)))


def encoded(text: str) -> bytes:
    """Text of documents and paths, which may hold halves of surrogate pairs, as bytes."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
