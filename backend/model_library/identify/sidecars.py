"""What the files beside a model say about it: sidecars of other programs, notes of downloads.

Promises: a broken, huge or hostile sidecar is a warning and never a failed import; no text is
longer than its bound, holds a tag or a control character; a hash is only trusted when the sidecar
is plainly about this file. Which program writes what is in `sidecar_formats`.
"""

# ruff: noqa: PTH113, PTH118, PTH119 - paths to look for stay strings: nearly none of them is there

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from model_library.errors import BrokenModelError, SourceUnreadableError
from model_library.identify.file_roles import (
    CONFIG_SUFFIXES,
    SIDECAR_SUFFIXES,
    companion_readings,
    extension_of,
)
from model_library.identify.hf_folder import hub_place
from model_library.identify.html_text import html_to_text
from model_library.identify.ollama_store import MANIFEST, NAME_LABEL, manifest_of
from model_library.identify.sidecar_facts import (
    ExpectedHash,
    FactsBuilder,
    Fields,
    SidecarFacts,
    SidecarSource,
)
from model_library.identify.sidecar_formats import (
    read_civitai_info,
    read_library_metadata,
    read_lora_manager,
    read_modelspec,
    read_plain_json,
    read_stability_matrix,
)
from model_library.identify.small_files import read_bounded, read_json_object
from model_library.identify.values import GroupFile, ModelGroup
from model_library.identify.walk import HUB_METADATA_FOLDER
from model_library.taxonomy import FileRole, ModelForm

__all__ = ["ExpectedHash", "SidecarFacts", "SidecarSource", "read_sidecars"]

MAX_SIDECAR_BYTES = 8 * 1024 * 1024
"""Bytes. The largest real ones are pages with dozens of example pictures' metadata, about 1 MB."""

_MAX_YAML_BYTES = 256 * 1024
"""Bytes. Configurations of checkpoints have 2 to 4 kB."""

_MAX_NOTE_BYTES = 4096
"""Bytes. A note of `hf download` is three short lines."""

_NOTES = os.path.join(*HUB_METADATA_FOLDER)

_NOTE_LEVELS = 6
"""How far above a weight file the folder of a download may begin."""

_NOTE_SLACK = 1.0
"""Seconds a file may be newer than its note: what huggingface_hub itself allows."""

_JSON_READERS: dict[str, Callable[[Fields, FactsBuilder], None]] = {
    ".metadata.json": read_lora_manager,
    ".civitai.info": read_civitai_info,
    ".cm-info.json": read_stability_matrix,
    ".swarm.json": read_modelspec,
    ".json": read_plain_json,
}
_LIBRARY_RECORD = "metadata.json"

_V_PREDICTION = re.compile(
    r"""\s*(?:parameterization\s*:\s*["']?v["']?|prediction_type\s*:\s*["']?v_prediction["']?"""
    r"""|target\s*:\s*\S*\.VScaling\w*)\s*(?:\#.*)?"""
)
_EPSILON = re.compile(r"""\s*parameterization\s*:\s*["']?eps["']?\s*(?:\#.*)?""")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_sidecars(group: ModelGroup) -> SidecarFacts:
    """Everything that the sidecars of a group say, the most careful program believed first.

    Reads the group's files with the roles SIDECAR and CONFIG, and the notes of `hf download`,
    which may lie above the group. Never raises for what they hold.
    """
    facts = FactsBuilder(group.weights)
    for file in sorted(group.files, key=_order):
        if file.role is FileRole.SIDECAR and file.name != MANIFEST:
            _read_sidecar(file, facts)
        elif file.role is FileRole.CONFIG and extension_of(file.name) in CONFIG_SUFFIXES:
            _read_yaml(file, facts)
    _read_download_notes(group, facts)
    _read_cache_place(group, facts)
    _read_manifest(group, facts)
    previews = [file.name for file in group.files if file.role is FileRole.PREVIEW]
    return facts.build(previews[0] if previews else None)


def _order(file: GroupFile) -> tuple[int, str]:
    suffix = _suffix_of(file.name)
    return (SIDECAR_SUFFIXES.index(suffix) if suffix in SIDECAR_SUFFIXES else 0, file.name)


def _suffix_of(name: str) -> str:
    """The longest known suffix: X.civitai.info, not X.info."""
    readings = companion_readings(PurePosixPath(name).name)
    return readings[-1].suffix if readings else ""


def _read_sidecar(file: GroupFile, facts: FactsBuilder) -> None:
    suffix = _suffix_of(file.name)
    try:
        if PurePosixPath(file.name).name.lower() == _LIBRARY_RECORD:
            read_library_metadata(_json(file, facts), facts)
        elif suffix in _JSON_READERS:
            _JSON_READERS[suffix](_json(file, facts), facts)
        elif suffix:
            _read_text(file, suffix, facts)
    except (BrokenModelError, SourceUnreadableError) as error:
        facts.warn(f"{file.name}: {error.message}, and was ignored")


