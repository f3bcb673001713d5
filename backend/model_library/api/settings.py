"""What a person sets once: how imports place files, the network, the token. `Library` has it from here.

All but the token is kept with the library, in its registry. Of a token only is noted that there is one in the
keyring, so that a library without one never opens it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_settings import OfflineJson, SettingsJson, TokenJson
from model_library.config import NetworkSettings
from model_library.errors import InvalidValueError, KeyringError, ModelLibraryError
from model_library.events import Notice
from model_library.taxonomy import Placement

_PLACE: Final = "import:place"
_OFFLINE: Final = "network:offline"
_TOKEN: Final = "network:token-in-keyring"  # noqa: S105 # the name of a setting
_CHANGES: Final = "network:changes"
"""Counts them, so that a library that is open elsewhere notices."""
_YES: Final = "1"


class SettingsOperations(LibraryPart):
    """What `Library` inherits."""

    _kept_token: tuple[str | None, str | None] | None = None
    """Number of changes, and the token of the keyring then."""

    def settings(self) -> SettingsJson:
        """What is set. Asks nobody, and shows no token."""
        return SettingsJson(
            library=str(self._catalog.directory),
            place=self._placement(None),
            offline=self._offline_json(),
            token=self._token_json(),
            endpoint=self._endpoint(),
        )

    def set_settings(
        self, *, place: Placement | None = None, offline: bool | None = None
    ) -> SettingsJson:
        """Change what is given. Raises InvalidValueError, LibraryReadOnlyError."""
        self._catalog.require_writable()
        registry = self._catalog.registry
        if place is not None:
            if place not in set(Placement):
                raise InvalidValueError(f"{place!r} is no placement")
            registry.set_setting(_PLACE, str(place))
        if offline is not None:
            registry.set_setting(_OFFLINE, _YES if offline else "")
            self._network_changed()
        return self.settings()

    def set_token(self, token: str) -> SettingsJson:
        """Keep a token for the Hub in the keyring of the system. Raises InvalidValueError, KeyringError,
        LibraryReadOnlyError."""
        from model_library.hf.environment import checked_token
        from model_library.network.keys import store_token

        self._catalog.require_writable()
        store_token(self._endpoint(), checked_token(token.strip(), "what was given"))
        self._catalog.registry.set_setting(_TOKEN, _YES)
        self._network_changed()
        return self.settings()

    def forget_token(self) -> SettingsJson:
        """Remove our token from the keyring; one of the environment or of a file stays. Raises KeyringError,
        LibraryReadOnlyError."""
        from model_library.network.keys import forget_token

        self._catalog.require_writable()
        forget_token(self._endpoint())
        self._catalog.registry.set_setting(_TOKEN, "")
        self._network_changed()
        return self.settings()

    # --- for the operations that use them -----------------------------------------------------------

    def _placement(self, asked: Placement | None) -> Placement:
        """What was asked for, else what is set."""
        return asked or Placement(self._catalog.registry.setting(_PLACE) or Placement.AUTO)

    def _network_settings(self) -> NetworkSettings:
        """Those of whoever opened the library, else of the environment, with what was set here."""
        found = self._catalog.settings.network
        if found is None:
            from model_library.hf.environment import network_settings

            found = network_settings(os.environ, stored=self._stored_token)
        if found.offline or not self._is_set(_OFFLINE):
            return found
        return replace(found, offline=True, offline_by="the setting Work offline")

    def _network_version(self) -> str | None:
        """Another one when other settings of the network count."""
        return self._catalog.registry.setting(_CHANGES)

    # --- inside ---------------------------------------------------------------------------------------

    def _is_set(self, name: str) -> bool:
        return self._catalog.registry.setting(name) == _YES

    def _network_changed(self) -> None:
        self._catalog.registry.set_setting(_CHANGES, str(int(self._network_version() or 0) + 1))

    def _endpoint(self) -> str:
        given = self._catalog.settings.network
        if given is not None:
            return given.endpoint
        from model_library.hf.environment import endpoint

        return endpoint(os.environ)

    def _stored_token(self) -> str | None:
        """The keyring's, read once for each change. One that cannot be read is told, and counts as none."""
        if not self._is_set(_TOKEN):
            return None
        version = self._network_version()
        if self._kept_token is None or self._kept_token[0] != version:
            from model_library.network.keys import read_token

            token = None
            try:
                token = read_token(self._endpoint())
            except KeyringError as error:
                self._listener(Notice(error.code, error.message, error.hint))
            self._kept_token = (version, token)
        return self._kept_token[1]

    def _offline_json(self) -> OfflineJson:
        from model_library.hf.environment import offline_variable

        given = self._catalog.settings.network
        variable = offline_variable(os.environ) if given is None else None
        stored = self._is_set(_OFFLINE)
        on = stored or variable is not None or (given is not None and given.offline)
        return OfflineJson(on=on, stored=stored, variable=variable)

    def _token_json(self) -> TokenJson:
        from model_library.hf.environment import TokenSource, find_token, token_file
        from model_library.network.keys import keyring_name

        name = keyring_name()
        found = TokenJson(
            source="none",
            where="",
            stored=self._is_set(_TOKEN),
            keyring=name,
            file=str(token_file(os.environ)),
            problem="",
        )
        try:
            token = find_token(os.environ, self._stored_token)
        except ModelLibraryError as error:
            found["problem"] = error.message
            return found
        if token is not None:
            found["source"] = token.source.value
            found["where"] = (name or "") if token.source is TokenSource.KEYRING else token.where
        return found
