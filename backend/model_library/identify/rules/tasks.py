"""What a model can be used for, in the words of the Hub's pipeline tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from model_library.taxonomy import UNKNOWN_FAMILY, Kind

_KIND_TASKS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.LLM: ("text-generation",),
    Kind.VLM: ("image-text-to-text",),
    Kind.EMBEDDING_MODEL: ("feature-extraction",),
    Kind.RERANKER: ("text-ranking",),
    Kind.CLASSIFIER: ("text-classification",),
    Kind.ASR: ("automatic-speech-recognition",),
    Kind.TTS: ("text-to-speech",),
    Kind.AUDIO_GEN: ("text-to-audio",),
    Kind.UPSCALER: ("image-to-image",),
    Kind.FACE_RESTORER: ("image-to-image",),
    Kind.DETECTOR: ("object-detection",),
    Kind.SEGMENTER: ("mask-generation",),
    Kind.TEXT_ENCODER: ("feature-extraction",),
    Kind.VISION_ENCODER: ("image-feature-extraction",),
    Kind.AUDIO_ENCODER: ("feature-extraction",),
}

_GENERATORS: Final = frozenset(
    {Kind.CHECKPOINT, Kind.DIFFUSION_MODEL, Kind.PIPELINE, Kind.ADAPTER, Kind.CONTROLNET}
    | {Kind.T2I_ADAPTER, Kind.IP_ADAPTER, Kind.MOTION_MODULE, Kind.EMBEDDING_TI}
)
_FAMILY_TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("wan", "hunyuan_video", "ltx", "ltx2", "mochi", "cogvideox", "kandinsky5", "animatediff"),
        ("text-to-video",),
    ),
    **dict.fromkeys(("allegro", "latte", "easyanimate", "cosmos"), ("text-to-video",)),
    **dict.fromkeys(("ace_step", "stable_audio", "audioldm", "audioldm2"), ("text-to-audio",)),
    "musicldm": ("text-to-audio",),
    "svd": ("image-to-video",),
    "hunyuan3d": ("image-to-3d",),
    "shap_e": ("text-to-3d",),
    "seedvr2": ("video-to-video",),
    "sdxl_refiner": ("image-to-image",),
}
_VARIANT_TASKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("ti2v", ("text-to-video", "image-to-video")),
    ("i2v", ("image-to-video",)),
    ("flf2v", ("image-to-video",)),
    ("animate", ("image-to-video",)),
    ("s2v", ("image-to-video",)),
    ("inpaint", ("image-to-image",)),
    ("fill", ("image-to-image",)),
    ("edit", ("image-to-image",)),
    ("kontext", ("image-to-image",)),
    ("pix2pix", ("image-to-image",)),
    ("x4_upscaler", ("image-to-image",)),
)
"""Words of a variant that say more than the family, the more exact first."""


def tasks_of(kind: Kind, family: str, variant: str | None) -> tuple[str, ...]:
    """The tasks that kind, family and variant imply; none where they are not known."""
    if kind not in _GENERATORS:
        return _KIND_TASKS.get(kind, ())
    if family == UNKNOWN_FAMILY:
        return ()
    for word, tasks in _VARIANT_TASKS:
        if variant is not None and word in variant:
            return tasks
    return _FAMILY_TASKS.get(family, ("text-to-image",))
