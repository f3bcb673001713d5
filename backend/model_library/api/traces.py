"""What tells that another process changed something, besides the files of the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from model_library.library import Catalog

_SETTINGS: Final = ("import:", "network:", "jobs:", "drive-limit:")
"""How the settings begin that a person makes."""


def traces(catalog: Catalog) -> Mapping[str, object]:
    """For each area of the `changed` event a value that is another one when something was changed in it, by
    whichever process. Cheap enough for once a second; what is changed and changed back is not noticed.
    """
    registry, links = catalog.registry, catalog.links
    return {
        "roots": registry.roots(),
        "apps": (links.apps(), links.links_off()),
        "links": links.counted(),
        "settings": [registry.settings(prefix) for prefix in _SETTINGS],
    }
