"""What a page hears, also after a cut, and what it costs the server when a page does not listen."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from pathlib import Path

import httpx2
import pytest

from model_library import Library
from model_library.api.http import events as events_module
from model_library.api.http.events import EventLog
from model_library.api.server import Server
from model_library.events import Advanced, Notice, Planned
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import Placement
from tests.api.http.reading import Reader, listening
from tests.api.http.sides import ended
from tests.factory import lora


def drained(log: EventLog, last_id: str | None = None) -> Reader:
    """What a reader gets that comes when the log is about to be closed."""

    async def all_of_it() -> bytes:
        log.close()
        return b"".join([chunk async for chunk in log.stream(last_id)])

    reader = Reader()
    reader.read(iter(asyncio.run(all_of_it()).decode().splitlines()))
    return reader


def told_of(reader: Reader, area: str) -> bool:
    return any(area in data["areas"] for data in reader.named("changed"))


def test_a_reader_goes_on_after_what_it_heard_last() -> None:
    log = EventLog()
    for number in range(5):
        log.publish("job", {"number": number})
    start = log._start
    heard = drained(log, f"{start}-3")
    assert [(one.id, one.data["number"]) for one in heard.heard] == [
        (f"{start}-4", 3),
        (f"{start}-5", 4),
    ]


def test_a_reader_without_a_place_hears_only_what_is_new() -> None:
    log = EventLog()
    log.publish("job", {})
    assert drained(log).heard == []


@pytest.mark.parametrize("last_id", ["x", "x-1", "0-0", "{}-999", "{}-²", "{}-" + "9" * 5000, "-"])
def test_a_place_that_means_nothing_here_is_a_reset(last_id: str) -> None:
    log = EventLog()
    log.publish("job", {})
    heard = drained(log, last_id.replace("{}", log._start)).heard
    assert [one.event for one in heard] == ["reset"]


def test_who_missed_more_than_is_kept_is_told_to_begin_anew() -> None:
    log = EventLog(kept=3)
    for number in range(10):
        log.publish("job", {"number": number})
    heard = drained(log, f"{log._start}-2").heard
    assert [(one.event, one.id) for one in heard] == [("reset", f"{log._start}-10")]


def test_text_from_models_cannot_end_an_event() -> None:
    log = EventLog()
    first = f"{log._start}-0"
    log.hear(Notice("x", "a\n\nevent: job\ndata: {}\r\u2028\udce9", "h"))
    (heard,) = drained(log, first).heard
    assert heard.data["message"] == "a\n\nevent: job\ndata: {}\r\u2028\udce9"


def test_silence_is_broken_by_heartbeats(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr(events_module, "HEARTBEAT", 0.05)
    with listening(server) as reader:
        reader.wait(lambda: reader.comments.count(": heartbeat") > 2)


def test_a_change_is_heard_by_every_page(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    with listening(server) as one, listening(server) as other:
        (tmp_path / "drive").mkdir()
        client.post("/api/v1/roots", json={"path": str(tmp_path / "drive")})
        for reader in (one, other):
            reader.wait(partial(told_of, reader, "roots"))


def test_a_page_that_was_cut_off_misses_nothing(server: Server, client: httpx2.Client) -> None:
    with listening(server) as reader:
        client.post("/api/v1/scans", json={})
        reader.wait(lambda: reader.named("job"))
        last = reader.heard[0].id
    job = client.post("/api/v1/verifications", json={}).json()
    ended(client, job["job_id"])
    with listening(server, last) as again:
        again.wait(
            lambda: [
                d for d in again.named("job") if d["state"] == "done" and d["kind"] == "verify"
            ]
        )
    numbers = [int(one.id.partition("-")[2]) for one in again.heard]
    first = int(last.partition("-")[2]) + 1
    assert numbers == list(range(first, first + len(numbers)))


def test_what_another_process_changes_is_heard(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    client.get("/api/v1/status")
    with listening(server) as reader, Library.open(server.context.libraries.directory) as library:
        reader.wait(server.context.work.watching.is_set)
        library.import_models([lora(tmp_path / "in" / "a.safetensors")], offline=True)
        for area in ("models", "trash", "status"):
            reader.wait(partial(told_of, reader, area))
        assert not any(told_of(reader, area) for area in ("apps", "roots", "settings"))


def test_what_another_process_sets_up_is_heard(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    client.get("/api/v1/status")
    app = write_installation(tmp_path / "ComfyUI", "0.6.0")
    (tmp_path / "drive").mkdir()
    with listening(server) as reader, Library.open(server.context.libraries.directory) as library:
        library.import_models([lora(tmp_path / "in" / "a.safetensors")], offline=True)
        reader.wait(server.context.work.watching.is_set)
        app_id = library.app_add("comfyui", app, sync=False)["app"]["app_id"]
        reader.wait(partial(told_of, reader, "apps"))
        assert not told_of(reader, "links")
        assert library.link_sync(app_id)["made"]
        reader.wait(partial(told_of, reader, "links"))
        library.set_settings(place=Placement.MOVE)
        reader.wait(partial(told_of, reader, "settings"))
        library.add_root(tmp_path / "drive")
        reader.wait(partial(told_of, reader, "roots"))


def test_streams_end_when_the_server_does(server: Server) -> None:
    with listening(server) as reader:
        server.stop()
        server.context.events.publish("job", {})
        reader.wait(lambda: not server.started or server.should_exit)


def test_how_far_an_operation_is_belongs_to_the_thread_that_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two syncs at once; what a job tells in a thread of its own is none of theirs."""
    monkeypatch.setattr(events_module, "TELL_EVERY", 0.0)
    log = EventLog()
    log._told = 0.0

    def sync(app: str, links: int) -> None:
        with log.working("link_sync", app):
            log.hear(Planned("link", links, 0))
            log.hear(Advanced("link", 0, links - 1))

    for app, links in (("a", 4), ("b", 9)):
        thread = threading.Thread(target=sync, args=[app, links])
        thread.start()
        thread.join()
    log.hear(Planned("import", 100, 0))
    told = [data["running"] for data in drained(log, f"{log._start}-0").named("working")]
    seen = [[(one["app"], one["done"], one["total"]) for one in running] for running in told]
    assert seen == [
        [("a", 0, None)],
        [("a", 0, 4)],
        [("a", 3, 4)],
        [],
        [("b", 0, None)],
        [("b", 0, 9)],
        [("b", 8, 9)],
        [],
    ]
