"""What is set once, where a token comes from, and that it is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring
from typer.testing import CliRunner

from model_library import Library
from model_library.cli.main import app
from model_library.config import NetworkSettings, Settings
from model_library.errors import InvalidValueError, KeyringError, OfflineError
from model_library.events import Event, Notice
from model_library.taxonomy import Placement
from tests.factory import lora
from tests.keyrings import MemoryKeyring, PlainKeyring, used

TOKEN = "hf_never_shown"  # noqa: S105 # of no one


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    ring = MemoryKeyring()
    with used(ring):
        yield ring


@pytest.fixture
def library(
    tmp_path: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Library]:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("MODEL_LIBRARY_OFFLINE")
    with Library.open(tmp_path / "library") as library:
        yield library


def sent(library: Library) -> str | None:
    """The token that requests would carry."""
    return library._network_settings().token


def test_a_token_is_the_environments_then_the_keyrings_then_the_files(
    library: Library, ring: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (library.settings()["token"]["source"], sent(library)) == ("none", None)
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("hf_of_the_file")
    assert library.settings()["token"]["where"] == str(tmp_path / "hf" / "token")
    assert (library.settings()["token"]["source"], sent(library)) == ("file", "hf_of_the_file")
    kept = library.set_token(f" {TOKEN}\n")["token"]
    assert (kept["source"], kept["where"], kept["stored"]) == ("keyring", "Memory", True)
    assert sent(library) == TOKEN
    assert list(ring.kept.values()) == [TOKEN]
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_environment")
    named = library.settings()["token"]
    assert (named["source"], named["where"], named["stored"]) == ("environment", "HF_TOKEN", True)
    assert sent(library) == "hf_of_the_environment"
    monkeypatch.delenv("HF_TOKEN")
    assert (library.forget_token()["token"]["source"], ring.kept) == ("file", {})


def test_a_token_is_never_shown_nor_written_down(library: Library, tmp_path: Path) -> None:
    library.set_token(TOKEN)
    assert TOKEN not in json.dumps([library.settings(), library.status()])
    assert TOKEN not in repr(library._network_settings())
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("token", ["two words", "", "hf_ä"])
def test_what_cannot_be_a_token_is_refused(
    library: Library, ring: MemoryKeyring, token: str
) -> None:
    with pytest.raises(InvalidValueError) as refused:
        library.set_token(token)
    assert not token or token not in str(refused.value.to_json())
    assert ring.kept == {}


@pytest.mark.parametrize("backend", [NoKeyring(), PlainKeyring()])  # type: ignore[no-untyped-call]
def test_without_a_safe_keyring_nothing_is_kept(
    library: Library, backend: NoKeyring | PlainKeyring
) -> None:
    with used(backend):
        with pytest.raises(KeyringError) as refused:
            library.set_token(TOKEN)
        assert "HF_TOKEN" in refused.value.hint
        assert library.settings()["token"]["keyring"] is None
        assert library.forget_token()["token"]["stored"] is False


def test_a_locked_keyring_is_told_and_the_file_counts(
    tmp_path: Path, library: Library, ring: MemoryKeyring
) -> None:
    library.set_token(TOKEN)
    ring.locked = True
    told: list[Event] = []
    with Library.open(library.path, listener=told.append) as other:
        assert sent(other) is None
        other.settings()
    assert [event.code for event in told if isinstance(event, Notice)] == ["keyring"]
    with pytest.raises(KeyringError):
        library.set_token(TOKEN)
    with pytest.raises(KeyringError):
        library.forget_token()


def test_a_token_that_the_environment_spoils_is_named_without_being_shown(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "two words")
    token = library.settings()["token"]
    assert token["source"] == "none"
    assert "HF_TOKEN" in token["problem"]
    assert "two words" not in token["problem"]


def test_offline_holds_for_a_library_that_is_open_elsewhere(tmp_path: Path) -> None:
    network = NetworkSettings(endpoint="http://127.0.0.1:9", tries=1)
    place, settings = tmp_path / "library", Settings(network=network)
    with (
        Library.open(place, settings=settings) as one,
        Library.open(place, settings=settings) as other,
    ):
        assert not other.network_status()["offline"]
        assert one.set_settings(offline=True)["offline"]["on"]
        assert other.network_status()["offline"]
        with pytest.raises(OfflineError, match="switched off by the setting Work offline"):
            other.find("llama")
        assert not one.set_settings(offline=False)["offline"]["on"]


def test_the_variable_that_switches_the_network_off_goes_before_the_setting(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline = library.set_settings(offline=False)["offline"]
    assert (offline["on"], offline["stored"], offline["variable"]) == (
        True,
        False,
        "HF_HUB_OFFLINE",
    )


def test_imports_place_files_as_was_set_unless_something_else_is_said(
    library: Library, tmp_path: Path
) -> None:
    one = lora(tmp_path / "one.safetensors", seed=1)
    other = lora(tmp_path / "other.safetensors", seed=2)
    library.set_settings(place=Placement.MOVE)
    library.import_models([one], place=Placement.COPY, offline=True)
    library.import_models([other], offline=True)
    assert (one.exists(), other.exists()) == (True, False)


def test_the_command_line_sets_and_shows_the_same(library: Library) -> None:
    def run(*arguments: str, stdin: str = "") -> str:
        place = ["--library", str(library.path)]
        done = CliRunner().invoke(app, ["settings", *arguments, *place], input=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert json.loads(run("set", "--place", "move", "--json"))["place"] == "move"
    shown = run("token", stdin=f"{TOKEN}\n")
    assert "keyring (Memory)" in shown
    assert TOKEN not in shown
    assert "move" in run("show")
    assert json.loads(run("token", "--forget", "--json"))["token"]["stored"] is False
