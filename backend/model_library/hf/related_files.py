"""Which other files of a repository belong to a model of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from model_library.metadata import ModelMetadata
from model_library.providers import RemoteFile
from model_library.taxonomy import ModelForm

MOST_RELATED: Final = 100
"""Files that are listed; a repository can have 10,000."""

_WEIGHTS: Final = frozenset(
    [
        ".safetensors",
        ".sft",
        ".gguf",
        ".ggml",
        ".ckpt",
        ".pt",
        ".pth",
        ".bin",
        ".onnx",
        ".h5",
        ".msgpack",
        ".pkl",
        ".keras",
    ]
)
_BESIDE: Final = frozenset(
    [
        ".json",
        ".txt",
        ".yaml",
        ".yml",
        ".model",
        ".tiktoken",
        ".jinja",
        ".md",
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
    ]
)
"""Configuration, tokenizers, chat templates, the card and pictures."""
_COMPANION_WEIGHT: Final = re.compile(r"(?:.*[-_.])?(?:vae|mmproj)(?:[-_.].*)?", re.IGNORECASE)
_SHARD: Final = re.compile(r"(.*)[-_.]\d{5}(-of-\d{5}\.\w+)", re.IGNORECASE)
_FOLDERS: Final = (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER)


def is_weight(file: RemoteFile) -> bool:
    return PurePosixPath(file.path).suffix.lower() in _WEIGHTS


def related_files(
    model: ModelMetadata, files: Sequence[RemoteFile], matched: RemoteFile | None
) -> tuple[RemoteFile, ...]:
    """Configuration, tokenizer, VAE, preview and README that we do not hold: of a single file those beside
    it and at the top of the repository, of a folder model all."""
    held = {(PurePosixPath(file.original_name).name, file.size) for file in model.files}
    places = {".", str(PurePosixPath("." if matched is None else matched.path).parent)}
    found = [
        file
        for file in files
        if _goes_beside(file)
        and (PurePosixPath(file.path).name, file.size) not in held
        and (model.form in _FOLDERS or str(PurePosixPath(file.path).parent) in places)
    ]
    return tuple(sorted(found, key=lambda file: file.path)[:MOST_RELATED])


def missing_files(
    model: ModelMetadata, files: Sequence[RemoteFile], matched: Iterable[RemoteFile]
) -> tuple[RemoteFile, ...]:
    """What the model lacks and the repository has: the other shards of the sets that ours are in, whatever
    they are called here, and files that are missing by name."""
    taken = {file.path for file in matched}
    sets = {key for path in taken if (key := _shard_set(path)) is not None}
    places = {str(PurePosixPath(path).parent) for path in taken}
    whole = model.form in _FOLDERS
    lost = {name if whole else PurePosixPath(name).name for name in model.missing_files}

    def is_missing(path: str) -> bool:
        if whole:
            return path in lost
        return PurePosixPath(path).name in lost and str(PurePosixPath(path).parent) in places

    found = [
        file
        for file in files
        if file.path not in taken and (_shard_set(file.path) in sets or is_missing(file.path))
    ]
    return tuple(sorted(found, key=lambda file: file.path))


def _goes_beside(file: RemoteFile) -> bool:
    path = PurePosixPath(file.path)
    if any(part.startswith(".") for part in path.parts):
        return False
    if path.suffix.lower() in _WEIGHTS:
        return _COMPANION_WEIGHT.fullmatch(path.stem) is not None
    return path.suffix.lower() in _BESIDE or path.stem.upper() in {"LICENSE", "LICENCE", "NOTICE"}


def _shard_set(path: str) -> tuple[str, str] | None:
    """Equal for the shards of one set; None for other files."""
    found = _SHARD.fullmatch(path)
    return None if found is None else (found[1], found[2].lower())
