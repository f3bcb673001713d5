"""The layouts of sidecars, one reader each: what the programs in use write beside a model.

Each reader takes a parsed JSON object (`Fields`) and tells a `FactsBuilder` what it finds. Keys and
their meaning were read in the sources of the programs named below; nothing raises for any content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from model_library.identify.sidecar_facts import FactsBuilder, Fields, SidecarSource
from model_library.identify.values import GroupFile

_NSFW_LEVELS = 4 | 8 | 16
"""CivitAI's bit mask: R, X and XXX; below are PG (1) and PG-13 (2)."""

_SAME_TIME = 2.0
"""Seconds. exFAT and FAT keep times to two seconds."""

_FAMILY = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,63}")
_LICENSE_FLAGS = (
    "allowNoCredit",
    "allowCommercialUse",
    "allowDerivatives",
    "allowDifferentLicense",
)
_A1111_KEYS = frozenset(
    {"description", "notes", "sd version", "activation text", "preferred weight", "negative text"}
    | {"sd_version_str", "vae", "vae_te"}
)


# --- X.civitai.info (Civitai-Helper): the model-version response of the API -----------------------


def read_civitai_info(info: Fields, facts: FactsBuilder) -> None:
    if not info:
        facts.label("civitai.lookup", "not found")
        return
    _civitai_version(info, info.fields("model"), facts)


def _civitai_version(version: Fields, model: Fields, facts: FactsBuilder) -> None:
    facts.text("official_name", _full_name(model.text("name"), version.text("name")))
    facts.description(model.text("description"), is_html=True)
    facts.description(version.text("description"), is_html=True)
    facts.words("trigger_words", version.texts("trainedWords"))
    facts.base_model(version.text("baseModel"))
    file = _civitai_files(version, facts)
    _civitai_source(version.identifier("modelId"), version.identifier("id"), file, facts)
    _civitai_model(model, facts)
    level = version.number("nsfwLevel")
    facts.nsfw(bool(int(level) & _NSFW_LEVELS) if level else None)
    for key in ("baseModel", "baseModelType", "air", "status", "availability"):
        facts.label(f"civitai.{key}", version.text(key))


def _civitai_model(model: Fields, facts: FactsBuilder) -> None:
    facts.words("tags", model.texts("tags"))
    facts.model_type(model.text("type"))
    facts.nsfw(model.flag("nsfw") or None)
    facts.label("civitai.type", model.text("type"))
    facts.label("civitai.creator", model.fields("creator").text("username"))
    for key in _LICENSE_FLAGS:
        facts.label(f"civitai.{key}", model.shown(key))


def _civitai_source(
    model_id: str | None, version_id: str | None, file: str | None, facts: FactsBuilder
) -> None:
    if model_id is None and version_id is None:
        return
    url = None
    if model_id is not None:
        version = f"?modelVersionId={version_id}" if version_id is not None else ""
        url = f"https://civitai.com/models/{model_id}{version}"
    source = SidecarSource("civitai", model_id=model_id, version_id=version_id, file=file, url=url)
    facts.source(source)


def _civitai_files(version: Fields, facts: FactsBuilder) -> str | None:
    """Tell the hashes of our own files among those of the version; the name of one of them."""
    entries = list(version.list_of_fields("files"))
    known = None
    for weight in facts.weights:
        entry = _own_entry(weight, entries, is_only=len(facts.weights) == 1)
        if entry is not None:
            known = known or entry.text("name")
            sha256 = entry.fields("hashes").text("SHA256")
            trusted = _is_of_size(entry, weight)
            facts.sha256(weight, sha256, version.origin, is_trusted=trusted)
    return known


def _own_entry(weight: GroupFile, entries: Sequence[Fields], *, is_only: bool) -> Fields | None:
    """The entry of our size, at best with our name too; else that of our name; else, for a model
    of one file, the one that the site calls primary."""
    name = PurePosixPath(weight.name).name
    of_size = [entry for entry in entries if _is_of_size(entry, weight)]
    named = [entry for entry in entries if entry.text("name") == name]
    primary = [entry for entry in entries if is_only and entry.flag("primary")]
    best = [entry for entry in of_size if entry in named]
    return next(iter((*best, *of_size, *named, *primary)), None)


def _is_of_size(entry: Fields, weight: GroupFile) -> bool:
    """`sizeKB` is the exact size in bytes divided by 1024."""
    size = entry.number("sizeKB")
    return size is not None and abs(size * 1024 - weight.file.size) < 1


# --- X.json: three layouts under one name ----------------------------------------------------------


