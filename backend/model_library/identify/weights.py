"""The weights of a model that is spread over files: which files count, and all tensors as one.

A folder often holds the same weights several times (safetensors and pickles, full and half precision,
other runtimes). Each tensor is counted once, from the file a loader would take first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from model_library.identify.values import GroupFile, Header, MetadataValue, Tensor
from model_library.taxonomy import Container, ModelForm

_PREFERRED: Final = (
    Container.SAFETENSORS,
    Container.GGUF,
    Container.PICKLE_ZIP,
    Container.PICKLE_LEGACY,
    Container.ONNX,
)
_CORE_PARTS: Final = ("transformer", "unet", "prior", "decoder", "dit", "model")
"""Folders of a diffusers pipeline that hold its diffusion model, the likeliest first."""
_ORIGINAL: Final = "consolidated"
"""Stem of the weights in the format of their makers, beside the same weights for transformers."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A weight file and what its header says."""

    file: GroupFile
    header: Header

    @property
    def folder(self) -> str:
        """Folder inside the model, '' for its top."""
        parent = str(PurePosixPath(self.file.name).parent)
        return "" if parent == "." else parent


@dataclass(frozen=True, slots=True)
class AllWeights:
    """The tensors of one model."""

    counted: Mapping[str, Tensor]
    """Every tensor once; the names of a pipeline's parts have their folder in front."""
    core: Mapping[str, Tensor]
    """The tensors that tell what the model is, with their own names."""
    metadata: Mapping[str, MetadataValue]


def combine(weights: Sequence[WeightFile], form: ModelForm) -> AllWeights:
    """All tensors and metadata of the files that count."""
    files = _without_copies(weights, form)
    counted: dict[str, Tensor] = {}
    metadata: dict[str, MetadataValue] = {}
    core_folder = _core_folder(files, form)
    core: dict[str, Tensor] = {}
    for weight in files:
        prefix = f"{weight.folder}/" if form is ModelForm.DIFFUSERS_FOLDER else ""
        is_core = core_folder is None or weight.folder == core_folder
        for name, tensor in weight.header.tensors.items():
            counted.setdefault(prefix + name, tensor)
            if is_core:
                core.setdefault(name, tensor)
        for key, value in weight.header.metadata.items():
            metadata.setdefault(key, value)
    return AllWeights(counted, core, metadata)


def _without_copies(weights: Sequence[WeightFile], form: ModelForm) -> list[WeightFile]:
    """The files that a loader would take, the plain name before its variants (`model.fp16`)."""
    ordered = sorted(weights, key=lambda w: (w.file.name.count("."), w.file.name))
    if form is ModelForm.TRANSFORMERS_FOLDER:
        ordered = _top(ordered)
    if form in {ModelForm.SINGLE_FILE, ModelForm.SHARDED_SET}:
        return ordered
    best = {
        folder: min(map(_rank, (w for w in ordered if w.folder == folder)))
        for folder in {w.folder for w in ordered}
    }
    return [weight for weight in ordered if _rank(weight) == best[weight.folder]]


def _top(weights: list[WeightFile]) -> list[WeightFile]:
    """Of a transformers folder only its top counts, in the transformers format if it is there."""
    top = [weight for weight in weights if not weight.folder] or weights
    ours = [weight for weight in top if not weight.file.name.startswith(_ORIGINAL)]
    return ours or top


def _rank(weight: WeightFile) -> int:
    container = weight.header.container
    return _PREFERRED.index(container) if container in _PREFERRED else len(_PREFERRED)


def _core_folder(weights: Iterable[WeightFile], form: ModelForm) -> str | None:
    """The folder of a pipeline's diffusion model; None where all files belong to one."""
    if form is not ModelForm.DIFFUSERS_FOLDER:
        return None
    folders = {weight.folder for weight in weights}
    return next((part for part in _CORE_PARTS if part in folders), "")
