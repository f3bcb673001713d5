"""git repositories: which tag is checked out, and a clone of one tag.

Looking at a checkout reads files below its `.git` and runs nothing, because the settings of a repository
can name programs to run. A clone runs `git` without prompts and without hooks, from transports that only
carry data.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Final
from urllib.parse import urlsplit

from model_library.errors import InstallError, InvalidValueError, SourceNotFoundError
from model_library.events import Advanced, Listener, Planned, ignore

TRANSPORTS: Final = ("file", "git", "http", "https", "ssh")
"""Transports that only carry data. `ext::` and other helpers run the command that an address names."""

_TAG_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", re.ASCII)
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://[^-/\s][^\s]*|file:///[^\s]+")
_SCP: Final = re.compile(r"(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*:[^:\s-][^\s]*")
_HELPER: Final = re.compile(r"[A-Za-z0-9+.-]+::")
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PEELED: Final = re.compile(rb"tag \d+\0object ([0-9a-f]{40,64})\n")
_PASSWORD: Final = re.compile(r"(?<=://)[^/@\s]+@")

_SMALL: Final = 4 * 1024
"""Bytes of HEAD, of a ref and of the beginning of an object."""
_PACKED_REFS: Final = 64 * 1024 * 1024
"""Bytes: some 800,000 refs."""
_LOOK_TIMEOUT: Final = 120.0
"""Seconds to wait for the list of tags: one answer of a server."""
_SHOWN_TAGS: Final = 5
_STAGES: Final = {
    b"Receiving objects": "objects",
    b"Resolving deltas": "deltas",
    b"Updating files": "files",
}
"""What git counts while it clones, and the stages of our events."""
_COUNTED: Final = re.compile(rb"([A-Z][a-z]+ [a-z]+): +\d+% \((\d+)/(\d+)\)")
_SILENCE: Final = 0.3
"""Seconds without a word of git after which whoever listens is asked whether it is still wanted."""
_KEPT_WORDS: Final = 64 * 1024
"""Bytes of what git said last, for its error."""

_SETTINGS: Final = (
    "advice.detachedHead=false",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "http.lowSpeedLimit=1000",  # bytes a second; a connection that stays below it ...
    "http.lowSpeedTime=60",  # ... for so many seconds is given up
)
_LOCAL_VARIABLES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")
"""What a hook or an alias that calls us has set for its own repository."""


# --- a checkout ----------------------------------------------------------------------------------


def tags_at_head(checkout: Path) -> list[str]:
    """The tags of the commit that is checked out, sorted; none where there is no repository.

    Source: gitrepository-layout(5). An annotated tag that lies inside a pack and nowhere in
    `packed-refs` cannot be told and is not given.
    """
    directory = _git_directory(checkout)
    if directory is None:
        return []
    common = _common_directory(directory)
    packed = _packed_refs(common)
    commit = _commit(directory, common, packed)
    if commit is None:
        return []
    tags = {name for name, object_id in packed.items() if object_id == commit}
    tags |= {name for name, object_id in _loose_tags(common) if object_id == commit}
    return sorted(name.removeprefix("refs/tags/") for name in tags if name.startswith("refs/tags/"))


def _git_directory(checkout: Path) -> Path | None:
    """`.git` itself or, of a worktree, the directory that its `.git` file names."""
    path = checkout / ".git"
    if path.is_dir():
        return path
    text = _text(path)
    if text is None or not text.startswith("gitdir: "):
        return None
    directory = checkout / text.removeprefix("gitdir: ").strip()
    return directory if directory.is_dir() else None


def _common_directory(directory: Path) -> Path:
    text = _text(directory / "commondir")
    return directory if text is None else directory / text.strip()


def _packed_refs(common: Path) -> dict[str, str]:
    """Every packed ref and its commit: for an annotated tag the line `^<commit>` that follows it."""
    refs: dict[str, str] = {}
    last = ""
    for line in (_text(common / "packed-refs", _PACKED_REFS) or "").splitlines():
        if line.startswith("^"):
            refs[last] = line[1:].strip()
        elif not line.startswith("#"):
            object_id, _, last = line.partition(" ")
            refs[last] = object_id
    return refs


def _commit(directory: Path, common: Path, packed: dict[str, str]) -> str | None:
    head = (_text(directory / "HEAD") or "").strip()
    if head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        if ".." in name or not name.startswith("refs/"):
            return None
        head = (_text(common / name) or packed.get(name, "")).strip()
    return head if _OBJECT_ID.fullmatch(head) else None


def _loose_tags(common: Path) -> Iterator[tuple[str, str]]:
    for directory, _, names in os.walk(common / "refs" / "tags"):
        for name in names:
            path = Path(directory, name)
            object_id = (_text(path) or "").strip()
            if _OBJECT_ID.fullmatch(object_id):
                yield path.relative_to(common).as_posix(), _peeled(common, object_id)


def _peeled(common: Path, object_id: str) -> str:
    """The commit that an annotated tag is for, when its object lies loose; else the id itself."""
    data = _bytes(common / "objects" / object_id[:2] / object_id[2:], _SMALL)
    try:
        tag = _PEELED.match(zlib.decompressobj().decompress(data or b"", _SMALL))
    except zlib.error:
        return object_id
    return object_id if tag is None else tag[1].decode()


def _text(path: Path, limit: int = _SMALL) -> str | None:
    data = _bytes(path, limit)
    return None if data is None else data.decode(errors="replace")


def _bytes(path: Path, limit: int) -> bytes | None:
    """The beginning of a regular file; None for whatever cannot be read as one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):  # ValueError: a NUL in a name that a file gave
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        return os.read(descriptor, min(limit, status.st_size))
    except OSError:
        return None
    finally:
        os.close(descriptor)