def read_plain_json(info: Fields, facts: FactsBuilder) -> None:
    """A1111/Forge user metadata, or what SD.Next (model) and others (version) save of CivitAI."""
    if "modelVersions" in info:
        _sdnext_model(info, facts)
    elif "modelId" in info and "files" in info:
        read_civitai_info(info, facts)
    elif any(key.startswith("modelspec.") for key in info):
        read_modelspec(info, facts)
    elif not _A1111_KEYS.isdisjoint(info):
        _a1111_user_metadata(info, facts)
    else:
        facts.warn(f"{info.origin}: no layout that is known, and was ignored")


def _a1111_user_metadata(info: Fields, facts: FactsBuilder) -> None:
    facts.description(info.text("description"))
    facts.note(info.text("notes"))
    facts.words("trigger_words", info.words("activation text", ","))
    version = info.text("sd version") or info.text("sd_version_str")
    facts.base_model(version)
    facts.label("a1111.sd version", version)
    facts.label("a1111.negative text", info.text("negative text"))
    facts.label("a1111.vae", info.text("vae"))
    weight = info.number("preferred weight")
    facts.label("a1111.preferred weight", weight or None)


def _sdnext_model(model: Fields, facts: FactsBuilder) -> None:
    """The model response of the API: our version is the one with a file of our size or name."""
    versions = list(model.list_of_fields("modelVersions"))
    own = next(_versions_with_our_file(versions, facts.weights), None)
    if own is not None:
        _civitai_version(own, model, facts)
    else:
        facts.text("official_name", model.text("name"))
        facts.description(model.text("description"), is_html=True)
        _civitai_model(model, facts)
    version_id = own.identifier("id") if own is not None else None
    if own is None or "modelId" not in own:
        _civitai_source(model.identifier("id"), version_id, None, facts)


def _versions_with_our_file(
    versions: Sequence[Fields], weights: Sequence[GroupFile]
) -> Iterator[Fields]:
    names = {PurePosixPath(weight.name).name for weight in weights}
    with_files = [(version, list(version.list_of_fields("files"))) for version in versions]
    for version, files in with_files:
        if any(_is_of_size(entry, weight) for entry in files for weight in weights):
            yield version
    for version, files in with_files:
        if any(entry.text("name") in names for entry in files):
            yield version


# --- X.metadata.json (Lora-Manager) ---------------------------------------------------------------


def read_lora_manager(info: Fields, facts: FactsBuilder) -> None:
    _lora_manager_hash(info, facts)
    facts.text("official_name", info.text("model_name"))
    facts.description(info.text("modelDescription"), is_html=True)
    facts.note(info.text("notes"))
    facts.words("tags", info.texts("tags"))
    facts.base_model(info.text("base_model"))
    facts.model_type(info.text("sub_type") or info.text("model_type"))
    version = info.fields("civitai")
    if version:
        _civitai_version(version, version.fields("model"), facts)
    for key in ("base_model", "sub_type", "metadata_source"):
        facts.label(f"lora-manager.{key}", info.text(key))
    _lora_manager_tips(info, facts)


def _lora_manager_hash(info: Fields, facts: FactsBuilder) -> None:
    if len(facts.weights) != 1:
        return
    (weight,) = facts.weights
    modified = info.number("modified")
    same_time = modified is None or abs(modified - weight.file.mtime_ns / 1e9) <= _SAME_TIME
    trusted = info.number("size") == weight.file.size and same_time
    facts.sha256(weight, info.text("sha256"), info.origin, is_trusted=trusted)


def _lora_manager_tips(info: Fields, facts: FactsBuilder) -> None:
    """`usage_tips` is JSON inside of JSON: {"strength": 0.8}."""
    text = info.text("usage_tips")
    if not text:
        return
    try:
        tips = json.loads(text[:10_000])
    except (ValueError, RecursionError):
        facts.warn(f"{info.origin}: 'usage_tips' is not valid JSON and was ignored")
        return
    for key, value in tips.items() if isinstance(tips, dict) else ():
        if isinstance(value, str | int | float):
            facts.label(f"lora-manager.usage_tips.{key}", value)


# --- X.cm-info.json (StabilityMatrix) -------------------------------------------------------------


