"""What the labels of CivitAI and of the programs that copy them mean in our words.

The lists of the site are open and grow every month; what is not here is kept verbatim and is no
hint. Labels were read in the server's source and its `/api/v1/enums`; the same words are used by
Lora-Manager (`base_model`, `sub_type`), StabilityMatrix (`BaseModel`, `ModelType`), Civitai-Helper
and AUTOMATIC1111 (`sd version`).
"""

from __future__ import annotations

import re

from model_library.taxonomy import AdapterType, Kind

_KINDS: dict[str, Kind] = {
    "checkpoint": Kind.CHECKPOINT,
    "diffusionmodel": Kind.DIFFUSION_MODEL,
    "unet": Kind.DIFFUSION_MODEL,
    "lora": Kind.ADAPTER,
    "locon": Kind.ADAPTER,
    "lycoris": Kind.ADAPTER,
    "dora": Kind.ADAPTER,
    "textualinversion": Kind.EMBEDDING_TI,
    "embedding": Kind.EMBEDDING_TI,
    "hypernetwork": Kind.HYPERNETWORK,
    "controlnet": Kind.CONTROLNET,
    "upscaler": Kind.UPSCALER,
    "motionmodule": Kind.MOTION_MODULE,
    "vae": Kind.VAE,
    "detection": Kind.DETECTOR,
    "textencoder": Kind.TEXT_ENCODER,
    "clip": Kind.TEXT_ENCODER,
    "clipvision": Kind.VISION_ENCODER,
    "visionlanguage": Kind.VLM,
    "poses": Kind.AUXILIARY,
    "wildcards": Kind.AUXILIARY,
    "workflows": Kind.AUXILIARY,
}

_ADAPTERS: dict[str, AdapterType] = {
    "lora": AdapterType.LORA,
    "locon": AdapterType.LOCON,
    "dora": AdapterType.DORA,
}

_FAMILIES: tuple[tuple[str, str, str | None], ...] = (
    ("pony v7", "auraflow", None),
    ("pony", "sdxl", "pony"),
    ("illustrious", "sdxl", "illustrious"),
    ("noobai", "sdxl", "noobai"),
    ("sdxl", "sdxl", None),
    ("sd xl", "sdxl", None),
    ("xl", "sdxl", None),
    ("sd 1", "sd1", None),
    ("sd1", "sd1", None),
    ("sd 2", "sd2", None),
    ("sd2", "sd2", None),
    ("sd 3", "sd3", None),
    ("sd3", "sd3", None),
    ("svd", "svd", None),
    ("stable cascade", "cascade", None),
    ("flux.2", "flux2", None),
    ("flux 2", "flux2", None),
    ("flux.1", "flux1", None),
    ("flux 1", "flux1", None),
    ("chroma", "chroma", None),
    ("krea 2", "krea2", None),
    ("auraflow", "auraflow", None),
    ("pixart", "pixart", None),
    ("lumina", "lumina2", None),
    ("zimage", "z_image", None),
    ("z image", "z_image", None),
    ("qwen", "qwen_image", None),
    ("hidream", "hidream", None),
    ("hunyuan 1", "hunyuan_dit", None),
    ("hunyuan video", "hunyuan_video", None),
    ("hunyuan3d", "hunyuan3d", None),
    ("kolors", "kolors", None),
    ("anima", "anima", None),
    ("ernie", "ernie", None),
    ("ideogram 4", "ideogram4", None),
    ("wan image", "wan", None),
    ("wan video", "wan", None),
    ("ltxv2", "ltx2", None),
    ("ltxv 2", "ltx2", None),
    ("ltxv", "ltx", None),
    ("mochi", "mochi", None),
    ("cogvideox", "cogvideox", None),
    ("ace audio", "ace_step", None),
)
"""Beginning of a base model's label (lower case), family, lineage; the first that fits counts."""


def kind_of(label: str) -> Kind | None:
    """'LORA', 'TextualInversion', 'diffusion_model' -> a kind; None for 'Other' and new types."""
    return _KINDS.get(_squeezed(label))


def adapter_type_of(label: str) -> AdapterType | None:
    return _ADAPTERS.get(_squeezed(label))


def family_of(base_model: str) -> tuple[str | None, str | None]:
    """Family and lineage of a base model's label; (None, None) when it is none we know."""
    label = re.sub(r"[\s_]+", " ", base_model.removeprefix("SdVersion.").strip().lower())
    for beginning, family, lineage in _FAMILIES:
        if label.startswith(beginning):
            return family, lineage
    return None, None


def _squeezed(label: str) -> str:
    return re.sub(r"[\s_-]+", "", label).lower()
