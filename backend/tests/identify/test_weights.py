"""Which files of a folder count, and their tensors as one model."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.identify.values import (
    FoundFile,
    GroupFile,
    Header,
    MetadataValue,
    Security,
)
from model_library.identify.weights import WeightFile, combine
from model_library.taxonomy import Container, FileRole, ModelForm, SecurityTier
from tests.identify.examples import tensors


def _file(
    name: str,
    shapes: dict[str, tuple[int, ...]],
    container: Container = Container.SAFETENSORS,
    metadata: dict[str, MetadataValue] | None = None,
) -> WeightFile:
    found = FoundFile(Path("/x") / name, 1, 0, 1, 1)
    header = Header(
        container, 1, tensors(shapes), metadata or {}, Security(SecurityTier.SAFE_FORMAT)
    )
    return WeightFile(GroupFile(found, name, FileRole.WEIGHT), header)


def test_shards_are_one_model() -> None:
    shards = [
        _file("m-00001-of-00002.safetensors", {"a": (2,)}, metadata={"format": "pt", "x": 1}),
        _file("m-00002-of-00002.safetensors", {"b": (3,)}, metadata={"format": "np"}),
    ]
    both = combine(shards, ModelForm.SHARDED_SET)
    assert both.counted == tensors({"a": (2,), "b": (3,)})
    assert both.core == both.counted
    assert both.metadata == {"format": "pt", "x": 1}


@pytest.mark.parametrize(
    ("other", "container"),
    [
        ("pytorch_model.bin", Container.PICKLE_ZIP),
        ("model.fp16.safetensors", Container.SAFETENSORS),
        ("onnx/model.onnx", Container.ONNX),
        ("original/consolidated.00.pth", Container.PICKLE_ZIP),
        ("consolidated.safetensors", Container.SAFETENSORS),
    ],
)
def test_the_same_weights_in_another_form_are_not_counted_twice(
    other: str, container: Container
) -> None:
    renamed = other.startswith(("onnx", "original", "consolidated"))
    copy = _file(other, {"other" if renamed else "a": (2,)}, container)
    both = combine([copy, _file("model.safetensors", {"a": (2,)})], ModelForm.TRANSFORMERS_FOLDER)
    assert list(both.counted) == ["a"]


def test_weights_only_in_subfolders_count() -> None:
    only = combine(
        [_file("onnx/model.onnx", {"a": (2,)}, Container.ONNX)], ModelForm.TRANSFORMERS_FOLDER
    )
    assert list(only.counted) == ["a"]


def test_the_diffusion_model_of_a_pipeline_tells_what_it_is() -> None:
    parts = [
        _file("vae/model.safetensors", {"a": (1,)}),
        _file("unet/model.safetensors", {"a": (2,)}),
        _file("unet/model.bin", {"a": (2,)}, Container.PICKLE_ZIP),
    ]
    pipeline = combine(parts, ModelForm.DIFFUSERS_FOLDER)
    assert pipeline.core == tensors({"a": (2,)})
    assert sorted(pipeline.counted) == ["unet/a", "vae/a"]


def test_a_model_without_readable_weights_is_empty() -> None:
    assert combine([], ModelForm.TRANSFORMERS_FOLDER).counted == {}
