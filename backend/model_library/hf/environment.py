"""The variables that every Hugging Face tool obeys, read once into `NetworkSettings`.

Names and precedence are those of huggingface_hub 2.4 (`constants.py`, `utils/_auth.py`), those of proxies and
certificates are curl's and requests'. The environment is an argument; of the disk only the token file is read.
A token is never shown, also not in an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

from model_library.config import HUB_ENDPOINT, NetworkSettings
from model_library.errors import InvalidValueError
from model_library.naming import display_text

MAX_TOKEN_LENGTH: Final = 4096
"""Characters. The Hub's own have 37, those of OAuth about 1,000."""

_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE"})
_PROXY_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})
_ONE_WORD: Final = re.compile(r"[\x21-\x7e]+")

OFFLINE_VARIABLES: Final = ("MODEL_LIBRARY_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""Any of them switches the network off; the first leaves other programs alone."""


class TokenSource(StrEnum):
    """Where a token is from; the first that has one counts."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token with its source; `where` is the variable or the file."""

    value: str = field(repr=False)
    source: TokenSource
    where: str


def network_settings(
    environment: Mapping[str, str],
    *,
    offline: bool = False,
    stored: Callable[[], str | None] = lambda: None,
) -> NetworkSettings:
    """How to speak with the Hub, as the environment says. `offline` is the option of that name; `stored` gives
    the token of the keyring.

    Raises InvalidValueError for an endpoint that is no origin, a proxy that is no address, and a token that
    cannot be sent or whose file cannot be read.
    """
    origin = endpoint(environment)
    token = find_token(environment, stored)
    variable = offline_variable(environment)
    return NetworkSettings(
        endpoint=origin,
        token=None if token is None else token.value,
        offline=offline or variable is not None,
        offline_by=variable or "",
        ca_file=_first(environment, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        proxy=_proxy(environment, urlsplit(origin).scheme),
        no_proxy=_no_proxy(environment),
        hub_cache=hub_cache(environment),
    )


def offline_variable(environment: Mapping[str, str]) -> str | None:
    """The variable that switches the network off, None when none does."""
    return next((name for name in OFFLINE_VARIABLES if _is_true(_first(environment, name))), None)


def _first(environment: Mapping[str, str], *names: str) -> str | None:
    """The first of the variables that is set to something."""
    return next((value for name in names if (value := environment.get(name, "").strip())), None)


def _is_true(value: str | None) -> bool:
    return value is not None and value.upper() in _TRUE


def endpoint(environment: Mapping[str, str]) -> str:
    """The origin of the Hub. Raises InvalidValueError when HF_ENDPOINT is none."""
    text = environment.get("HF_ENDPOINT", "").strip().rstrip("/")
    if not text:
        return HUB_ENDPOINT
    problem = _origin_problem(text)
    if problem is not None:
        # What was given is not shown whole: an address may carry a password.
        raise InvalidValueError(
            f"HF_ENDPOINT {problem}",
            hint=f"Give an origin such as {HUB_ENDPOINT}, or unset HF_ENDPOINT.",
        )
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _origin_problem(text: str) -> str | None:
    """What keeps `text` from being `http(s)://host[:port]`."""
    if not _ONE_WORD.fullmatch(text):
        return "has a space or a character that is not ASCII"
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return "is no address"
    problems = {
        "does not begin with https:// or http://": parts.scheme not in {"http", "https"},
        "has a user name in it": "@" in parts.netloc,
        "names no host": not parts.hostname or not port_is_valid,
        "has a path after its host": bool(parts.path or parts.query or parts.fragment),
    }
    return next((problem for problem, is_so in problems.items() if is_so), None)


def _home(environment: Mapping[str, str]) -> Path:
    """HF_HOME: where Hugging Face tools keep their token and their cache."""
    given = _first(environment, "HF_HOME")
    if given is not None:
        return _expanded(given, environment)
    caches = _first(environment, "XDG_CACHE_HOME") or "~/.cache"
    return _expanded(caches, environment) / "huggingface"


def hub_cache(environment: Mapping[str, str]) -> Path:
    """Where huggingface_hub keeps its downloads: HF_HUB_CACHE, else HF_HOME/hub."""
    given = _first(environment, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
    return _home(environment) / "hub" if given is None else _expanded(given, environment)


def _expanded(text: str, environment: Mapping[str, str]) -> Path:
    """`text` with `$NAME`, `${NAME}` and a leading `~` filled in."""
    path = Path(Template(text).safe_substitute(environment))
    user = _first(environment, "HOME", "USERPROFILE")
    if path.parts[:1] == ("~",) and user is not None:
        return Path(user, *path.parts[1:])
    try:
        return path.expanduser()
    except RuntimeError:  # nobody knows that user's home
        return path


def find_token(
    environment: Mapping[str, str], stored: Callable[[], str | None] = lambda: None
) -> FoundToken | None:
    """The token: the environment's, else what is `stored` in the keyring, else that of the token file, which
    `hf auth login` writes. None where there is none, or HF_HUB_DISABLE_IMPLICIT_TOKEN forbids any.

    Raises InvalidValueError for one that cannot be sent, and for a file that cannot be read.
    """
    if _is_true(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")):
        return None
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if given := environment.get(name, "").strip():
            return FoundToken(checked_token(given, name), TokenSource.ENVIRONMENT, name)
    if kept := stored():
        return FoundToken(checked_token(kept, "the keyring"), TokenSource.KEYRING, "")
    file = token_file(environment)
    if given := _token_in(file):
        return FoundToken(checked_token(given, str(file)), TokenSource.FILE, str(file))
    return None


def token_file(environment: Mapping[str, str]) -> Path:
    """Where `hf auth login` keeps the token: HF_TOKEN_PATH, else HF_HOME/token."""
    named = _first(environment, "HF_TOKEN_PATH")
    return _home(environment) / "token" if named is None else _expanded(named, environment)


def _token_in(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_TOKEN_LENGTH + 2).decode("ascii", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise InvalidValueError(
            f"The Hugging Face token cannot be read: {error.strerror}",
            path=file,
            hint="Correct its permissions, or set HF_HUB_DISABLE_IMPLICIT_TOKEN=1 to work without a token.",
        ) from error


def checked_token(token: str, source: str) -> str:
    """A token that can be sent in a header. Python's own message for one that cannot would show it."""
    if len(token) > MAX_TOKEN_LENGTH or not _ONE_WORD.fullmatch(token):
        raise InvalidValueError(
            f"The Hugging Face token in {display_text(source)} has a line break, a space or a character that is"
            " not ASCII, or is too long",
            hint="Copy it again from https://huggingface.co/settings/tokens: one word, it begins with hf_.",
        )
    return token


def _proxy(environment: Mapping[str, str], scheme: str) -> str | None:
    """The proxy for addresses of that scheme; lower case goes first, as in curl."""
    for name in (f"{scheme}_proxy", "all_proxy"):
        given = _first(environment, name, name.upper())
        if given is not None:
            return _checked_proxy(given, name)
    return None


def _checked_proxy(given: str, name: str) -> str:
    text = given if "://" in given else f"http://{given}"
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise InvalidValueError(
            f"{name.upper()} names no proxy that can be used",
            hint="Give an address such as http://proxy.example:3128, or unset it.",
        )
    return text


def _no_proxy(environment: Mapping[str, str]) -> tuple[str, ...]:
    given = _first(environment, "no_proxy", "NO_PROXY") or ""
    return tuple(host for part in given.split(",") if (host := part.strip().lower()))
