"""Names of folders and files: the weakest evidence, and only where nothing else tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.identify.claims import Claim, resolve
from model_library.identify.name_hints import (
    exact_variant,
    family_hints,
    kind_hints,
    lineage_hints,
    names_of,
)
from model_library.identify.values import ModelGroup
from model_library.taxonomy import EvidenceMethod, ModelForm


def _group(path: str) -> ModelGroup:
    place = Path(path)
    return ModelGroup(ModelForm.SINGLE_FILE, place.stem, place.parent, ())


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/models/loras/sdxl/x.safetensors", ["adapter"]),
        ("/models/Stable-diffusion/x.ckpt", ["checkpoint"]),
        ("/models/ultralytics/bbox/x.pt", ["detector", "detector"]),
        ("/downloads/x.safetensors", []),
        ("/loras/a/b/c/d/x.safetensors", []),
        ("/downloads/loras.safetensors", []),
    ],
)
def test_a_folder_suggests_a_kind(path: str, kinds: list[str]) -> None:
    assert [str(claim.value) for claim in kind_hints(names_of(_group(path)))] == kinds


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/m/sdxl_vae.safetensors", "sdxl"),
        ("/m/FLUX.1-dev.safetensors", "flux1"),
        ("/m/flux-2-klein-4b.safetensors", "flux2"),
        ("/m/sd3.5_large.safetensors", "sd3"),
        ("/m/v1-5-pruned-emaonly.ckpt", "sd1"),
        ("/m/sd15/x.safetensors", "sd1"),
        ("/m/qwen_image_vae.safetensors", "qwen_image"),
        ("/m/animation_style.safetensors", None),
        ("/m/galaxlike.safetensors", None),
    ],
)
def test_a_name_suggests_a_family(path: str, family: str | None) -> None:
    claims = list(family_hints(names_of(_group(path))))
    assert resolve(claims).value("family") == family


def test_the_nearest_folder_comes_before_the_file_name() -> None:
    claims = list(lineage_hints(names_of(_group("/m/pony/noob_style.safetensors"))))
    assert [(c.value, c.method) for c in claims] == [
        ("pony", EvidenceMethod.FOLDER),
        ("noobai", EvidenceMethod.FILENAME),
    ]


@pytest.mark.parametrize(
    ("path", "family", "known", "variant"),
    [
        ("/m/wan2.2_i2v_high_noise_14B.safetensors", "wan", "i2v_14b", "i2v_14b_high_noise"),
        ("/m/wan_low_noise.safetensors", "wan", None, "low_noise"),
        ("/m/flux1-dev-kontext.safetensors", "flux1", "dev", "kontext"),
        ("/m/flux1-fill-kontext.safetensors", "flux1", "fill", "fill"),
        ("/m/flux1-depth-dev.safetensors", "flux1", "control", "depth"),
        ("/m/dreamshaperXL_lightning.safetensors", "sdxl", None, "lightning"),
        ("/m/dreamshaperXL.safetensors", "sdxl", None, None),
        ("/m/kontext.safetensors", "sd1", None, None),
    ],
)
def test_a_name_makes_a_variant_more_exact(
    path: str, family: str, known: str | None, variant: str | None
) -> None:
    claims = [Claim("family", family, EvidenceMethod.TENSOR_KEYS, 0.9)]
    if known is not None:
        claims.append(Claim("variant", known, EvidenceMethod.TENSOR_KEYS, 0.9))
    found = exact_variant(resolve(claims), names_of(_group(path)))
    assert (None if found is None else found.value) == variant
