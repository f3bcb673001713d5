"""The models of an Ollama store, whose files say nothing by their names (model-facts 3.1).

    manifests/<host>/<namespace>/<model>/<tag>    JSON: the layers of a model by media type, digest and size
    blobs/sha256-<64 hex>                         the layers; one may be of several models

Only manifests are read, and with a limit. What is no file of weights (template, parameters, licence, the tensors of
models that are no GGUF) is left to Ollama.
"""

# ruff: noqa: PTH118 - folders are strings, as in `folder_tree`

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from model_library.errors import BrokenModelError, HashMismatchError, SourceUnreadableError
from model_library.identify.folder_tree import FolderTree
from model_library.identify.small_files import read_json_object
from model_library.identify.values import FoundFile, GroupFile, ModelGroup
from model_library.taxonomy import FileRole, ModelForm

MANIFEST: Final = "ollama-manifest.json"
"""Name of a manifest in a model; in the store it has that of the tag."""
NAME_LABEL: Final = "ollama.name"
"""Among the labels of a model from a store: its full name, `host/namespace/model:tag`."""
_MANIFESTS, _BLOBS = "manifests", "blobs"
_MAX_MANIFEST: Final = 1024 * 1024
"""Bytes. Those of models in many tensors have 300 kB."""
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_BLOB: Final = re.compile(r"sha256-[0-9a-f]{64}")
_MEDIA: Final = "application/vnd.ollama.image."
_HUB_HOSTS: Final = frozenset({"hf.co", "huggingface.co"})
_LATEST: Final = "latest"
_ENDING: Final = ".gguf"
_STEPS: Final = 4
"""Of the name of a model: host, namespace, model, tag."""


