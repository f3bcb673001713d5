"""Models that are folders: diffusers pipelines, transformers models, PEFT adapters.

A diffusers folder is what has a `model_index.json`; its components are the subfolders named there
(diffusers, `pipeline_utils.py`). A transformers folder has a config and weights of a standard name
beside it. Both own what their format gives a place to and nothing else: other weights in the same
folder are models of their own.

Also the layout of the Hugging Face cache: `models--org--name/snapshots/<commit>/...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from model_library.errors import (
    BrokenModelError,
    ModelLibraryError,
    SourceUnreadableError,
    UnsafeNameError,
)
from model_library.identify.file_roles import (
    ONNX_DATA_EXTENSION,
    extension_of,
    is_training_state,
    role_in_folder,
    weight_extension,
)
from model_library.identify.folder_tree import FolderTree
from model_library.identify.shards import index_stem, is_plain_name, parse_shard_name
from model_library.identify.small_files import read_bounded, read_json_object
from model_library.naming import display_text
from model_library.taxonomy import FileRole, ModelForm

MODEL_INDEX = "model_index.json"
CONFIG_MARKERS = ("config.json", "adapter_config.json", "params.json")
"""What makes weights beside it a model folder: transformers and diffusers components, PEFT, and
the original format of Llama and Mistral."""

MAX_CONFIG_BYTES = 4 * 1024 * 1024
"""Bytes. Real configs have a few kB; those with long label lists about 1 MB."""

_MAX_REF_BYTES = 256
"""Bytes. A ref holds a commit: 40 hex digits."""

_STANDARD_STEM = re.compile(
    r"(?:model|pytorch_model|diffusion_pytorch_model|adapter_model|tf_model|flax_model|rust_model"
    r"|consolidated|weights|open_clip_model|open_clip_pytorch_model|gptq_model[\w-]*)"
    r"(?:\.[\w-]+)*"
)
"""The stems that loaders look for, with variants (`model.fp16`, `consolidated.00`)."""

_MODULE_FOLDER = re.compile(r"(?:[0-9]+_[A-Z]\w*|onnx|openvino|original|coreml|flax|tf)")
"""Subfolders of a transformers model: the same weights for other runtimes, and the modules of
sentence-transformers (`1_Pooling`)."""

_CONFIG_EVIDENCE = frozenset(
    {"model_type", "architectures", "_class_name", "auto_map", "peft_type", "_name_or_path"}
)
_WITHOUT_WEIGHTS = re.compile(r"(?P<what>Scheduler|Tokenizer|Processor|FeatureExtractor)")
_FIRST_FILE = {
    "Scheduler": "scheduler_config.json",
    "Tokenizer": "tokenizer_config.json",
    "Processor": "preprocessor_config.json",
    "FeatureExtractor": "preprocessor_config.json",
}
_COMPONENT_MARKERS = frozenset({"config.json", *_FIRST_FILE.values()})
_BOOKKEEPING = re.compile(
    r"/models--[^/]+/(refs/.+|trees/[0-9a-f]{40}\.json|\.no_exist)$"
    r"|/CACHEDIR\.TAG$|/blobs/(\.huggingface-shared-blobs|[0-9a-f]{2}/[0-9a-f]{64}\.(refs|lock))$"
)
_SNAPSHOT = re.compile(r"(?P<cache>(?:.*/)?models--(?P<repo>[^/]+))/snapshots/(?P<rest>.+)")


@dataclass(frozen=True, slots=True)
class HubPlace:
    """What the path of a file in the Hugging Face cache says about it."""

    repo: str
    """'org/name', or 'name' for the few without an organisation."""
    revision: str
    file: str
    """Relative to the repository, '/' between its parts; '' for the snapshot folder itself."""


@dataclass(frozen=True, slots=True)
class FolderModel:
    """One folder model, before its files are listed. Paths are strings, as in FolderTree."""

    form: ModelForm
    name: str
    base: str
    own_weights: frozenset[str] = frozenset()
    """Names directly in `base`; other weights there are strangers."""
    folders: frozenset[str] = frozenset()
    """Folders below `base` that belong to it with everything in them."""
    missing: tuple[str, ...] = ()
    """Needed files that are not there, relative to `base` (shards not counted)."""


@dataclass(slots=True)
class FolderScan:
    """All folder models of a tree, and what stands in the way of being one."""

    models: list[FolderModel] = field(default_factory=list)
    problems: dict[str, ModelLibraryError] = field(default_factory=dict)
    """By path of the file that has the problem."""
    blocked: dict[str, str] = field(default_factory=dict)
    """Folders that are parts of something broken -> the path of the file that is to blame."""


def hub_place(path: Path) -> HubPlace | None:
    """The place of a file or snapshot folder in a Hugging Face cache; None outside of one."""
    match = _SNAPSHOT.fullmatch(path.as_posix())
    if match is None:
        return None
    revision, _, file = match["rest"].partition("/")
    return HubPlace(match["repo"].replace("--", "/"), revision, file)


def is_hub_bookkeeping(path: Path) -> bool:
    """Whether the name is that of a note which a Hugging Face cache keeps for itself (model-facts 1.7)."""
    return _BOOKKEEPING.search(path.as_posix()) is not None


def is_main_snapshot(folder: Path) -> bool:
    """Whether the cache says that this snapshot is the newest of its repository (`refs/main`)."""
    place = hub_place(folder)
    if place is None or place.file:
        return False
    try:
        main = read_bounded(folder.parent.parent / "refs" / "main", _MAX_REF_BYTES)
    except (BrokenModelError, SourceUnreadableError):
        return False
    return main.strip() == place.revision.encode()


def find_folder_models(tree: FolderTree) -> FolderScan:
    """Every folder model of the tree, none inside another; sorted by path."""
    scan = FolderScan()
    taken: set[str] = set()
    for base, files in tree.folders.items():  # sorted, so that a folder comes before its subfolders
        if base in taken or base in scan.blocked:
            continue
        model = _diffusers(tree, base, scan) if MODEL_INDEX in files else _transformers(tree, base)
        if model is not None:
            scan.models.append(model)
            taken |= model.folders
    return scan


# --- diffusers -----------------------------------------------------------------------------------


def _diffusers(tree: FolderTree, base: str, scan: FolderScan) -> FolderModel | None:
    path = Path(base) / MODEL_INDEX
    try:
        components = dict(_components(path))
    except (BrokenModelError, UnsafeNameError, SourceUnreadableError) as error:
        scan.problems[str(path)] = error
        scan.blocked |= dict.fromkeys(_component_like(tree, base), str(path))
        return None
    children = {Path(child).name: child for child in tree.children(base)}
    roots = [children[name] for name in components if name in children]
    return FolderModel(
        ModelForm.DIFFUSERS_FOLDER,
        _name_of(base),
        base,
        folders=frozenset(_all_below(tree, roots) | _rest_of_snapshot(tree, base)),
        missing=tuple(
            f"{name}/{first}"
            for name, class_name in sorted(components.items())
            if (first := _first_missing(tree, children.get(name), class_name)) is not None
        ),
    )


def _components(path: Path) -> Iterator[tuple[str, str]]:
    """(subfolder, 'library.Class') of each component that a model_index.json names."""
    index = read_json_object(path, MAX_CONFIG_BYTES)
    found = False
    for name, value in index.items():
        match value:
            case [str(library), str(class_name)] if not name.startswith("_"):
                if not is_plain_name(name):
                    raise UnsafeNameError(
                        f"names a component outside its folder: {display_text(name)!r}",
                        path=path,
                        hint="The file was made by hand or to do harm: download it again.",
                    )
                found = True
                yield name, f"{library}.{class_name}"
    if not found:
        raise BrokenModelError("names no component of a diffusers pipeline", path=path)


def _first_missing(tree: FolderTree, folder: str | None, class_name: str) -> str | None:
    """The file that a component needs first, if it or its like is not there."""
    names = set(tree.names_below(folder)) if folder is not None else set()
    match = _WITHOUT_WEIGHTS.search(class_name)
    if match is not None:
        return None if names else _FIRST_FILE[match["what"]]
    if any(role_in_folder(name) is FileRole.WEIGHT or index_stem(name) for name in names):
        return None
    own = class_name.startswith("diffusers.")
    return "diffusion_pytorch_model.safetensors" if own else "model.safetensors"


def _component_like(tree: FolderTree, base: str) -> set[str]:
    roots = [c for c in tree.children(base) if _COMPONENT_MARKERS & set(tree.folders.get(c, ()))]
    return _all_below(tree, roots)


# --- transformers --------------------------------------------------------------------------------


def _transformers(tree: FolderTree, base: str) -> FolderModel | None:
    names = tree.folders[base]
    if not any(marker in names for marker in CONFIG_MARKERS):
        return None
    weights = _own_weights(base, names)
    modules = [c for c in tree.children(base) if _MODULE_FOLDER.fullmatch(Path(c).name)]
    folders = _all_below(tree, modules)
    has_index = any(index_stem(name) for name in names)
    if not weights and not has_index and not _holds_weights(tree, folders):
        return None
    if set(CONFIG_MARKERS) & set(names) == {"params.json"} and not _are_original(weights):
        return None
    return FolderModel(
        ModelForm.TRANSFORMERS_FOLDER,
        _name_of(base),
        base,
        own_weights=weights,
        folders=frozenset(folders | _rest_of_snapshot(tree, base)),
    )


def _own_weights(base: str, names: Iterable[str]) -> frozenset[str]:
    """The weights directly in a folder with a config that belong to it.

    Standard names always do. Without any, the only model there does if the config is one of a
    model: people rename weights.
    """
    candidates = [name for name in names if _may_be_own(name)]
    own = frozenset(name for name in candidates if _is_standard(name))
    if own:
        return own
    models = {shard.key if (shard := parse_shard_name(n)) else n for n in candidates}
    is_only = len(models) == 1 and _is_model_config(Path(base) / "config.json")
    return frozenset(candidates) if is_only else frozenset()


def _may_be_own(name: str) -> bool:
    extension = weight_extension(name) or extension_of(name)
    is_weight = role_in_folder(name) is FileRole.WEIGHT and not is_training_state(name)
    return is_weight and extension not in (".gguf", ".ggml")  # complete in themselves


def _is_standard(name: str) -> bool:
    extension = weight_extension(name)
    if extension in (".onnx", ONNX_DATA_EXTENSION):
        return True  # exports have many names: decoder_model_merged.onnx
    shard = parse_shard_name(name)
    stem = shard.stem if shard is not None else name[: -len(extension_of(name))]
    return _STANDARD_STEM.fullmatch(stem) is not None


def _is_model_config(path: Path) -> bool:
    try:
        return not _CONFIG_EVIDENCE.isdisjoint(read_json_object(path, MAX_CONFIG_BYTES))
    except (BrokenModelError, SourceUnreadableError):
        return False  # then it is no evidence; the weights stand for themselves


def _are_original(weights: Iterable[str]) -> bool:
    return any(name.startswith("consolidated") for name in weights)


# --- both ----------------------------------------------------------------------------------------


def _all_below(tree: FolderTree, roots: Iterable[str]) -> set[str]:
    return {folder for root in roots for folder in tree.with_all_below(root)}


def _holds_weights(tree: FolderTree, folders: Iterable[str]) -> bool:
    return any(weight_extension(name) for folder in folders for name in tree.folders[folder])


def _rest_of_snapshot(tree: FolderTree, base: str) -> set[str]:
    """A snapshot of the cache is one repository: its subfolders without weights belong to it."""
    place = hub_place(Path(base))
    if place is None or place.file:
        return set()
    below = ((child, _all_below(tree, [child])) for child in tree.children(base))
    return {
        folder for _, folders in below if not _holds_weights(tree, folders) for folder in folders
    }


def _name_of(base: str) -> str:
    place = hub_place(Path(base))
    if place is not None and not place.file:
        return place.repo.rpartition("/")[2]
    return Path(base).name or "model"