# --- a clone -------------------------------------------------------------------------------------


def parse_tag(text: str) -> str:
    """A tag name that is also the name of a directory. Raises InvalidValueError."""
    if _TAG_NAME.fullmatch(text) is None or text.endswith((".", ".lock")) or ".." in text:
        raise InvalidValueError(
            f"{text!r} is no name of a version",
            hint="Letters, digits and . _ + - , beginning with a letter or digit: v0.6.0",
        )
    return text


def _scheme(url: str) -> str | None:
    try:
        return urlsplit(url).scheme
    except ValueError:  # what stands in brackets is no address
        return None


def parse_source(text: str) -> str:
    """A place to clone from: a git URL, or the path of a repository, which becomes one.

    Raises InvalidValueError for what git would take as an option or as a command to run,
    SourceNotFoundError for a path where nothing is.
    """
    if not text or not text.isprintable() or text.startswith("-") or _HELPER.match(text):
        raise InvalidValueError(
            f"{_without_password(text)!r} is no place to clone from",
            hint=f"Give the path of a repository or a URL ({', '.join(TRANSPORTS)}).",
        )
    path = Path(text)
    if os.path.lexists(path):
        return path.resolve().as_uri() if path.is_dir() else str(path.absolute())
    url = _URL.fullmatch(text)
    if url is not None and _scheme(text) in TRANSPORTS:
        return text
    if url is None and _SCP.fullmatch(text) and "://" not in text:
        return text
    raise SourceNotFoundError(
        "There is no such repository, and this is no URL that git is asked for",
        path=_without_password(text),
        hint=f"Give the path of a repository or a URL ({', '.join(TRANSPORTS)}).",
    )


