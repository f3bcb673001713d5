"""git is asked for nothing but a tag, never asks back, and a checkout is looked at without running it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from model_library.errors import (
    CancelledError,
    InstallError,
    InvalidValueError,
    SourceNotFoundError,
)
from model_library.events import Advanced, Event, Planned
from model_library.io.git import clone_tag, find_tag, parse_source, parse_tag, tags_at_head
from tests.repositories import comfyui_repository, commit, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return comfyui_repository(tmp_path / "upstream of mine")


def checked_out(checkout: Path, revision: str) -> Path:
    git(checkout, "checkout", "--quiet", revision)
    return checkout


# --- a checkout ----------------------------------------------------------------------------------


@pytest.mark.parametrize("annotated", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_the_tag_of_a_checkout_is_read_from_its_files(
    tmp_path: Path, annotated: bool, packed: bool
) -> None:
    checkout = comfyui_repository(tmp_path / "app", annotated=annotated)
    if packed:
        git(checkout, "pack-refs", "--all")
    assert tags_at_head(checkout) == ["v0.6.0"]
    assert tags_at_head(checked_out(checkout, "v0.5.0")) == ["v0.5.0"]
    assert tags_at_head(checked_out(checkout, "master")) == ["v0.6.0"]


def test_a_commit_after_a_tag_has_none(repository: Path) -> None:
    commit(repository, "later")
    assert tags_at_head(repository) == []


def test_a_commit_may_have_several_tags(repository: Path) -> None:
    git(repository, "tag", "release/stable")
    assert tags_at_head(repository) == ["release/stable", "v0.6.0"]


def test_a_worktree_is_a_checkout_too(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "older"), "v0.5.0")
    assert tags_at_head(tmp_path / "older") == ["v0.5.0"]


def test_what_is_no_repository_has_no_tags(tmp_path: Path) -> None:
    assert tags_at_head(tmp_path) == []
    assert tags_at_head(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("HEAD", b""),
        ("HEAD", b"ref: ../../secret\n"),
        ("HEAD", b"ref: refs/heads/\0\n"),
        ("HEAD", b"\xff" * 100),
        ("packed-refs", b"^\n \n\xff\xff nonsense"),
        ("refs/tags/v0.6.0", b"f" * 40),
        ("commondir", b"\0"),
    ],
)
def test_a_damaged_repository_is_no_error(repository: Path, name: str, content: bytes) -> None:
    (repository / ".git" / name).write_bytes(content)
    assert tags_at_head(repository) in ([], ["v0.6.0"])


def test_a_damaged_tag_object_is_no_error(tmp_path: Path) -> None:
    checkout = comfyui_repository(tmp_path / "app", annotated=True)
    object_id = (checkout / ".git" / "refs" / "tags" / "v0.6.0").read_text().strip()
    loose = checkout / ".git" / "objects" / object_id[:2] / object_id[2:]
    loose.chmod(0o644)
    loose.write_bytes(b"not zlib")
    assert tags_at_head(checkout) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_place_of_a_file_does_not_wait(repository: Path) -> None:
    (repository / ".git" / "HEAD").unlink()
    os.mkfifo(repository / ".git" / "HEAD")
    assert tags_at_head(repository) == []


def test_looking_runs_no_program_that_the_repository_names(
    repository: Path, tmp_path: Path
) -> None:
    for setting in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"):
        git(repository, "config", setting, f"touch '{tmp_path / 'ran'}'")
    assert tags_at_head(repository) == ["v0.6.0"]
    assert not (tmp_path / "ran").exists()


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["v0.6.0", "0.6.0", "b4567", "1.0+cu121", "v1_0-rc1"])
def test_a_version_is_a_tag_and_a_directory_name(name: str) -> None:
    assert parse_tag(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "-v1", "--upload-pack=x", "..", "a..b", "a/b", "a b", "v1.", "v1.lock", "ü", "v1\n", "."],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_tag(name)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/ComfyUI.git",
        "ssh://git@example.org:22/ComfyUI",
        "git@example.org:me/ComfyUI.git",
        "file:///srv/ComfyUI",
    ],
)
def test_a_url_is_taken_as_it_is(url: str) -> None:
    assert parse_source(url) == url


def test_a_repository_becomes_a_url_and_a_bundle_stays_a_path(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parse_source(str(repository)) == repository.as_uri()
    (tmp_path / "x.bundle").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_source("x.bundle") == str(tmp_path / "x.bundle")
    assert parse_source("upstream of mine") == repository.as_uri()


@pytest.mark.parametrize(
    "text",
    ["", "--upload-pack=touch x", "-x", "ext::sh -c touch% x", "fd::17", "a\nb", "https://x\0y"],
)
def test_options_and_commands_are_no_source(text: str) -> None:
    with pytest.raises(InvalidValueError, match="no place to clone from"):
        parse_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "nowhere",
        "/nowhere/at/all",
        "ftp://x/y",
        "ssh://-oProxyCommand=x/y",
        "h:-x",
        "ssh://x@[abc]/y",
    ],
)
def test_what_is_neither_there_nor_a_url_is_said(text: str) -> None:
    with pytest.raises(SourceNotFoundError):
        parse_source(text)


# --- a clone -------------------------------------------------------------------------------------


def test_a_tag_is_found_with_and_without_its_v(repository: Path) -> None:
    git(repository, "tag", "1.0")
    source = parse_source(str(repository))
    assert find_tag(source, "v0.6.0") == "v0.6.0"
    assert find_tag(source, "0.5.0") == "v0.5.0"
    assert find_tag(source, "v1.0") == "1.0"


def test_a_version_that_is_not_there_is_answered_with_those_that_are(repository: Path) -> None:
    for tag in ("v0.9.0", "v0.10.0", "v0.2.0", "v0.1.0"):
        git(repository, "tag", tag)
    with pytest.raises(InstallError) as caught:
        find_tag(parse_source(str(repository)), "7")
    assert "the last ones: v0.2.0, v0.5.0, v0.6.0, v0.9.0, v0.10.0" in caught.value.hint


def test_a_branch_of_the_same_name_is_not_mistaken_for_the_tag(repository: Path) -> None:
    git(repository, "branch", "v0.6.0")
    with pytest.raises(InstallError, match="a branch and a tag"):
        find_tag(parse_source(str(repository)), "0.6.0")


@pytest.mark.parametrize("annotated", [False, True])
def test_a_clone_holds_the_tag_without_its_history(tmp_path: Path, annotated: bool) -> None:
    source = parse_source(str(comfyui_repository(tmp_path / "a b", annotated=annotated)))
    clone_tag(source, "v0.5.0", tmp_path / "clone")
    assert "0.5.0" in (tmp_path / "clone" / "comfyui_version.py").read_text()
    assert git(tmp_path / "clone", "rev-list", "--count", "HEAD") == "1"


def test_a_clone_runs_no_hook_of_the_users_templates(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "templates" / "hooks" / "post-checkout"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'ran'}'\n")
    hook.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[init]\n\ttemplateDir = {tmp_path / 'templates'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    clone_tag(parse_source(str(repository)), "v0.6.0", tmp_path / "clone")
    assert not (tmp_path / "ran").exists()


def test_the_repository_of_a_hook_that_calls_us_is_not_meant(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    clone_tag(parse_source(str(repository)), "v0.6.0", tmp_path / "clone")
    assert tags_at_head(tmp_path / "clone") == ["v0.6.0"]


def test_an_error_of_git_is_said_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InstallError, match="does not appear to be a git repository"):
        find_tag(parse_source(str(tmp_path / "empty")), "v1")


def test_a_password_is_never_shown() -> None:
    with pytest.raises(InstallError) as caught:
        find_tag("https://me:secret@localhost:1/x", "v1")
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value.path}"
    assert caught.value.path == "https://localhost:1/x"


def test_a_missing_git_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InstallError, match="git is not installed"):
        find_tag(parse_source(str(repository)), "v0.6.0")


# --- how far a clone is ----------------------------------------------------------------------------


def test_a_clone_tells_how_many_objects_have_arrived(repository: Path, tmp_path: Path) -> None:
    heard: list[Event] = []
    clone_tag(parse_source(str(repository)), "v0.6.0", tmp_path / "clone", heard.append)
    plans = [event for event in heard if isinstance(event, Planned)]
    assert plans[0].stage == "objects"
    arrived = sum(
        one.models for one in heard if isinstance(one, Advanced) and one.stage == "objects"
    )
    assert arrived == plans[0].models > 0


SILENT_GIT = """#!/bin/sh
case "$*" in *" clone "*) ;; *) exec {git} "$@" ;; esac
echo $$ > {pid}
exec sleep 600
"""


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for git")
def test_a_clone_that_hangs_can_be_cancelled(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git says nothing, and is asked all the same whether it is still wanted."""
    silent, pid = tmp_path / "bin" / "git", tmp_path / "pid"
    silent.parent.mkdir()
    silent.write_text(SILENT_GIT.format(git=shutil.which("git"), pid=pid))
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", f"{silent.parent}:{os.environ['PATH']}")

    def stop(event: Event) -> None:
        if pid.exists() and pid.read_text():
            raise CancelledError("The install was stopped")

    with pytest.raises(CancelledError):
        clone_tag(parse_source(str(repository)), "v0.6.0", tmp_path / "clone", stop)
    with pytest.raises(ProcessLookupError):  # clone_tag has waited for its end
        os.kill(int(pid.read_text()), 0)
