"""The states of a job: whatever is asked for in whatever order, the rows and a simple model of them agree."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from model_library.errors import CancelledError, JobStateError
from model_library.jobs import Jobs
from model_library.registry import Registry
from model_library.running_job import RunningJob
from model_library.taxonomy import JobKind, JobRequest, JobState

Q, R, P, I = JobState.QUEUED, JobState.RUNNING, JobState.PAUSED, JobState.INTERRUPTED  # noqa: E741
D, F, C = JobState.DONE, JobState.FAILED, JobState.CANCELLED
IDLE = {
    "pause": {Q: P, P: P},
    "resume": {Q: Q, P: Q, I: Q, F: Q},
    "cancel": {Q: C, P: C, I: C, F: C, C: C},
}
"""What a request makes of a job that nobody works on."""


class Lifetimes(RuleBasedStateMachine):
    """Jobs of one library that are queued, taken, asked, ended, and whose process dies."""

    jobs_made = Bundle("jobs_made")
    taken = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.cleanup = ExitStack()
        place = Path(self.cleanup.enter_context(tempfile.TemporaryDirectory()))
        self.registry = Registry.open(place / "registry.db", 5)
        self.cleanup.callback(self.registry.close)
        self.jobs = Jobs(self.registry, place / "locks")
        self.states: dict[str, JobState] = {}
        self.priorities: dict[str, int] = {}
        self.requests: dict[str, JobRequest | None] = {}
        self.owned: set[str] = set()

    def teardown(self) -> None:
        self.cleanup.close()

    def begins(self, job_id: str) -> None:
        self.states[job_id] = R
        self.owned.add(job_id)
        self.requests[job_id] = None

    def ends(self, job_id: str, state: JobState) -> None:
        self.states[job_id] = state
        self.owned.discard(job_id)
        self.requests[job_id] = None

    @rule(target=jobs_made, priority=st.integers(-2, 2))
    def submit(self, priority: int) -> str:
        number = len(self.states)
        job = self.jobs.submit(JobKind.IMPORT, "job", {"number": number}, priority=priority)
        self.states[job.job_id] = Q
        self.priorities[job.job_id] = priority
        self.requests[job.job_id] = None
        return job.job_id

    @rule(target=taken, job_id=jobs_made)
    def claim(self, job_id: str) -> RunningJob | None:
        if job_id in self.owned or self.states[job_id] not in (Q, I):
            with pytest.raises(JobStateError):
                self.jobs.claim(job_id)
            return None
        job = self.jobs.claim(job_id)
        self.begins(job_id)
        return job

    @rule(target=taken)
    def claim_next(self) -> RunningJob | None:
        waiting = [job_id for job_id, state in self.states.items() if state is Q]
        expected = min(waiting, key=lambda one: -self.priorities[one], default=None)
        job = self.jobs.claim()
        assert (None if job is None else job.job_id) == expected
        if job is not None:
            self.begins(job.job_id)
        return job

    @rule(job_id=jobs_made, request=st.sampled_from(JobRequest))
    def ask(self, job_id: str, request: JobRequest) -> None:
        ask = getattr(self.jobs, request.value)
        if job_id in self.owned:
            if request is JobRequest.CANCEL:
                self.requests[job_id] = request
            elif self.requests[job_id] is JobRequest.CANCEL:
                with pytest.raises(JobStateError):
                    ask(job_id)
                return
            else:  # it is running, and no owner looks at the requests here
                self.requests[job_id] = request if request is JobRequest.PAUSE else None
            ask(job_id)
            return
        after = IDLE[request.value].get(self.states[job_id])
        if after is None:
            with pytest.raises(JobStateError):
                ask(job_id)
            return
        ask(job_id)
        self.states[job_id] = after

    @rule(job=consumes(taken), how=st.sampled_from([D, F, I]))
    def end(self, job: RunningJob | None, how: JobState) -> None:
        if job is None or job.job_id not in self.owned:
            return
        raised = {D: None, F: JobStateError("no"), I: CancelledError("stop")}[how]
        job.__exit__(None if raised is None else type(raised), raised, None)
        self.ends(job.job_id, how)

    @rule(job=consumes(taken))
    def die(self, job: RunningJob | None) -> None:
        """The system frees the lock of a process that died, and nothing else happens."""
        if job is None or job.job_id not in self.owned:
            return
        lock = cast("partial[None]", job._ended).args[1]  # it is nowhere else
        lock.release(force=True)
        self.ends(job.job_id, I)

    @rule(keep=st.integers(0, 2))
    def forget(self, keep: int) -> None:
        over = [job_id for job_id, state in self.states.items() if state in (D, F, C)]
        gone = over[: max(len(over) - keep, 0)]
        assert self.jobs.forget_finished(keep) == len(gone)
        # forgotten ids stay in the bundle: they are put back, so that every rule finds what it asks for
        for job_id in gone:
            number = list(self.states).index(job_id)
            with self.registry.transaction() as connection:
                connection.execute(
                    "INSERT INTO jobs (number, job_id, kind, title, state, priority, parameters)"
                    " VALUES (?, ?, 'import', 'job', ?, ?, ?)",
                    (
                        number + 1,
                        job_id,
                        self.states[job_id],
                        self.priorities[job_id],
                        f'{{"number": {number}}}',
                    ),
                )

    @invariant()
    def rows_and_model_agree(self) -> None:
        seen = self.jobs.list()
        assert {job.job_id: job.state for job in seen} == self.states
        assert {job.job_id: job.request for job in seen} == self.requests
        assert {job.job_id for job in seen if job.owner is not None} == self.owned


Lifetimes.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestLifetimes = Lifetimes.TestCase
