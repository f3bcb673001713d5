"""What the last command learned about hosts, and a file that may be anything."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_library.network.headers import RateLimit
from model_library.network.hosts import MAX_HOSTS, WRITE_INTERVAL, HostBook, believable
from model_library.network.state import FILE_NAME, HostRecord, StateFile
from model_library.network.status import Quota, Served
from tests.network.servers import FakeTime

HOST = "https://hub.example"
RECORD = HostRecord(HOST, 3, 1e9, "HTTP 503", 1e9, 1e9 - 5, (Quota("api", 7, 500, 1e9 + 60, 300),))


def book(time: FakeTime, directory: Path) -> HostBook:
    return HostBook(StateFile(directory), open_for=60, clock=time.clock, wall=time.wall)


def test_what_is_saved_is_read_back_and_other_hosts_stay(tmp_path: Path) -> None:
    other = HostRecord("https://other.example", last_answer=5.0)
    StateFile(tmp_path).save([RECORD])
    StateFile(tmp_path).save([other])
    assert StateFile(tmp_path).load() == {HOST: RECORD, other.origin: other}


def test_nothing_is_made_by_reading(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "cache").load() == {}
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=300), st.booleans())
def test_a_damaged_file_is_made_anew(tmp_path: Path, noise: bytes, inside: bool) -> None:
    path = tmp_path / FILE_NAME
    path.unlink(missing_ok=True)
    if inside:  # the beginning is right, the rest is not
        StateFile(tmp_path).save([RECORD])
        whole = path.read_bytes()
        path.write_bytes(whole[:4200] + noise + whole[4200 + len(noise) :])
    else:
        path.write_bytes(b"no database " + noise)
    StateFile(tmp_path).load()
    StateFile(tmp_path).save([RECORD])
    assert StateFile(tmp_path).load().get(HOST, RECORD) == RECORD


def test_a_file_of_another_version_is_made_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert StateFile(tmp_path).load() == {}
    StateFile(tmp_path).save([RECORD])
    assert StateFile(tmp_path).load() == {HOST: RECORD}


def test_rows_with_odd_values_do_no_harm(tmp_path: Path) -> None:
    StateFile(tmp_path).save([RECORD])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(
            "UPDATE hosts SET failures = 'x', opened_at = 'now', last_answer = x'00'"
        )
        connection.execute("UPDATE quotas SET resets_at = 9e999")
    connection.close()
    kept = StateFile(tmp_path).load()[HOST]
    assert (kept.failures, kept.opened_at, kept.last_answer, kept.quotas) == (0, None, None, ())


def test_while_another_process_writes_nothing_waits(tmp_path: Path) -> None:
    StateFile(tmp_path).save([RECORD])
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    StateFile(tmp_path).save([HostRecord(HOST)])
    assert StateFile(tmp_path).load() == {}
    other.close()
    assert StateFile(tmp_path).load() == {HOST: RECORD}


@pytest.mark.parametrize("obstacle", ["file", "directory"])
def test_where_nothing_can_be_written_it_stays_in_memory(tmp_path: Path, obstacle: str) -> None:
    where = tmp_path / "cache"
    if obstacle == "file":
        where.write_text("not a directory")
    else:
        (where / FILE_NAME).mkdir(parents=True)
    hosts = book(FakeTime(), where)
    hosts.circuit(HOST, failures=3, opened_at=1.0)
    hosts.write()
    assert hosts.record(HOST).failures == 3
    assert StateFile(where).load() == {}


def test_answers_are_written_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    time = FakeTime()
    hosts = book(time, tmp_path)
    for remaining in (9, 8, 7):
        hosts.answered(HOST, [RateLimit("api", remaining, 60, 500, 300)])
    assert StateFile(tmp_path).load() == {}
    time.passes(WRITE_INTERVAL)
    hosts.answered(HOST, [RateLimit("api", 6, 60, 500, 300)])
    [quota] = StateFile(tmp_path).load()[HOST].quotas
    assert (quota.remaining, quota.resets_at) == (6, time.epoch + 60)
    hosts.failed(HOST, "no answer came in time")
    hosts.write()
    kept = StateFile(tmp_path).load()[HOST]
    assert (kept.last_error, kept.last_error_at) == ("no answer came in time", time.epoch)


def test_where_an_answer_came_from_is_known(tmp_path: Path) -> None:
    hosts = book(FakeTime(), tmp_path)
    assert hosts.served(HOST) is Served.NONE
    hosts.served_from_cache(HOST)
    assert hosts.served(HOST) is Served.CACHE
    hosts.answered(HOST, [])
    assert hosts.served(HOST) is Served.LIVE


def test_the_host_asked_longest_ago_is_forgotten(tmp_path: Path) -> None:
    hosts = book(FakeTime(), tmp_path)
    for number in range(MAX_HOSTS + 1):
        hosts.answered(f"https://{number}.example", [])
        hosts.answered(HOST, [])
    assert len(hosts.origins()) == MAX_HOSTS
    assert HOST in hosts.origins()
    assert "https://0.example" not in hosts.origins()


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_times_that_cannot_be_are_none(opened: float, answer: float, resets: float) -> None:
    record = HostRecord(HOST, 3, opened, None, None, answer, (Quota("api", 0, None, resets),))
    kept = believable(record, 0.0, 60.0)
    assert kept.opened_at is None or -60 < kept.opened_at <= 0
    assert kept.failures == (0 if kept.opened_at is None else 3)
    assert kept.last_answer is None or kept.last_answer <= 0
    assert all(0 < one.resets_at <= 3600 for one in kept.quotas)


_CHILD = """
import sys
from pathlib import Path
from model_library.network.state import HostRecord, StateFile
file = StateFile(Path(sys.argv[1]))
for number in range(50):
    file.save([HostRecord(f"https://{sys.argv[2]}.example", failures=number)])
"""


def test_two_processes_share_the_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    children = [subprocess.Popen([*command, name]) for name in ("one", "two")]
    assert [child.wait(60) for child in children] == [0, 0]
    StateFile(tmp_path).save([RECORD])
    kept = StateFile(tmp_path).load()
    assert HOST in kept
    assert kept.keys() <= {HOST, "https://one.example", "https://two.example"}
    assert sqlite3_says_it_is_whole(tmp_path / FILE_NAME)


def sqlite3_says_it_is_whole(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        connection.close()
