"""A keyring for tests: it is one of `keyring`'s own kind, keeps what it is given in memory, and can be locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    priority = 5  # a number, as its documentation says
    name = "Memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._require_open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._require_open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._require_open()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("There is none")

    def _require_open(self) -> None:
        if self.locked:
            raise KeyringLocked("It is locked")


class PlainKeyring(MemoryKeyring):
    """One that would keep secrets as plain text."""

    priority = 0.5  # type: ignore[assignment]
    name = "Plain"


@contextmanager
def used(backend: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
