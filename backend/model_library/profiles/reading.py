"""Reads one app profile into a `Profile` that cannot be invalid; docs/app-profiles.md lists every key.

Strict on purpose: a misspelt key, an unknown word, a target outside of the application or two rules that
would take the same model into one directory is a ProfileError that names file, line and key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Final

from model_library.errors import ProfileError
from model_library.profiles.profile import (
    FAMILY_GROUPS,
    HERE,
    PROFILE_SUFFIX,
    Discovery,
    KnownDirectory,
    Layout,
    Profile,
    ProfileName,
    Recognition,
    Rule,
    Selector,
)
from model_library.profiles.tables import Document, Table
from model_library.taxonomy import AdapterType, Container, Kind, LinkPreference, ModelForm

SCHEMA: Final = 1

TOP_KEYS: Final = frozenset(
    {"schema", "app", "display", "extends", "recognise", "defaults", "filter", "rule", "known"}
    | {"discover", "off", "repository"}
)
RECOGNISE_KEYS: Final = frozenset({"all", "any", "optional", "version"})
DISCOVER_KEYS: Final = frozenset({"below", "ignore"})
FILTER_KEYS: Final = frozenset(
    {"kinds", "exclude_kinds", "adapter_types", "variants", "families", "exclude_families"}
    | {"tasks_any", "exclude_tasks", "tags_any", "exclude_tags", "forms", "containers"}
    | {"min_size", "max_size"}
)
DEFAULTS_KEYS: Final = frozenset({"extensions", "one_weight", "layout", "method"})
RULE_KEYS: Final = (
    (FILTER_KEYS - {"exclude_kinds"})
    | DEFAULTS_KEYS
    | {"target", "requires", "if_exists", "priority"}
)
KNOWN_KEYS: Final = (RULE_KEYS - {"target", "if_exists"}) | {"names"}

APP_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
"""Of an application, in any case."""
_NAME: Final = re.compile(
    r"(?P<app>[a-z0-9][a-z0-9_]*)(?:@(?P<version>[^+@/\\]+))?(?:\+(?P<variant>[a-z0-9][a-z0-9_.\-]*))?"
)
_FAMILY: Final = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,63}")
_VERSION_PLACE: Final = re.compile(r"git|[^:]+:[A-Za-z_][\w.\-]*")
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_LONGEST_PATH: Final = (
    1000  # bytes, below the installation; no filesystem takes more than 4096 in all
)
_LONGEST_NAME: Final = 255  # bytes of one step
_OURS: Final = ".model-library"
"""Begins the names of all that we keep in an application beside links."""

Parent = Callable[[str], Profile]
"""Gives the profile that `extends` names. Raises ProfileError."""


def parse_name(stem: str) -> ProfileName:
    """`<app>[@<version>][+<variant>]`. Raises ProfileError."""
    match = _NAME.fullmatch(stem)
    if match is None:
        raise ProfileError(
            f"{stem!r} cannot be the name of a profile",
            hint="Profiles are named APP.toml, APP@VERSION.toml, APP+VARIANT.toml or"
            " APP@VERSION+VARIANT.toml, in lower case.",
        )
    version = match["version"]
    if version is not None and not any(character.isdigit() for character in version):
        raise ProfileError(
            f"{stem!r} cannot be the name of a profile: {version!r} is no version",
            hint="A version is numbers with dots, or a tag with a number: 0.6.0, b4567.",
        )
    return ProfileName(match["app"], version, match["variant"] or "")


def _no_parent(name: str) -> Profile:
    raise ProfileError(f"There is no profile {name!r} to extend")


def parse_profile(
    data: bytes, path: Path, *, built_in: bool = False, parent: Parent = _no_parent
) -> Profile:
    """The profile of one file, together with the one that it extends.

    The name of `path` says for which version and variant it is. Raises ProfileError.
    """
    name = parse_name(path.name.removesuffix(PROFILE_SUFFIX))
    document = Document(data, path)
    top = document.top
    top.finish(TOP_KEYS)
    _check_heading(top, name)
    extended = _extended(top, parent)
    defaults = _defaults(top.table("defaults"), None if extended is None else extended.defaults)
    own = [_rule(table, defaults) for table in top.tables("rule")]
    _check_ambiguity(top, own)
    known = tuple(_known(table, defaults) for table in top.tables("known"))
    profile = Profile(
        name=name,
        display=top.text("display") or (name.app if extended is None else extended.display),
        path=path,
        built_in=built_in,
        recognition=_recognition(top.table("recognise")),
        filters=(_selector(top.table("filter"), FILTER_KEYS),) if "filter" in top else (),
        rules=tuple(own),
        known=known,
        discovery=_discovery(top.table("discover")),
        defaults=defaults,
        repository=top.text("repository"),
    )
    if extended is not None:
        profile = _added(profile, extended, top)
    return _switched(profile, top)


def _switched(profile: Profile, top: Table) -> Profile:
    """Without the rules of directories that are switched off."""
    named = {one.removesuffix("/").casefold(): one for one in top.texts("off")}
    known = {rule.target.casefold() for rule in (*profile.rules, *profile.off)}
    for key, target in named.items():
        if key not in known:
            raise top.error("off", f"has {target!r}, for which there is no rule")
    off = [rule for rule in profile.rules if rule.target.casefold() in named]
    on = [rule for rule in profile.rules if rule.target.casefold() not in named]
    return replace(profile, rules=tuple(on), off=(*profile.off, *off))


def _check_heading(top: Table, name: ProfileName) -> None:
    if "schema" not in top or top.number("schema", 0) != SCHEMA:
        raise top.error("schema", f"must be {SCHEMA}; this program knows no other")
    if top.text("app") != name.app:
        raise top.error("app", f"must be {name.app!r}, as the name of the file says")


def _extended(top: Table, parent: Parent) -> Profile | None:
    if "extends" not in top:
        return None
    try:
        return parent(str(parse_name(top.text("extends"))))
    except ProfileError as error:
        raise top.error("extends", f"does not work: {error}") from error


def _added(profile: Profile, base: Profile, top: Table) -> Profile:
    """What a profile says itself stands before what the one that it extends says. Its default method is also
    that of the rules that it takes over, where they have none of their own: it decides how, not which.
    """
    targets = {rule.target.casefold() for rule in profile.rules}
    before, now = base.defaults.method, profile.defaults.method

    def by_default(rule: Rule) -> Rule:
        return replace(rule, method=now) if rule.method is before else rule

    kept = (rule for rule in base.rules if rule.target.casefold() not in targets)
    off = tuple(rule for rule in base.off if rule.target.casefold() not in targets)
    return Profile(
        name=profile.name,
        display=profile.display,
        path=profile.path,
        built_in=profile.built_in,
        recognition=profile.recognition if "recognise" in top else base.recognition,
        filters=(*base.filters, *profile.filters),
        rules=(*map(by_default, kept), *profile.rules),
        known=(*profile.known, *(replace(one, rule=by_default(one.rule)) for one in base.known)),
        discovery=Discovery(
            below=profile.discovery.below or base.discovery.below,
            ignore=profile.discovery.ignore | base.discovery.ignore,
        ),
        defaults=profile.defaults,
        off=off,
        repository=profile.repository or base.repository,
    )


# --- rules -----------------------------------------------------------------------------------------


def _defaults(table: Table, inherited: Rule | None) -> Rule:
    table.finish(DEFAULTS_KEYS)
    return _with_ways(table, "", Selector(), inherited or Rule("", Selector()))


def _rule(table: Table, defaults: Rule) -> Rule:
    table.finish(RULE_KEYS)
    if not table.texts("kinds"):
        raise table.error("kinds", "must name at least one kind")
    return _with_ways(table, _target(table), _selector(table, RULE_KEYS), defaults)


def _known(table: Table, defaults: Rule) -> KnownDirectory:
    table.finish(KNOWN_KEYS)
    names = table.lowered("names")
    if not names:
        raise table.error("names", "must name at least one directory")
    if not table.texts("kinds"):
        raise table.error("kinds", "must name at least one kind")
    return KnownDirectory(names, _with_ways(table, "", _selector(table, KNOWN_KEYS), defaults))


def _with_ways(table: Table, target: str, selector: Selector, defaults: Rule) -> Rule:
    layouts, methods = [one.value for one in Layout], [one.value for one in LinkPreference]
    return Rule(
        target=target,
        selector=selector,
        extensions=_extensions(table) if "extensions" in table else defaults.extensions,
        one_weight=table.flag("one_weight", defaults.one_weight),
        layout=Layout(table.word("layout", layouts, defaults.layout)),
        requires=_paths(table, "requires"),
        if_exists=table.flag("if_exists", False),
        method=LinkPreference(table.word("method", methods, defaults.method)),
        priority=table.number("priority", 0),
    )


def _selector(table: Table, keys: Iterable[str]) -> Selector:
    table.finish(frozenset(keys))
    minimum, maximum = table.size("min_size"), table.size("max_size")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise table.error("min_size", "is more than max_size")
    kinds = [one.value for one in Kind]
    return Selector(
        kinds=table.words("kinds", kinds),
        exclude_kinds=table.words("exclude_kinds", kinds),
        adapter_types=table.words("adapter_types", [one.value for one in AdapterType]),
        variants=table.lowered("variants"),
        families=_families(table, "families"),
        exclude_families=_families(table, "exclude_families"),
        tasks_any=table.lowered("tasks_any"),
        exclude_tasks=table.lowered("exclude_tasks"),
        tags_any=table.lowered("tags_any"),
        exclude_tags=table.lowered("exclude_tags"),
        forms=table.words("forms", [one.value for one in ModelForm]),
        containers=table.words("containers", [one.value for one in Container]),
        min_size=minimum,
        max_size=maximum,
    )


def _families(table: Table, key: str) -> frozenset[str]:
    """In lower case, as families are stored."""
    found = table.texts(key)
    for one in found:
        if one not in FAMILY_GROUPS and not _FAMILY.fullmatch(one.lower()):
            groups = ", ".join(sorted(FAMILY_GROUPS))
            raise table.error(
                key,
                f"has {one!r}, which is no group ({groups}) and no family: those have only letters, digits, '_', '.'"
                " and '-'",
            )
    return frozenset(one.lower() for one in found)


def _extensions(table: Table) -> tuple[str, ...]:
    found = tuple(one.lower() for one in table.texts("extensions"))
    for one in found:
        if one and (not one.startswith(".") or "/" in one or one == "."):
            raise table.error("extensions", f"has {one!r}; write it with its dot: '.safetensors'")
    return found


def _target(table: Table) -> str:
    target = table.text("target").removesuffix("/")
    if target == HERE:
        return target
    if not target:
        raise table.error("target", "must name a directory of the application")
    _check_inside(table, "target", target)
    if any(part.casefold().startswith(_OURS) for part in target.split("/")):
        raise table.error("target", f"has {target!r}; names with {_OURS} are the library's own")
    return target


def _paths(table: Table, key: str) -> tuple[str, ...]:
    found = tuple(one.removesuffix("/") for one in table.texts(key))
    for one in found:
        _check_inside(table, key, one)
    return found


def _check_inside(table: Table, key: str, path: str) -> None:
    outside = path.startswith(("/", "~")) or _DRIVE.match(path) or "\\" in path or "\0" in path
    if outside or any(part in ("", ".", "..") for part in path.split("/")):
        raise table.error(
            key, f"has {path!r}; paths are relative to the application and stay in it"
        )
    if len(path.encode()) > _LONGEST_PATH or any(
        len(part.encode()) > _LONGEST_NAME for part in path.split("/")
    ):
        raise table.error(key, "has a path that is longer than any can be")


def _check_ambiguity(top: Table, rules: Sequence[Rule]) -> None:
    for (one, first), (other, second) in combinations(enumerate(rules), 2):
        same_place = first.target.casefold() == second.target.casefold()
        if same_place and _could_take_one_model(first, second):
            table = top.tables("rule")[other]
            kinds = ", ".join(sorted(first.selector.kinds & second.selector.kinds))
            raise table.error("target", f"is that of rule[{one + 1}], and both take {kinds}")


def _could_take_one_model(one: Rule, other: Rule) -> bool:
    first, second = one.selector, other.selector
    either = (
        (first.kinds, second.kinds),
        (first.adapter_types, second.adapter_types),
        (first.variants, second.variants),
        (first.families, second.families),
        (first.forms, second.forms),
        (first.containers, second.containers),
        (frozenset(one.extensions), frozenset(other.extensions)),
    )
    if any(a and b and not a & b for a, b in either):
        return False
    never = (
        (first.families, second.exclude_families),
        (second.families, first.exclude_families),
        (first.tasks_any, second.exclude_tasks),
        (second.tasks_any, first.exclude_tasks),
        (first.tags_any, second.exclude_tags),
        (second.tags_any, first.exclude_tags),
    )
    return not any(wanted and wanted <= refused for wanted, refused in never)


# --- the rest --------------------------------------------------------------------------------------


def _recognition(table: Table) -> Recognition:
    table.finish(RECOGNISE_KEYS)
    places = table.texts("version")
    for place in places:
        if not _VERSION_PLACE.fullmatch(place):
            raise table.error("version", f"has {place!r}; possible: FILE:NAME or git")
        if place != "git":
            _check_inside(table, "version", place.rpartition(":")[0])
    return Recognition(
        all_of=_paths(table, "all"),
        any_of=_paths(table, "any"),
        optional=table.flag("optional", False),
        version=places,
    )


def _discovery(table: Table) -> Discovery:
    table.finish(DISCOVER_KEYS)
    return Discovery(_paths(table, "below"), table.lowered("ignore"))
