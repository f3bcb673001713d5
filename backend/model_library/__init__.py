"""Model Library: every model file once, known, findable, provably intact.

from model_library import Library

with Library.open("~/models") as library:
    library.import_models(["downloads/"])
    print(library.search("sdxl vae")["models"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_library.errors import ModelLibraryError

if TYPE_CHECKING:
    from model_library.api.core import Library

__all__ = ["Library", "ModelLibraryError"]


def __getattr__(name: str) -> object:
    """`Library` is imported when it is first used, so that errors and values alone cost nothing."""
    if name == "Library":
        from model_library.api.core import Library

        return Library
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
