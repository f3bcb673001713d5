"""What a file name says about the part a file plays for a model. Pure tables and lookups.

Extensions only serve to sort files into groups; what a file really holds is decided by its bytes
later. The companions beside a model are those of model managers in use (their file names were read
in the sources of AUTOMATIC1111, Forge, SD.Next, Lora-Manager, StabilityMatrix and SwarmUI).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from model_library.taxonomy import FileRole

WEIGHT_EXTENSIONS = (
    ".safetensors",
    ".sft",
    ".gguf",
    ".ggml",
    ".ckpt",
    ".pt",
    ".pth",
    ".bin",
    ".onnx",
    ".pt2",
    ".pkl",
    ".h5",
    ".msgpack",
    ".npz",
)
"""Of two models with one stem, the one that is first here gets the companions."""

ONNX_DATA_EXTENSION = ".onnx_data"
"""What `weight_extension` calls the external data of an ONNX model, however it is spelt."""

_ONNX_DATA = re.compile(r"(?P<model>.+\.onnx)(?:_data(?:_[0-9]+)?|\.data)", re.IGNORECASE)

_ONLY_IN_FOLDERS = (".pb", ".ot")
"""Weights in diffusers folders (ONNX external data `weights.pb`) and transformers folders (Rust)."""

_CONFIG_EXTENSIONS = frozenset(
    [
        ".json",
        ".yaml",
        ".yml",
        ".toml",
        ".txt",
        ".model",
        ".jinja",
        ".py",
        ".tiktoken",
        ".spm",
        ".vocab",
        ".bpe",
        ".xml",
    ]
)
_CODE = frozenset([".py"])
_DOCUMENT = re.compile(r"(?:readme|licen[cs]e|notice|use_policy|model_card)", re.IGNORECASE)

_TRAINING_STATE = re.compile(
    r"training_args\.bin|(?:optimizer|scheduler|scaler)(?:_[0-9]+)?\.(?:pt|pth|bin)"
    r"|rng_state(?:_[0-9]+)?\.pth|random_states_[0-9]+\.pkl",
    re.IGNORECASE,
)
"""What transformers.Trainer and accelerate leave beside a model; pickles without a model in them."""

_CLASSIC_IMAGES = ("png", "jpg", "jpeg", "webp", "gif")
_PICTURES = frozenset(f".{name}" for name in _CLASSIC_IMAGES)
_OTHER_IMAGES = ("avif", "jxl", "mp4", "webm")
PREVIEW_SUFFIXES = (
    *(f"{mark}.{ext}" for ext in _CLASSIC_IMAGES for mark in ("", ".preview")),
    *(f".thumb.{ext}" for ext in ("jpg", "jpeg", "png")),
    *(f"{mark}.{ext}" for ext in _OTHER_IMAGES for mark in ("", ".preview")),
)
"""The preferred one first: the order of AUTOMATIC1111, then what other programs add."""

SIDECAR_SUFFIXES = (
    ".metadata.json",
    ".civitai.info",
    ".cm-info.json",
    ".swarm.json",
    ".json",
    ".md",
    ".html",
    ".htm",
    ".txt",
    ".prompt",
    ".tags",
)
CONFIG_SUFFIXES = (".yaml", ".yml")
VAE_SUFFIXES = (".vae.safetensors", ".vae.sft", ".vae.pt", ".vae.ckpt")

_ROLES = {
    **dict.fromkeys(CONFIG_SUFFIXES, FileRole.CONFIG),
    **dict.fromkeys(VAE_SUFFIXES, FileRole.COMPANION),
    **dict.fromkeys(PREVIEW_SUFFIXES, FileRole.PREVIEW),
    **dict.fromkeys(SIDECAR_SUFFIXES, FileRole.SIDECAR),
}
_SUFFIXES_BY_EXTENSION: dict[str, list[str]] = {}
for _suffix in sorted(_ROLES, key=len):
    _SUFFIXES_BY_EXTENSION.setdefault(_suffix[_suffix.rfind(".") :], []).append(_suffix)
_ONE_MODEL_PREVIEW = re.compile(r"preview\.(?:png|jpe?g|webp|gif)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CompanionName:
    """One way to read a name: it accompanies the model of this stem."""

    stem: str
    suffix: str
    """Lower case, as in the tables above."""
    role: FileRole


def extension_of(name: str) -> str:
    """The last extension, lower case with its dot; '' for none."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def weight_extension(name: str) -> str | None:
    """The extension, lower case, when files of this name hold weights; None for all others."""
    if _ONNX_DATA.fullmatch(name):
        return ONNX_DATA_EXTENSION
    extension = extension_of(name)
    return extension if extension in WEIGHT_EXTENSIONS else None


def onnx_model_of(name: str) -> str | None:
    """The name of the ONNX model whose external data has this name, or None."""
    match = _ONNX_DATA.fullmatch(name)
    return match["model"] if match else None


def is_training_state(name: str) -> bool:
    return _TRAINING_STATE.fullmatch(name) is not None


def companion_readings(name: str) -> list[CompanionName]:
    """Every way to read a name as that of a companion, the longest stem first."""
    lower = name.lower()
    return [
        CompanionName(name[: -len(suffix)], suffix, _ROLES[suffix])
        for suffix in _SUFFIXES_BY_EXTENSION.get(extension_of(name), ())
        if lower.endswith(suffix) and len(name) > len(suffix)
    ]


def preview_rank(name: str) -> int:
    """Smaller for the better preview of two."""
    readings = [r for r in companion_readings(name) if r.role is FileRole.PREVIEW]
    # The longest suffix names the habit: X.preview.png is no X.png.
    suffix = readings[-1].suffix if readings else ""
    return (*PREVIEW_SUFFIXES, "").index(suffix)


def only_model_role(name: str) -> FileRole | None:
    """The role of a file with a fixed name in a folder that holds one model and nothing else, as
    model libraries lay it out (this one and Pumas): `metadata.json`, `preview.png`."""
    if name.lower() == "metadata.json":
        return FileRole.SIDECAR
    return FileRole.PREVIEW if _ONE_MODEL_PREVIEW.fullmatch(name) else None


def role_in_folder(name: str) -> FileRole:
    """The role of a file that belongs to a diffusers or transformers folder."""
    extension = extension_of(name)
    if weight_extension(name) is not None or extension in _ONLY_IN_FOLDERS:
        return FileRole.WEIGHT
    if _DOCUMENT.match(name) is None and extension in _CONFIG_EXTENSIONS:
        return FileRole.CONFIG
    return FileRole.COMPANION


def is_folder_material(name: str) -> bool:
    """Whether a file belongs to a model folder even where other models lie beside it."""
    return role_in_folder(name) is not FileRole.COMPANION or _DOCUMENT.match(name) is not None


def role_beside(name: str) -> FileRole | None:
    """The role of a file that a repository has beside its weights: configuration, tokenizer, card, licence or
    picture. None for weights, for code, and for what is none of these."""
    if extension_of(name) in _PICTURES:
        return FileRole.PREVIEW
    if name.startswith(".") or extension_of(name) in _CODE:
        return None
    known = _DOCUMENT.match(name) is not None or extension_of(name) in _CONFIG_EXTENSIONS | {".md"}
    role = role_in_folder(name) if known else FileRole.WEIGHT
    return None if role is FileRole.WEIGHT else role