@dataclass(frozen=True, slots=True)
class OllamaName:
    """What the path of a manifest says."""

    host: str
    namespace: str
    model: str
    tag: str

    @property
    def full(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def shown(self) -> str:
        """As the model is called; a tag can be the name of a file on the Hub, which says it all."""
        if self.tag.lower().endswith(_ENDING):
            return self.tag[: -len(_ENDING)]
        return self.model if self.tag == _LATEST else f"{self.model}-{self.tag}"

    @property
    def repo(self) -> str | None:
        """The repository on the Hugging Face Hub that it was pulled from."""
        return f"{self.namespace}/{self.model}" if self.host in _HUB_HOSTS else None


@dataclass(slots=True)
class OllamaStores:
    models: list[ModelGroup] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    """All folders of the stores: nothing else is looked for in them."""
    tops: list[Path] = field(default_factory=list)


def find_ollama_models(tree: FolderTree) -> OllamaStores:
    """One model for each file of weights that a manifest names, under the most telling of its names, and one for each
    projector that none of them has."""
    stores = OllamaStores()
    for folder, blobs in tree.folders.items():
        store, last = os.path.split(folder)
        below = list(tree.with_all_below(os.path.join(store, _MANIFESTS)))
        if last != _BLOBS or not below or not any(map(_BLOB.fullmatch, blobs)):
            continue
        stores.folders |= {folder, *below}
        stores.tops.append(Path(store))
        named = sorted(
            (name.tag == _LATEST, str(manifest.path), name, manifest)
            for one in below
            for manifest in tree.folders[one].values()
            if (name := ollama_name(manifest.path)) is not None
        )
        read = [_read(name, manifest, blobs) for _, _, name, manifest in named]
        stores.models += _models(Path(store), [one for one in read if one is not None])
    return stores


def ollama_name(manifest: Path) -> OllamaName | None:
    """The name of the model that a manifest describes; None for a file that lies otherwise."""
    above = manifest.parents
    if len(above) <= _STEPS or above[_STEPS - 1].name != _MANIFESTS:
        return None
    return OllamaName(*manifest.parts[-_STEPS:])


def is_ollama_bookkeeping(path: Path) -> bool:
    """Whether a file is Ollama's own: a manifest, or a blob."""
    if _BLOB.fullmatch(path.name) and path.parent.name == _BLOBS:
        return (path.parent.parent / _MANIFESTS).is_dir()
    return ollama_name(path) is not None and (path.parents[_STEPS] / _BLOBS).is_dir()


def is_of_ollama(group: ModelGroup, kept: Collection[str] = ()) -> bool:
    """Whether files of a model lie in a store, where others may need them, or are `kept` by one elsewhere
    (`kept_by_stores`)."""
    return any(
        file.name == MANIFEST
        or is_ollama_bookkeeping(file.file.path)
        or (kept and os.path.realpath(file.file.path) in kept)
        for file in group.files
    )


def kept_by_stores(stores: Iterable[Path]) -> frozenset[str]:
    """Where the blobs of stores really are: people put large ones, or all of them, on another drive and leave a link."""
    return frozenset(os.path.realpath(blob) for store in stores for blob in _blobs_of(store))


def _blobs_of(store: Path) -> list[Path]:
    try:
        return [path for path in (store / _BLOBS).iterdir() if _BLOB.fullmatch(path.name)]
    except OSError:  # it is not there, or of a user whose files nobody else may see, nor move
        return []


def require_named(group: ModelGroup, sha256: Mapping[str, str]) -> None:
    """Raises HashMismatchError when a blob has other bytes than its name and the manifest say. `sha256`: what they
    are, by `GroupFile.name`."""
    for file in group.files:
        found, blob = sha256.get(file.name), file.file.path.name
        if found is not None and _BLOB.fullmatch(blob) and blob != f"sha256-{found}":
            raise HashMismatchError(
                f"The bytes of {file.name} are not those that Ollama's manifest names",
                path=file.file.path,
                hint="The file is damaged, or was changed in the store: `ollama pull` brings it again.",
            )


def manifest_of(group: ModelGroup) -> OllamaName | None:
    found = (ollama_name(file.file.path) for file in group.files if file.name == MANIFEST)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class _Pulled:
    """What a manifest names: files of the store, and what they are called in a model."""

    name: OllamaName
    manifest: FoundFile
    weights: FoundFile
    projectors: Mapping[str, FoundFile]


def _read(name: OllamaName, manifest: FoundFile, blobs: Mapping[str, FoundFile]) -> _Pulled | None:
    layers = list(_layers(manifest.path))
    weights = [blobs[digest] for media, digest in layers if media == "model" and digest in blobs]
    if len(weights) != 1:
        return None
    of_weights = {digest for media, digest in layers if media == "model"}
    others = dict.fromkeys(digest for media, digest in layers if media == "projector")
    found = [blobs[one] for one in others if one in blobs and one not in of_weights]
    marks = ["", *(f"-{number}" for number in range(2, len(found) + 1))]
    projectors = {
        f"mmproj-{name.shown}{mark}": one for mark, one in zip(marks, found, strict=False)
    }
    return _Pulled(name, manifest, weights[0], projectors)


def _models(store: Path, pulled: Sequence[_Pulled]) -> Iterator[ModelGroup]:
    """Each file of weights once, with the projectors of one manifest, and each of the other projectors as a model of
    its own: weights can be loaded with one of them at a time."""
    with_projectors_first = sorted(pulled, key=lambda one: not one.projectors)
    chosen: dict[Path, _Pulled] = {}
    for one in with_projectors_first:
        chosen.setdefault(one.weights.path, one)
    done = {*chosen, *(file.path for one in chosen.values() for file in one.projectors.values())}
    for one in chosen.values():
        yield _group(store, one, one.name.shown, one.weights, one.projectors)
    for one in pulled:
        for name, projector in one.projectors.items():
            if projector.path not in done:
                done.add(projector.path)
                yield _group(store, one, name, projector, {})


def _group(
    store: Path, one: _Pulled, name: str, weight: FoundFile, beside: Mapping[str, FoundFile]
) -> ModelGroup:
    files = (
        GroupFile(weight, f"{name}{_ENDING}", FileRole.WEIGHT),
        *(
            GroupFile(file, f"{other}{_ENDING}", FileRole.COMPANION)
            for other, file in beside.items()
        ),
        GroupFile(one.manifest, MANIFEST, FileRole.SIDECAR),
    )
    return ModelGroup(ModelForm.SINGLE_FILE, name, store, files)


def _layers(manifest: Path) -> Iterator[tuple[str, str]]:
    """(end of the media type, name of the blob) of each layer; none of a file that is no manifest."""
    try:
        layers: Any = read_json_object(manifest, _MAX_MANIFEST).get("layers")
    except (BrokenModelError, SourceUnreadableError):
        return
    for layer in layers if isinstance(layers, list) else ():
        match layer:
            case {"mediaType": str(media), "digest": str(digest)} if media.startswith(_MEDIA):
                found = _DIGEST.fullmatch(digest)
                if found is not None:
                    yield media.removeprefix(_MEDIA), f"sha256-{found[1]}"
