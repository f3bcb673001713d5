"""Tokens in the keyring of the system: encrypted by it, for this user, and never in a file of ours.

A keyring that would keep them as plain text (`keyring` calls such a one not recommended) counts as none. Its
import takes a while: who needs no token from it does not pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model_library.errors import KeyringError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "model-library"
_SAFE: Final = 1
"""From this priority on `keyring` recommends a backend."""


def keyring_name() -> str | None:
    """What the keyring of this system is called, None where there is none that is safe."""
    backend = _backend()
    return None if backend is None else str(backend.name)


def read_token(endpoint: str) -> str | None:
    """The token for an origin, None where none was stored. Raises KeyringError."""
    from keyring.errors import KeyringError as Failed

    backend = _backend()
    if backend is None:
        return None
    try:
        return backend.get_password(SERVICE, endpoint)
    except Failed as error:
        raise _refused("read") from error


def store_token(endpoint: str, token: str) -> None:
    """Keep a token for an origin. Raises KeyringError."""
    from keyring.errors import KeyringError as Failed

    backend = _backend()
    if backend is None:
        raise KeyringError("This system has no keyring that could keep the token safely")
    try:
        backend.set_password(SERVICE, endpoint, token)
    except Failed as error:
        raise _refused("written") from error


def forget_token(endpoint: str) -> None:
    """Remove the token of an origin; doing it again changes nothing. Raises KeyringError."""
    from keyring.errors import KeyringError as Failed
    from keyring.errors import PasswordDeleteError

    backend = _backend()
    if backend is None:
        return
    try:
        backend.delete_password(SERVICE, endpoint)
    except PasswordDeleteError:
        return  # there was none
    except Failed as error:
        raise _refused("written") from error


def _backend() -> KeyringBackend | None:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    several = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((one for one in several if one.priority >= _SAFE), None)


def _refused(what: str) -> KeyringError:
    return KeyringError(f"The keyring cannot be {what}: it is locked, or access was denied")