def _json(file: GroupFile, facts: FactsBuilder) -> Fields:
    return Fields(read_json_object(file.file.path, MAX_SIDECAR_BYTES), file.name, facts)


def _read_text(file: GroupFile, suffix: str, facts: FactsBuilder) -> None:
    text = _decoded(read_bounded(file.file.path, MAX_SIDECAR_BYTES))
    if suffix == ".tags":
        facts.words("tags", re.split(r"[,\n]", text))
    elif suffix == ".prompt":
        facts.note(text)
    elif suffix in (".html", ".htm"):
        facts.description(html_to_text(text))
    else:
        facts.description(text)


def _decoded(data: bytes) -> str:
    """UTF-8 by all modern programs, UTF-16 by old Windows editors; anything else loses letters."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, errors="replace")


# --- X.yaml ----------------------------------------------------------------------------------------


def _read_yaml(file: GroupFile, facts: FactsBuilder) -> None:
    """The one thing that a checkpoint does not tell itself: what its output means.

    A scan of lines and no more; the rest of the file is for the applications.
    """
    try:
        text = _decoded(read_bounded(file.file.path, _MAX_YAML_BYTES))
    except (BrokenModelError, SourceUnreadableError) as error:
        facts.warn(f"{file.name}: {error.message}, and was ignored")
        return
    for line in text.splitlines():
        if _V_PREDICTION.fullmatch(line):
            facts.text("prediction", "v_prediction")
        elif _EPSILON.fullmatch(line):
            facts.text("prediction", "epsilon")


# --- Hugging Face -----------------------------------------------------------------------------------


def _read_download_notes(group: ModelGroup, facts: FactsBuilder) -> None:
    """`.cache/huggingface/download/<file>.metadata`: commit, etag, time (three lines).

    The etag of a large file is its SHA-256. The note counts for the file as long as the file is
    not newer, which is the rule of huggingface_hub itself.
    """
    is_single = len(group.weights) == 1
    for weight in group.weights:
        for folder, name in _levels(str(weight.file.path)):
            note = os.path.join(folder, _NOTES, f"{name}.metadata")
            if not os.path.isfile(note):
                continue
            lines = _note_lines(Path(note), facts)
            if lines is None:
                continue
            commit, etag, time = lines
            is_unchanged = weight.file.mtime_ns / 1e9 - _NOTE_SLACK <= time
            if is_unchanged:
                file = name.replace(os.sep, "/") if is_single else None
                facts.source(SidecarSource("huggingface", revision=commit, file=file))
            if _SHA256.fullmatch(etag):
                facts.sha256(weight, etag, os.path.basename(note), is_trusted=is_unchanged)
            break


def _levels(path: str) -> Iterator[tuple[str, str]]:
    """The folders above a file, the nearest first, and the name of the file relative to each."""
    folder, name = os.path.split(path)
    for _ in range(_NOTE_LEVELS):
        yield folder, name
        above, last = os.path.split(folder)
        if above == folder:
            return
        folder, name = above, os.path.join(last, name)


def _note_lines(note: Path, facts: FactsBuilder) -> tuple[str, str, float] | None:
    try:
        lines = read_bounded(note, _MAX_NOTE_BYTES).decode("utf-8").split("\n")
        commit, etag, time = (line.strip() for line in lines[:3])
        seconds = float(time)
        if math.isfinite(seconds):
            return commit, etag.lower(), seconds
    except (BrokenModelError, SourceUnreadableError, ValueError):
        pass  # said below, like a time that is none
    facts.warn(f"{note.name}: no note of a download, and was ignored")
    return None


def _read_cache_place(group: ModelGroup, facts: FactsBuilder) -> None:
    """A file of the Hugging Face cache lies at its repository and commit, and links to a blob that
    is named after its etag: the SHA-256 of a large file."""
    in_folder = group.form in (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER)
    for weight in group.weights:
        place = hub_place(weight.file.path)
        if place is None:
            continue
        file = None if in_folder or len(group.weights) > 1 else place.file
        url = f"https://huggingface.co/{place.repo}"
        facts.source(
            SidecarSource("huggingface", None, None, place.repo, place.revision, file, url)
        )
        blob = _blob_name(weight.file.path)
        if blob is not None:
            facts.sha256(weight, blob, "the name in the Hugging Face cache", is_trusted=True)


def _read_manifest(group: ModelGroup, facts: FactsBuilder) -> None:
    """The manifest in an Ollama store is named by where the model was pulled from. One of Ollama's own registry
    may be of somebody's making, so it is no source."""
    name = manifest_of(group)
    if name is None:
        return
    facts.label(NAME_LABEL, name.full)
    if name.repo is not None:
        facts.source(
            SidecarSource("huggingface", repo=name.repo, url=f"https://huggingface.co/{name.repo}")
        )


def _blob_name(path: Path) -> str | None:
    try:
        name = path.readlink().name
    except OSError:
        return None  # a real file, as on Windows
    return name if _SHA256.fullmatch(name) else None
