"""Profiles and version ranges as the JSON of `shapes_profiles.py`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from model_library.api.shapes import ErrorJson
from model_library.api.shapes_profiles import (
    ProfileDetailJson,
    RangeJson,
    RuleJson,
    VersionRangesJson,
)
from model_library.errors import MetadataError, ModelLibraryError, ProfileError
from model_library.library import Catalog, Record
from model_library.profiles.choosing import BUILT_IN, load_profile, read_profile
from model_library.profiles.editing import Draft, begun
from model_library.profiles.profile import Profile, ProfileName, Rule, Selector
from model_library.profiles.writing import path_of, revision_of

_ASKED = (
    "exclude_kinds",
    "adapter_types",
    "variants",
    "families",
    "exclude_families",
    "tasks_any",
    "exclude_tasks",
    "tags_any",
    "exclude_tags",
    "forms",
    "containers",
)


def profile_detail(name: ProfileName, user_directory: Path) -> ProfileDetailJson:
    """A profile as it is; one of the user that is not valid with its error. Raises ProfileError, FileError."""
    held, data = begun(name, user_directory)
    path = path_of(name, user_directory)
    if held is None:
        profile = load_profile(str(name), user_directory)
        return _detail(profile, path, None, data)
    try:
        profile = read_profile(held, path, user_directory)
    except ProfileError as error:
        return _broken(name, path, held, error)
    return _detail(profile, path, held, held)


def draft_detail(draft: Draft, *, saved: bool) -> ProfileDetailJson:
    """A profile as it would be, with the revision of what the file holds; once saved that of the draft."""
    held = draft.data if saved else draft.held
    detail = _detail(draft.profile, draft.path, draft.data, draft.data)
    detail["own"], detail["revision"] = held is not None, revision_of(held)
    return detail


def _detail(profile: Profile, path: Path, held: bytes | None, text: bytes) -> ProfileDetailJson:
    document = {} if held is None else tomllib.loads(held.decode())
    own = {_key(rule["target"]) for rule in document.get("rule", [])}
    off_here = {_key(target) for target in document.get("off", [])}
    filters = [_conditions(one) for one in profile.filters]
    rules = [(rule, False) for rule in profile.rules] + [(rule, True) for rule in profile.off]
    rules.sort(key=lambda one: one[0].target.casefold())
    return ProfileDetailJson(
        name=str(profile.name),
        app=profile.name.app,
        display=profile.display,
        version=profile.name.version,
        variant=profile.name.variant,
        path=str(path if held is not None else profile.path),
        own=held is not None,
        built_in=path_of(profile.name, BUILT_IN).is_file(),
        text=text.decode(),
        revision=revision_of(held),
        rules=[_rule(rule, own, off_here, off=off) for rule, off in rules],
        conditions={key: _text(value) for key, value in document.get("filter", {}).items()},
        inherited=filters[:-1] if "filter" in document else filters,
        error=None,
    )


def _broken(name: ProfileName, path: Path, held: bytes, error: ProfileError) -> ProfileDetailJson:
    return ProfileDetailJson(
        name=str(name),
        app=name.app,
        display=str(name),
        version=name.version,
        variant=name.variant,
        path=str(path),
        own=True,
        built_in=path_of(name, BUILT_IN).is_file(),
        text=held.decode(),
        revision=revision_of(held),
        rules=[],
        conditions={},
        inherited=[],
        error=_error_json(error),
    )


def _key(target: str) -> str:
    return target.removesuffix("/").casefold()


def _rule(rule: Rule, own: Collection[str], off_here: Collection[str], *, off: bool) -> RuleJson:
    key = _key(rule.target)
    return RuleJson(
        target=rule.target,
        kinds=sorted(rule.selector.kinds),
        asks=_conditions(rule.selector),
        extensions=list(rule.extensions),
        requires=list(rule.requires),
        if_exists=rule.if_exists,
        layout=rule.layout.value,
        method=rule.method.value,
        priority=rule.priority,
        own=key in own,
        off=off,
        off_here=key in off_here,
    )


def _text(value: object) -> str:
    """A value of `[filter]` as it is written, a list with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _conditions(selector: Selector) -> dict[str, str]:
    """What a selector asks besides the kinds of a rule, as texts of one line."""
    asked: Mapping[str, Any] = {name: getattr(selector, name) for name in _ASKED}
    found = {name: ", ".join(sorted(values)) for name, values in asked.items() if values}
    sizes = {"min_size": selector.min_size, "max_size": selector.max_size}
    return found | {name: str(size) for name, size in sizes.items() if size is not None}


def version_ranges_json(catalog: Catalog, record: Record) -> VersionRangesJson:
    """The ranges of a model, and what they mean for the applications of the library."""
    from model_library.profiles.overrides import why_not
    from model_library.restricting import allowed_ranges, overrides_path, range_texts

    path = overrides_path(record)
    problem: MetadataError | None = None
    texts: Mapping[str, str] = {}
    try:
        allowed = allowed_ranges(record)
        texts = range_texts(record)
    except MetadataError as error:
        allowed, problem = {}, error
    apps = []
    for app in catalog.links.apps():
        wanted = allowed.get(app.kind.casefold())
        reason = "" if wanted is None else why_not(wanted, app.version) or ""
        if problem is not None:
            reason = problem.message
        apps.append(
            RangeJson(
                app_id=app.app_id,
                kind=app.kind,
                version=app.version,
                allowed=not reason,
                reason=reason,
            )
        )
    return VersionRangesJson(
        model_id=record.metadata.model_id,
        path=str(path),
        ranges=dict(texts),
        apps=apps,
        error=None if problem is None else _error_json(problem),
    )


def _error_json(error: ModelLibraryError) -> ErrorJson:
    return ErrorJson(code=error.code, message=error.message, hint=error.hint, path=error.path)
