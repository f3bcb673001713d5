"""Real model files of a few kilobytes, made where a test needs them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

from model_library.samples.cases import sample_cases
from model_library.samples.formats import write_safetensors
from model_library.samples.safetensors_file import TensorSpec

LORA = (
    (
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight",
        (4, 768),
    ),
    (
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight",
        (320, 4),
    ),
)
LARGE = 50_000  # elements of a tensor
PICKLE_THAT_RUNS = b"\x80\x02cos\nsystem\nX\x09\x00\x00\x00echo pwnd\x85R."


def lora(path: Path, seed: int = 0) -> Path:
    """A LoRA for SD 1.5 (about 9 KB); seeds give different contents of one size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_safetensors(path, [(name, "F16", shape) for name, shape in LORA], sparse=False, seed=seed)
    return path


def padded(path: Path, mebibytes: int, seed: int = 0) -> Path:
    """A safetensors file of about that size with real bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (mebibytes * 1024, 512)
    write_safetensors(path, [("w", "F16", shape)], sparse=False, seed=seed)
    with path.open("rb+") as file:
        file.seek(4096)
        for _ in range(mebibytes - 1):
            file.write(os.urandom(1024) * 1024)
    return path


def shards(folder: Path, total: int, *, without: int = 0, seed: int = 0) -> list[Path]:
    """A sharded set of LLM weights; one shard can be left out."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(1, total + 1):
        if number == without:
            continue
        path = folder / f"llm-{number:05d}-of-{total:05d}.safetensors"
        layer = f"model.layers.{number - 1}"
        tensors = [(f"{layer}.self_attn.{name}_proj.weight", "BF16", (32, 32)) for name in "qkvo"]
        tensors += [(f"{layer}.mlp.gate_proj.weight", "BF16", (64, 32))]
        tensors += [("model.embed_tokens.weight", "BF16", (64, 32))] * (number == 1)
        tensors += [("lm_head.weight", "BF16", (64, 32))] * (number == total)
        write_safetensors(path, tensors, seed=seed + number)
        paths.append(path)
    return paths


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative path, to compare before and after."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def thin_case(
    name: str, folder: Path, *, seed: int | None = None, shapes: bool = True
) -> list[Path]:
    """A sample case that need not be hashed for seconds: all names of its tensors, at eight bits where they
    are large, and thin where a block repeats them. Without `shapes` all large ones are thin."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in sample_cases()[name].files:
        written.append(folder / file.path)
        if file.text is None:
            tensors = _thin(file.tensors, shapes=shapes)
            write_safetensors(written[-1], tensors, file.metadata, seed=seed)
        else:
            written[-1].write_text(file.text, encoding="utf-8")
    return written


def _thin(tensors: Sequence[TensorSpec], *, shapes: bool) -> Iterator[TensorSpec]:
    seen: set[str] = set()
    for name, dtype, shape in tensors:
        alike = re.sub(r"\d+", "0", name)
        keeps = prod(shape) <= LARGE or (shapes and alike not in seen)
        thin = shape if keeps else (1, *shape[1:])
        yield name, "F8_E4M3" if prod(thin) > LARGE else dtype, thin
        seen.add(alike)
