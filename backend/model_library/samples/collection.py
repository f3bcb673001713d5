"""A handful of small models of different kinds, for the demo and for a first look.

Headers, key names and shapes are true; the weights are holes, so the whole takes a few megabytes on disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from model_library.io.platform.os_errors import translate_os_error
from model_library.samples.cases import write_case
from model_library.samples.formats import (
    GgufValue,
    write_gguf,
    write_safetensors,
    write_torch_zip,
)

_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "checkpoints/v1-5-pruned-emaonly.safetensors": ("sd15_ckpt_f16", "sd15_ckpt_f16.safetensors"),
    "loras/pixel-art-sd15.safetensors": ("lora_sd15_kohya", "lora_sd15_kohya.safetensors"),
    "loras/flux-realism.safetensors": ("lora_flux_diffusers", "lora_flux_diffusers.safetensors"),
    "vae/vae-ft-mse-840000.safetensors": ("vae_sd15_ldm", "vae_sd15_ldm.safetensors"),
    "embeddings/easy-negative.safetensors": ("ti_sd15_a1111", "ti_sd15_a1111.safetensors"),
    "upscalers/RealESRGAN_x4plus.safetensors": (
        "upscaler_esrgan_safetensors",
        "upscaler_esrgan_safetensors.safetensors",
    ),
}
_LLM: Final[Mapping[str, GgufValue]] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "TinyLlama 1.1B Chat",
    "general.file_type": 15,
    "general.license": "apache-2.0",
    "llama.context_length": 2048,
    "llama.block_count": 1,
    "llama.embedding_length": 2048,
    "tokenizer.ggml.tokens": ["<s>", "</s>", "hello"],
}
_SHARDS: Final = 2
_LARGE: Final = frozenset(
    {"checkpoints/v1-5-pruned-emaonly.safetensors", "vae/vae-ft-mse-840000.safetensors"}
)
"""Together 2.4 GB to read, and on a filesystem without holes to write."""
_SIDECAR: Final = ".metadata.json"
_ABOUT: Final = {
    "tags": ["sample"],
    "modelDescription": "A sample to look around with: names and shapes are those of a real model, its weights"
    " are empty.",
}


def write_collection(directory: Path) -> None:
    """Write the samples into folders below `directory`, the way people keep them."""
    _write(directory, _FILES)


def write_first_look(directory: Path) -> None:
    """Write those of the samples that are imported at once (300 MB to read), each with a word about what it
    is and a tag by which they are found and removed together. Raises FileError."""
    try:
        _write(directory, {name: _FILES[name] for name in _FILES if name not in _LARGE})
        for weight in sorted(path for path in directory.rglob("*") if path.is_file()):
            stem = weight.stem.partition("-00001-of-")[0]
            if "-of-" not in stem:
                sidecar = weight.with_name(f"{stem}{_SIDECAR}")
                sidecar.write_text(json.dumps(_ABOUT), encoding="utf-8")
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error


def _write(directory: Path, chosen: Mapping[str, tuple[str, str]]) -> None:
    for target, (case, file) in chosen.items():
        path = directory / target
        path.parent.mkdir(parents=True, exist_ok=True)
        write_case(case, path.parent, seed=len(target))
        (path.parent / file).rename(path)
    _write_llms(directory / "llm")
    write_torch_zip(directory / "upscalers" / "4x-old-style.pth", _esrgan(), seed=1)


def _write_llms(directory: Path) -> None:
    directory.mkdir(parents=True)
    tensors = [
        ("token_embd.weight", "Q4_K", (32000, 2048)),
        ("blk.0.attn_q.weight", "Q4_K", (2048, 2048)),
        ("blk.0.ffn_down.weight", "Q6_K", (2048, 5632)),
        ("output.weight", "Q6_K", (32000, 2048)),
    ]
    write_gguf(directory / "tinyllama-1.1b-chat.Q4_K_M.gguf", _LLM, tensors, seed=2)
    for number in range(_SHARDS):
        layer = f"model.layers.{number}"
        names = [(f"{layer}.self_attn.{part}_proj.weight", "BF16", (512, 512)) for part in "qkvo"]
        names += [
            (f"{layer}.mlp.{part}_proj.weight", "BF16", (1408, 512)) for part in ("gate", "up")
        ]
        names.append((f"{layer}.mlp.down_proj.weight", "BF16", (512, 1408)))
        ends = ("model.embed_tokens.weight", "lm_head.weight")
        names.append((ends[number], "BF16", (32000, 512)))
        name = f"small-llm-{number + 1:05d}-of-{_SHARDS:05d}.safetensors"
        write_safetensors(directory / name, names, {"format": "pt"}, seed=number)


def _esrgan() -> dict[str, tuple[str, tuple[int, ...]]]:
    """A very small RRDBNet: the key names of ESRGAN, few channels."""
    names = {"conv_first": (8, 3), "conv_body": (8, 8), "conv_up1": (8, 8), "conv_up2": (8, 8)}
    names |= {"conv_hr": (8, 8), "conv_last": (3, 8)}
    names |= {f"body.0.rdb{rdb}.conv{n}": (8, 8) for rdb in (1, 2, 3) for n in (1, 2, 3, 4, 5)}
    return {f"{name}.weight": ("F32", (*shape, 3, 3)) for name, shape in names.items()}
