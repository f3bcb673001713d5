"""Links as a sync makes them, for tests of what happens to applications that have some."""

from __future__ import annotations

from pathlib import Path

from model_library.library import Catalog
from model_library.link_registry import App, NewLink
from model_library.linking import make_links
from model_library.taxonomy import LinkMethod


def linked(catalog: Catalog, app: App, name: str = "a.safetensors") -> Path:
    """A link to a file in the home root, made as a sync makes it."""
    source = catalog.roots.home.path / "vae" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(b"weights")
    wanted = NewLink(
        app_id=app.app_id,
        model_id="a-12345678",
        file=name,
        root_id=catalog.roots.home.root_id,
        source=f"vae/{name}",
        target=f"models/vae/{name}",
        method=LinkMethod.RELATIVE_SYMLINK,
        external=False,
    )
    with catalog.exclusive():
        assert make_links(catalog, app, [wanted]).failed == []
    return app.path / wanted.target
