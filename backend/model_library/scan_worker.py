"""A process of its own that reads models for a deep scan and makes pieces of the index of them.

    python -m model_library.scan_worker

It is given work on its input and answers on its output, one JSON value a line:

    <- ids of damaged models                          once
    <- Job                                            again and again, and after each of them:
    -> facets (field and value) that have no word yet
    <- their words
    -> Done                                           the piece is written

It ends when its input does, so that it never outlives the process that asked for long. What it cannot read
is left to that process, which then says what is the matter with it.
"""

from __future__ import annotations

import gc
import json
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

from model_library.errors import MetadataError
from model_library.library import Catalog
from model_library.roots import Root
from model_library.search.derive import Derived, derive
from model_library.search.facets import FacetCounter
from model_library.search.pieces import write_piece
from model_library.search.records import ROOT, STATE, IndexRecord
from model_library.search.tally import Tally
from model_library.search.writer import make_row
from model_library.taxonomy import RootMode

_COLLECT_EVERY: Final = 100_000
"""Objects. Nothing here makes cycles but errors; looking for them would be a tenth of the time."""

_Facet = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """Models to read. Each one's number is `first` and its place in `locations`, where None is nothing."""

    piece: str
    """Path of the file to write."""
    root: Root
    first: int
    locations: Sequence[str | None]

    @property
    def last(self) -> int:
        return self.first + len(self.locations) - 1

    def to_json(self) -> dict[str, Any]:
        paths = {"path": str(self.root.path), "directory": str(self.root.metadata_directory)}
        root = {"id": self.root.root_id, "mode": self.root.mode, "online": self.root.online} | paths
        return {
            "piece": self.piece,
            "root": root,
            "first": self.first,
            "locations": self.locations,
        }

    def without(self, places: Collection[int]) -> Job:
        """The same in another file, and some places stay empty."""
        kept = [None if n in places else one for n, one in enumerate(self.locations)]
        return replace(self, piece=f"{self.piece}-again", locations=kept)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Job:
        root = said["root"]
        place = Root(
            root_id=root["id"],
            mode=RootMode(root["mode"]),
            path=Path(root["path"]),
            online=root["online"],
            home=False,
            metadata_directory=Path(root["directory"]),
        )
        return cls(said["piece"], place, said["first"], said["locations"])


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: of each location the model's id and state, None where it cannot be read; and
    what is counted of the piece."""

    ids: Sequence[str | None]
    states: Sequence[str | None]
    tally: Tally
    facets: Mapping[str, int]
    """How many models have which facet word."""

    def to_json(self) -> dict[str, Any]:
        tally = {"models": self.tally.models, "size": self.tally.size, "sample": self.tally.sample}
        return {"ids": self.ids, "states": self.states, "tally": tally, "facets": self.facets}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Done:
        tally = said["tally"]
        counted = Tally(tally["models"], tally["size"], Counter(tally["sample"]))
        return cls(said["ids"], said["states"], counted, said["facets"])


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Do what is asked until nothing more comes."""
    damaged = frozenset(json.loads(asked.readline()))
    facets = FacetCounter()
    while line := asked.readline():
        job = Job.from_json(json.loads(line))
        found = _read_all(job, damaged)
        unknown = facets.unknown(_facets_of(found.values(), job.root))
        _say(answers, unknown)
        words = asked.readline()
        if not words:
            return
        facets.learn(unknown, json.loads(words))
        _say(answers, _write(job, found, facets).to_json())


def _read_all(job: Job, damaged: frozenset[str]) -> dict[int, tuple[IndexRecord, Derived]]:
    """What could be read, by its place in the job. All are read before the first is derived, see `make_rows`."""
    found: dict[int, IndexRecord] = {}
    for place, location in enumerate(job.locations):
        if location is None:
            continue
        with suppress(MetadataError):  # who asked reads it again, and reports it
            found[place] = Catalog.read_record(job.root, location, damaged)
    return {place: (record, derive(record)) for place, record in found.items()}


def _facets_of(found: Iterable[tuple[IndexRecord, Derived]], root: Root) -> Iterable[_Facet]:
    yield ROOT, root.root_id
    yield from dict.fromkeys([(STATE, record.state) for record, _ in found])
    for _, derived in found:
        yield from derived.facets


def _write(
    job: Job, found: Mapping[int, tuple[IndexRecord, Derived]], facets: FacetCounter
) -> Done:
    rows = [
        make_row(job.first + place, record, derived, facets)
        for place, (record, derived) in found.items()
    ]
    write_piece(Path(job.piece), rows)
    tally = Tally()
    tally.add(rows)
    records = [found[place][0] if place in found else None for place in range(len(job.locations))]
    return Done(
        ids=[None if record is None else record.model_id for record in records],
        states=[None if record is None else record.state for record in records],
        tally=tally,
        facets=facets.take_changes(),
    )


def _say(answers: IO[bytes], value: object) -> None:
    answers.write(json.dumps(value).encode() + b"\n")
    answers.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked is told too, and ends our input
    gc.set_threshold(_COLLECT_EVERY)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