def find_tag(source: str, version: str) -> str:
    """The tag of a version: the very name, or the one that has a `v` more or less.

    Raises InstallError when the source has none, or a branch of that name too, which git would prefer.
    """
    listing = _run("ls-remote", "--heads", "--tags", "--refs", "--", source, timeout=_LOOK_TIMEOUT)
    refs = [line.partition("\t")[2] for line in listing.splitlines()]
    tags = {ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/")}
    for name in (version, f"v{version}", version.removeprefix("v")):
        if name not in tags:
            continue
        if f"refs/heads/{name}" in refs:
            raise InstallError(
                f"The source has a branch and a tag named {name}",
                path=_without_password(source),
                hint="Clone the one you mean yourself, then `app add` it.",
            )
        return name
    newest = sorted(tags, key=_by_number)[-_SHOWN_TAGS:]
    raise InstallError(
        f"The source has no version {version}",
        path=_without_password(source),
        hint=f"It has {len(tags)} tags, the last ones: {', '.join(newest)}." if newest else "",
    )


def clone_tag(source: str, tag: str, directory: Path, listener: Listener = ignore) -> None:
    """Clone one tag, without history, into a directory that does not exist yet. Raises InstallError.

    `source` is what `parse_source` gave. `listener` hears what git counts, and git is ended when it raises.
    When this process dies git ends too, at the next line of its progress; what is in `directory` then is for
    the caller to clear.
    """
    arguments = (
        *("clone", "--progress", "--template=", "--no-recurse-submodules", "--branch", tag),
        *("--depth", "1", "--", source, str(directory)),
    )
    try:
        git = subprocess.Popen(
            _command(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # without a terminal ssh cannot ask either
        )
    except FileNotFoundError as error:
        raise _not_installed() from error
    with git:
        try:
            assert git.stderr is not None  # noqa: S101 # it was asked for
            said = _heard(git.stderr, listener)
        except BaseException:  # catches-all: git must not go on without us; raised again
            git.kill()
            raise
    if git.returncode:
        raise InstallError(f"git: {_last_word(said)}", path=_place(arguments))


def has_password(source: str) -> bool:
    """Whether an address names a user or a password, which nobody keeps."""
    return _PASSWORD.search(source) is not None


def _heard(pipe: IO[bytes], listener: Listener) -> bytes:
    """What git says until it ends, the last of it; the listener is told what it counts."""
    lines: SimpleQueue[bytes | None] = SimpleQueue()
    threading.Thread(target=_read_lines, args=[pipe, lines], daemon=True).start()
    said = b""
    stage, done = "", 0
    while True:
        try:
            line = lines.get(timeout=_SILENCE)
        except Empty:
            listener(Advanced(stage, 0, 0))
            continue
        if line is None:
            return said
        said = (said + line + b"\n")[-_KEPT_WORDS:]
        counted = _COUNTED.match(line)
        if counted is None or counted[1] not in _STAGES:
            continue
        if _STAGES[counted[1]] != stage:
            stage, done = _STAGES[counted[1]], 0
            listener(Planned(stage, int(counted[3]), 0))
        listener(Advanced(stage, 0, int(counted[2]) - done))
        done = int(counted[2])


def _read_lines(pipe: IO[bytes], lines: SimpleQueue[bytes | None]) -> None:
    """Hand on what ends with a line feed or, as progress does, with a carriage return; None at the end."""
    rest = b""
    try:
        while chunk := os.read(pipe.fileno(), 4096):
            *whole, rest = re.split(rb"[\r\n]", rest + chunk)
            for line in whole:
                lines.put(line)
    except (OSError, ValueError):  # it was closed: nobody listens any more
        rest = b""
    lines.put(rest)
    lines.put(None)


def _run(*arguments: str, timeout: float | None = None) -> str:
    """What git prints. Raises InstallError with git's last word."""
    try:
        done = subprocess.run(
            _command(arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            start_new_session=True,  # without a terminal ssh cannot ask either
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise _not_installed() from error
    except subprocess.TimeoutExpired as error:
        raise InstallError("The source did not answer", path=_place(arguments)) from error
    if done.returncode:
        raise InstallError(f"git: {_last_word(done.stderr)}", path=_place(arguments))
    return done.stdout.decode(errors="replace")


def _command(arguments: tuple[str, ...]) -> list[str]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    return ["git", *settings, *arguments]


def _not_installed() -> InstallError:
    return InstallError("git is not installed", hint="Install git, then try again.")


def _environment() -> dict[str, str]:
    """The user's own, where his proxies and keys are, with everything switched off that could ask."""
    inherited = {name: text for name, text in os.environ.items() if name not in _LOCAL_VARIABLES}
    return inherited | {
        "GIT_ALLOW_PROTOCOL": ":".join(TRANSPORTS),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never",
        "LC_ALL": "C",
    }


def _place(arguments: tuple[str, ...]) -> str:
    return _without_password(arguments[arguments.index("--") + 1])


def _last_word(output: bytes) -> str:
    """The line that says what went wrong: of its errors the first, else the last line."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("fatal:", "error:"))]
    said = (errors or lines[-1:] or ["it failed without a word"])[0]
    return _without_password(said.removeprefix("fatal: ").removeprefix("error: "))


def _without_password(text: str) -> str:
    return _PASSWORD.sub("", text)


def _by_number(tag: str) -> list[tuple[bool, int, str]]:
    """Sorts v0.10.0 after v0.9.0."""
    parts = re.findall(r"\d+|\D+", tag)
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]
