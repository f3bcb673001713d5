"""Reports about health, repair and moved roots as the JSON of `shapes_health.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_library.api.documents import root_json
from model_library.api.shapes_health import LeftJson, RelocationJson, RewriteJson
from model_library.link_registry import App, Link
from model_library.relocation import Relocation


def relocation_json(done: Relocation, apps: Sequence[App], *, dry_run: bool) -> RelocationJson:
    places = _places(apps)
    return RelocationJson(
        **root_json(done.root),
        old_path=str(done.old_path),
        models=done.models,
        rewritten=[
            RewriteJson(
                app=one.link.app_id,
                model_id=one.link.model_id,
                path=_path_of(one.link, places),
                old_text=one.old,
                new_text=one.new,
            )
            for one in done.rewrites
        ],
        left=[_left(link, reason, places) for link, reason in done.left],
        dry_run=dry_run,
    )


def _places(apps: Sequence[App]) -> dict[str, Path]:
    return {app.app_id: app.path for app in apps}


def _path_of(link: Link, places: Mapping[str, Path]) -> str:
    return str(places[link.app_id] / link.target)


def _left(link: Link, reason: str, places: Mapping[str, Path]) -> LeftJson:
    return LeftJson(
        app=link.app_id,
        model_id=link.model_id,
        path=_path_of(link, places),
        reason=reason,
    )
