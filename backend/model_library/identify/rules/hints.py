"""What names of folders and files suggest. The weakest evidence: it decides only what nothing in the
file itself tells.

A pattern is searched in the lower-case name. Folder names are those of the applications.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from model_library.taxonomy import Kind

FOLDER_KINDS: Final[Mapping[str, Kind]] = {
    "checkpoints": Kind.CHECKPOINT,
    "stable-diffusion": Kind.CHECKPOINT,
    "loras": Kind.ADAPTER,
    "lora": Kind.ADAPTER,
    "lycoris": Kind.ADAPTER,
    "vae": Kind.VAE,
    "vae_approx": Kind.VAE_APPROX,
    "vae-approx": Kind.VAE_APPROX,
    "text_encoders": Kind.TEXT_ENCODER,
    "text_encoder": Kind.TEXT_ENCODER,
    "clip": Kind.TEXT_ENCODER,
    "clip_vision": Kind.VISION_ENCODER,
    "audio_encoders": Kind.AUDIO_ENCODER,
    "diffusion_models": Kind.DIFFUSION_MODEL,
    "unet": Kind.DIFFUSION_MODEL,
    "controlnet": Kind.CONTROLNET,
    "t2i_adapter": Kind.T2I_ADAPTER,
    "ipadapter": Kind.IP_ADAPTER,
    "ip-adapter": Kind.IP_ADAPTER,
    "embeddings": Kind.EMBEDDING_TI,
    "hypernetworks": Kind.HYPERNETWORK,
    "style_models": Kind.STYLE_MODEL,
    "model_patches": Kind.MODEL_PATCH,
    "animatediff_models": Kind.MOTION_MODULE,
    "upscale_models": Kind.UPSCALER,
    "esrgan": Kind.UPSCALER,
    "realesrgan": Kind.UPSCALER,
    "gfpgan": Kind.FACE_RESTORER,
    "codeformer": Kind.FACE_RESTORER,
    "facerestore_models": Kind.FACE_RESTORER,
    "ultralytics": Kind.DETECTOR,
    "bbox": Kind.DETECTOR,
    "adetailer": Kind.DETECTOR,
    "segm": Kind.SEGMENTER,
    "sams": Kind.SEGMENTER,
}

_WORD: Final = r"(?:^|[^a-z0-9]){}(?:$|[^a-z0-9])"


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


FAMILY_WORDS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (_pattern(r"flux[-_. ]?2|klein"), "flux2"),
    (_pattern(r"chroma"), "chroma"),
    (_pattern(r"qwen[-_. ]?image"), "qwen_image"),
    (_pattern(r"z[-_. ]?image"), "z_image"),
    (_pattern(r"wan[-_. ]?2"), "wan"),
    (_pattern(r"hunyuan[-_. ]?video"), "hunyuan_video"),
    (_pattern(r"kolors"), "kolors"),
    (_pattern(r"anima(?!t)"), "anima"),
    (_pattern(r"flux"), "flux1"),
    (_pattern(r"sd[-_. ]?3(?:[-_. ]5)?(?![0-9])|sd35"), "sd3"),
    (_pattern(r"sdxl|pony|illustrious|noob|" + _WORD.format(r"(?:il)?xl")), "sdxl"),
    (_pattern(r"sd[-_. ]?v?2(?![0-9])|sd21"), "sd2"),
    (_pattern(r"sd[-_. ]?v?1(?![0-9])|sd15|v1-5"), "sd1"),
)

LINEAGE_WORDS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (_pattern(r"noob"), "noobai"),
    (_pattern(r"illustrious|" + _WORD.format("ilxl") + "|" + _WORD.format("il")), "illustrious"),
    (_pattern(r"pony"), "pony"),
)
"""Fine-tunes of SDXL that adapters are made for; no tensor tells them apart."""

LINEAGE_FAMILIES: Final = frozenset({"sdxl"})


@dataclass(frozen=True, slots=True)
class VariantHint:
    """A name that tells a variant of one family which the tensors do not tell."""

    family: str
    pattern: re.Pattern[str]
    variant: str
    over: tuple[str | None, ...] | None = None
    """Variants found in the tensors that this one is more exact than; None: it is added behind."""


VARIANT_HINTS: Final = (
    VariantHint("wan", _pattern(r"high[-_. ]?noise"), "high_noise"),
    VariantHint("wan", _pattern(r"low[-_. ]?noise"), "low_noise"),
    VariantHint("flux1", _pattern(r"kontext"), "kontext", over=("dev", None)),
    VariantHint("flux1", _pattern(r"krea"), "krea", over=("dev", None)),
    VariantHint("flux1", _pattern(r"canny"), "canny", over=("control",)),
    VariantHint("flux1", _pattern(r"depth"), "depth", over=("control",)),
    VariantHint("flux2", _pattern(r"base"), "base"),
    VariantHint("z_image", _pattern(r"turbo"), "turbo", over=(None,)),
    VariantHint("z_image", _pattern(r"base"), "base", over=(None,)),
    VariantHint("qwen_image", _pattern(r"edit"), "edit", over=(None,)),
    VariantHint("sd3", _pattern(r"turbo"), "turbo"),
    VariantHint("sdxl", _pattern(r"turbo"), "turbo", over=(None,)),
    VariantHint("sdxl", _pattern(r"lightning"), "lightning", over=(None,)),
    VariantHint("sdxl", _pattern(r"hyper"), "hyper", over=(None,)),
    VariantHint("sdxl", _pattern(_WORD.format("lcm")), "lcm", over=(None,)),
    VariantHint("sd2", _pattern(r"v[-_]?pred|768-?v"), "v_pred", over=(None,)),
    VariantHint("sdxl", _pattern(r"v[-_]?pred"), "v_pred", over=(None,)),
    VariantHint("svd", _pattern(_WORD.format("xt")), "xt", over=(None,)),
    VariantHint("ltx", _pattern(r"distilled"), "distilled"),
)
