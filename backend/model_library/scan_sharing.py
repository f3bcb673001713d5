"""A deep scan that several processes do together: they read, this one decides and puts together.

What is decided does not depend on who was faster: jobs are taken in the order of the directories, and a
model's number in the index is its place in that order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Final

from model_library.errors import ParallelScanError
from model_library.roots import Root
from model_library.scan_pool import MOST_PROCESSES, ScanPool
from model_library.scan_worker import Done, Job
from model_library.search.build import rebuild_from_pieces
from model_library.search.pieces import ROWS_A_PIECE, Assembly
from model_library.search.records import IndexRecord

_JOBS_A_PROCESS: Final = 2
"""So that a process finds the next one when it is done with one."""


@dataclass(slots=True)
class SharedScan:
    """One scan; it is run once."""

    accepts: Callable[[str, Root, str, str], bool]
    """Whether the model with this id, root, location and state belongs into the index; asked in order."""
    read_here: Callable[[Root, str], IndexRecord | None]
    """Reads what another process could not, and reports why."""
    told: Callable[[int], None]
    """Is told how many models more have been looked at; may raise to end the scan."""
    all_read: Callable[[], None]
    """Is called when everything has been read; may raise as well."""
    _kept: frozenset[str] = frozenset()
    _late: list[tuple[int, IndexRecord]] = field(default_factory=list)
    """Records under their numbers that could be read here, after all."""

    def run(
        self,
        index: Path,
        kept: Sequence[IndexRecord],
        locations: Iterable[tuple[Root, str]],
        damaged: Collection[str],
        processes: int,
    ) -> int:
        """Build the index of the models at these locations and the records that are kept as they are;
        returns how many there are. Raises ParallelScanError, with nothing changed."""
        self._kept = frozenset(record.model_id for record in kept)
        count = min(processes, MOST_PROCESSES)
        # The processes end first: then nobody waits for an answer any more.
        with ThreadPoolExecutor(count) as talking, ScanPool(count, damaged) as pool:

            def fill(assembly: Assembly) -> None:
                assembly.add_records(enumerate(kept, start=1))
                jobs = _jobs(locations, len(kept) + 1, assembly)
                self._share_out(jobs, assembly, pool, talking, count * _JOBS_A_PROCESS)
                pool.no_more()
                self.all_read()
                assembly.add_records(self._late)

            return rebuild_from_pieces(index, fill)

    def _share_out(
        self,
        jobs: Iterator[Job],
        assembly: Assembly,
        pool: ScanPool,
        talking: ThreadPoolExecutor,
        ahead: int,
    ) -> None:
        def run(job: Job) -> Done:
            return pool.run(job, partial(assembly.words_for, turn=job.first))

        pending: deque[tuple[Job, Future[Done]]] = deque()

        def take_oldest() -> None:
            job, future = pending.popleft()
            job, done = self._decided(job, future.result(), run)
            assembly.add(Path(job.piece), done.tally, done.facets, job.last)
            self.told(len(job.locations))

        for job in jobs:
            pending.append((job, talking.submit(run, job)))
            if len(pending) > ahead:
                take_oldest()
        while pending:
            take_oldest()

    def _decided(self, job: Job, done: Done, run: Callable[[Job], Done]) -> tuple[Job, Done]:
        """The same, or done again without the models that do not belong into the index."""
        unread, unwanted = set(), set()
        for place, location in enumerate(job.locations):
            model_id, state = done.ids[place], done.states[place]
            if location is None:
                continue
            if model_id is None or state is None:
                unread.add(place)
                self._read_late(job, place, location)
            elif not self._takes(model_id, job.root, location, state):
                unwanted.add(place)
        if not unwanted:
            return job, done
        again = job.without(unread | unwanted)
        redone = run(again)
        if redone.ids != [None if n in unwanted else known for n, known in enumerate(done.ids)]:
            raise ParallelScanError("Models changed while they were read", path=job.root.path)
        return again, redone

    def _read_late(self, job: Job, place: int, location: str) -> None:
        record = self.read_here(job.root, location)
        if record and self._takes(record.model_id, job.root, location, record.state):
            self._late.append((job.first + place, record))

    def _takes(self, model_id: str, root: Root, location: str, state: str) -> bool:
        return self.accepts(model_id, root, location, state) and model_id not in self._kept


def _jobs(locations: Iterable[tuple[Root, str]], first: int, assembly: Assembly) -> Iterator[Job]:
    for _, of_root in groupby(locations, key=lambda place: place[0].root_id):
        while some := list(islice(of_root, ROWS_A_PIECE)):
            piece = assembly.piece_path(f"{first}.db")
            yield Job(str(piece), some[0][0], first, [location for _, location in some])
            first += len(some)
