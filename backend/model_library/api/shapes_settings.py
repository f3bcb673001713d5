"""The JSON of the settings; see `shapes.py`."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import Literal, TypedDict

from model_library.taxonomy import Placement


class OfflineJson(TypedDict):
    """`on`: no provider is asked. `variable`: the one of the environment that says so, which no setting
    overrules; `stored`: what was set here."""

    on: bool
    stored: bool
    variable: str | None


class TokenJson(TypedDict):
    """The token for the Hub; itself it is never shown. `source` says where it is from and `where` which variable,
    keyring or file; `stored`: one is in the keyring, also when the environment's goes first; `keyring`: the
    name of the system's, None where there is none; `problem`: why what is there cannot be used."""

    source: Literal["environment", "keyring", "file", "none"]
    where: str
    stored: bool
    keyring: str | None
    file: str
    problem: str


class SettingsJson(TypedDict):
    """`place`: what an import does with the files when nothing else is said; `endpoint`: the Hub."""

    library: str
    place: Placement
    offline: OfflineJson
    token: TokenJson
    endpoint: str
