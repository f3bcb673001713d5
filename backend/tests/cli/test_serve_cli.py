"""`serve` as a program starts it: the address it prints works, and a signal ends it in good order."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from model_library.api.server import DEFAULT_PORT, listen
from model_library.errors import AddressError


@contextmanager
def serving(library: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "model_library", "serve", "--library", str(library), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_address_works_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path / "library", "--json", "--port", "0") as process:
        told: dict[str, Any] = json.loads(line_of(process))
        assert told["opening_url"] == f"{told['url']}?token={told['token']}"
        with httpx2.Client(base_url=told["url"]) as browser:
            assert browser.get("/api/v1/status").status_code == 401
            assert browser.get(told["opening_url"]).status_code == 303
            assert browser.get("/api/v1/status").json()["library"] == str(tmp_path / "library")
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err) == (0, "", "")


def test_people_read_the_address_and_a_warning(tmp_path: Path) -> None:
    with serving(tmp_path / "library", "--port", "0", "--host", "0.0.0.0") as process:  # noqa: S104
        assert line_of(process).startswith("Serving ")
        assert line_of(process).startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        assert "0.0.0.0 can be reached from other machines" in err


def test_a_second_server_works_and_says_that_another_may_be_there(tmp_path: Path) -> None:
    with ExitStack() as cleanup:
        with suppress(AddressError):  # then somebody else has it
            cleanup.enter_context(listen("127.0.0.1", DEFAULT_PORT))
        processes = [cleanup.enter_context(serving(tmp_path / "library", "--json")) for _ in "12"]
        for process in processes:
            told = json.loads(line_of(process))
            with httpx2.Client(base_url=told["url"]) as browser:
                browser.get(told["opening_url"])
                assert browser.get("/api/v1/status").json()["library"] == told["library"]
        for process in processes:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=120)
            assert f"port {DEFAULT_PORT} is taken" in err


def test_a_port_that_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        with serving(tmp_path / "library", "--json", "--port", port) as process:
            out, err = process.communicate(timeout=120)
    assert process.returncode == 3
    assert json.loads(out)["error"]["code"] == "address-taken"
    assert "--port" in err


def test_without_a_port_a_free_one_does_when_the_usual_one_is_taken() -> None:
    with listen("127.0.0.1", None) as one, listen("127.0.0.1", None) as other:
        ports = {one.getsockname()[1], other.getsockname()[1]}
    assert len(ports) == 2
    assert DEFAULT_PORT in ports or not _free(DEFAULT_PORT)


def test_an_address_of_another_machine_cannot_be_listened_at() -> None:
    with pytest.raises(AddressError, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def _free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0