def read_stability_matrix(info: Fields, facts: FactsBuilder) -> None:
    full = _full_name(info.text("ModelName"), info.text("VersionName"))
    facts.text("official_name", info.text("UserTitle") or full)
    facts.description(info.text("ModelDescription"), is_html=True)
    facts.description(info.text("VersionDescription"), is_html=True)
    facts.words("tags", info.texts("Tags"))
    facts.words("trigger_words", info.texts("TrainedWords"))
    facts.base_model(info.text("BaseModel"))
    facts.model_type(info.text("ModelType"))
    facts.nsfw(info.flag("Nsfw"))
    origin = info.text("Source") or "Civitai"
    if origin.lower() in ("civitai", "civarchive"):
        ids = (info.identifier("ModelId"), info.identifier("VersionId"))
        _civitai_source(*ids, info.text("RemoteFileName"), facts)
    if len(facts.weights) == 1:  # no size is given, so nothing says that it is about this file
        sha256 = info.fields("Hashes").text("SHA256")
        facts.sha256(facts.weights[0], sha256, info.origin, is_trusted=False)
    for key in ("BaseModel", "ModelType", "AuthorUsername", "Source", "SourceUrl"):
        facts.label(f"stability-matrix.{key}", info.text(key))


# --- X.swarm.json (SwarmUI) and everything else with modelspec keys --------------------------------


def read_modelspec(info: Fields, facts: FactsBuilder) -> None:
    """Keys of the SAI model specification, with or without `modelspec.` before them."""

    def get(key: str) -> str | None:
        return info.text(f"modelspec.{key}") or info.text(key)

    facts.text("official_name", get("title"))
    facts.description(get("description"))
    facts.note(get("usage_hint"))
    facts.text("license", get("license"))
    facts.words("tags", _words(info, "tags", ","))
    facts.words("trigger_words", _words(info, "trigger_phrase", ";"))
    facts.text("prediction", _prediction(get("prediction_type")))
    for key in ("architecture", "author", "date", "resolution", "implementation", "merged_from"):
        facts.label(f"modelspec.{key}", get(key))


def _words(info: Fields, key: str, separator: str) -> list[str]:
    return info.words(f"modelspec.{key}", separator) or info.words(key, separator)


def _prediction(text: str | None) -> str | None:
    known = {"v": "v_prediction", "v_prediction": "v_prediction", "v-prediction": "v_prediction"}
    known |= {"epsilon": "epsilon", "eps": "epsilon"}
    return known.get((text or "").strip().lower())


# --- metadata.json (this library, Pumas) ----------------------------------------------------------


def read_library_metadata(info: Fields, facts: FactsBuilder) -> None:
    """The record of a model library, ours or Pumas', found in the folder of a model."""
    facts.text("official_name", info.text("official_name"))
    facts.description(info.text("description"))
    facts.note(info.text("notes"))
    facts.text("license", info.text("license"))
    facts.words("tags", info.texts("tags"))
    facts.words("trigger_words", info.texts("trigger_words"))
    facts.kind(info.text("kind"))
    facts.text("lineage", info.text("lineage"))
    family = info.text("family") or ""
    if "kind" in info and _FAMILY.fullmatch(family):  # Pumas means something else by it
        facts.text("family", family)
    facts.base_model(info.text("base_model"))
    for entry in info.list_of_fields("sources"):
        _own_source(entry, facts)
    if info.text("repo_id"):
        repo = SidecarSource(
            "huggingface", repo=info.text("repo_id"), revision=info.text("upstream_revision")
        )
        facts.source(repo)
    _library_hashes(info, facts)
    for key in ("family", "model_type", "subtype", "base_model"):
        facts.label(f"library.{key}", info.text(key))


def _own_source(entry: Fields, facts: FactsBuilder) -> None:
    provider = entry.text("provider")
    if provider in ("civitai", "huggingface"):
        source = SidecarSource(
            provider,
            version_id=entry.text("version_id"),
            repo=entry.text("repo"),
            revision=entry.text("revision"),
            file=entry.text("file"),
            url=entry.text("url"),
        )
        facts.source(source)


def _library_hashes(info: Fields, facts: FactsBuilder) -> None:
    by_name = {weight.name: weight for weight in facts.weights}
    for entry in info.list_of_fields("files"):
        weight = by_name.get(entry.text("path") or "")
        if weight is not None:
            trusted = entry.number("size") == weight.file.size
            facts.sha256(weight, entry.text("sha256"), info.origin, is_trusted=trusted)
    if "hashes" in info and len(facts.weights) == 1:
        (weight,) = facts.weights
        sha256 = info.fields("hashes").text("sha256")
        trusted = info.number("size_bytes") == weight.file.size
        facts.sha256(weight, sha256, info.origin, is_trusted=trusted)


# --- helpers ---------------------------------------------------------------------------------------


def _full_name(model: str | None, version: str | None) -> str | None:
    """'DreamShaper' and '8' -> 'DreamShaper 8'."""
    if not model:
        return None
    return model if not version or version in model else f"{model} {version}"
