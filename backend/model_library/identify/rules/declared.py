"""What other programs call the families and kinds: tables from their words to ours.

Sources: the architecture identifiers of the SAI model specification and of the kohya trainers, the
`general.architecture` values of llama.cpp and of the GGUF converters for image models, the class
names of diffusers and transformers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from model_library.taxonomy import Kind

DECLARED_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    ("stable-diffusion-v1", "sd1"),
    ("stable-diffusion-1", "sd1"),
    ("stable-diffusion-v2", "sd2"),
    ("stable-diffusion-2", "sd2"),
    ("stable-diffusion-xl-v1-refiner", "sdxl_refiner"),
    ("stable-diffusion-xl", "sdxl"),
    ("stable-diffusion-v3", "sd3"),
    ("stable-diffusion-3", "sd3"),
    ("stable-video-diffusion", "svd"),
    ("stable-cascade", "cascade"),
    ("stable-audio", "stable_audio"),
    ("sd-v1", "sd1"),
    ("sd-v2", "sd2"),
    ("sd1", "sd1"),
    ("sd2", "sd2"),
    ("sdxl-refiner", "sdxl_refiner"),
    ("sdxl", "sdxl"),
    ("sd3", "sd3"),
    ("flux-2", "flux2"),
    ("flux2", "flux2"),
    ("flux", "flux1"),
    ("chroma", "chroma"),
    ("auraflow", "auraflow"),
    ("aura", "auraflow"),
    ("pixart", "pixart"),
    ("lumina-2", "lumina2"),
    ("lumina2", "lumina2"),
    ("z-image", "z_image"),
    ("zimage", "z_image"),
    ("qwen-image", "qwen_image"),
    ("hidream", "hidream"),
    ("hunyuan-image", "hunyuan_image"),
    ("hunyuan-video", "hunyuan_video"),
    ("hunyuanvideo", "hunyuan_video"),
    ("hyvid", "hunyuan_video"),
    ("hunyuan-dit", "hunyuan_dit"),
    ("kolors", "kolors"),
    ("omnigen2", "omnigen2"),
    ("sana", "sana"),
    ("cosmos", "cosmos"),
    ("anima", "anima"),
    ("krea2", "krea2"),
    ("krea-2", "krea2"),
    ("wan", "wan"),
    ("ltx2", "ltx2"),
    ("ltx-2", "ltx2"),
    ("ltx", "ltx"),
    ("mochi", "mochi"),
    ("cogvideox", "cogvideox"),
    ("cogview4", "cogview4"),
    ("ace-step", "ace_step"),
    ("svd", "svd"),
)
"""Beginnings of what files declare (lower case, every separator a hyphen); the first counts."""

DECLARED_KINDS: Final[Mapping[str, Kind]] = {
    "lora": Kind.ADAPTER,
    "control-lora": Kind.CONTROLNET,
    "controlnet": Kind.CONTROLNET,
    "textual-inversion": Kind.EMBEDDING_TI,
    "vae": Kind.VAE,
}
"""What follows the slash of `modelspec.architecture`."""

GGUF_DIFFUSION: Final[Mapping[str, str]] = {
    "flux": "flux1",
    "flux2": "flux2",
    "sd1": "sd1",
    "sdxl": "sdxl",
    "sd3": "sd3",
    "aura": "auraflow",
    "chroma": "chroma",
    "hidream": "hidream",
    "cosmos": "cosmos",
    "wan": "wan",
    "ltxv": "ltx",
    "hyvid": "hunyuan_video",
    "lumina2": "lumina2",
    "qwen_image": "qwen_image",
    "z_image": "z_image",
}
"""`general.architecture` of GGUF files that hold a diffusion model."""

GGUF_KINDS: Final[Mapping[str, Kind]] = {
    "t5": Kind.TEXT_ENCODER,
    "t5encoder": Kind.TEXT_ENCODER,
    "clip": Kind.MMPROJ,
    "bert": Kind.EMBEDDING_MODEL,
    "modern-bert": Kind.EMBEDDING_MODEL,
    "neo-bert": Kind.EMBEDDING_MODEL,
    "nomic-bert": Kind.EMBEDDING_MODEL,
    "nomic-bert-moe": Kind.EMBEDDING_MODEL,
    "jina-bert-v2": Kind.EMBEDDING_MODEL,
    "jina-bert-v3": Kind.EMBEDDING_MODEL,
    "eurobert": Kind.EMBEDDING_MODEL,
    "gemma-embedding": Kind.EMBEDDING_MODEL,
    "llama-embed": Kind.EMBEDDING_MODEL,
    "qwen2vl": Kind.VLM,
    "qwen3vl": Kind.VLM,
    "qwen3vlmoe": Kind.VLM,
    "cogvlm": Kind.VLM,
    "mllama": Kind.VLM,
    "chameleon": Kind.VLM,
    "whisper": Kind.ASR,
    "wavtokenizer-dec": Kind.TTS,
    "eagle3": Kind.DRAFT,
}
"""`general.architecture` of GGUF files that are neither a diffusion model nor a language model;
every architecture that is in no table is a language model."""

GGUF_FAMILIES: Final[Mapping[str, str]] = {"t5encoder": "t5"}

PIPELINE_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    ("StableDiffusionXLInstruct", "sdxl"),
    ("StableDiffusionXL", "sdxl"),
    ("StableDiffusion3", "sd3"),
    ("StableVideoDiffusion", "svd"),
    ("StableCascade", "cascade"),
    ("StableAudio", "stable_audio"),
    ("StableDiffusion", "sd1"),
    ("LatentConsistency", "sd1"),
    ("Flux2", "flux2"),
    ("Flux", "flux1"),
    ("Chroma", "chroma"),
    ("AuraFlow", "auraflow"),
    ("PixArt", "pixart"),
    ("Lumina2", "lumina2"),
    ("Lumina", "lumina"),
    ("ZImage", "z_image"),
    ("QwenImage", "qwen_image"),
    ("HiDream", "hidream"),
    ("HunyuanImage", "hunyuan_image"),
    ("HunyuanVideo", "hunyuan_video"),
    ("HunyuanSkyreels", "hunyuan_video"),
    ("HunyuanDiT", "hunyuan_dit"),
    ("Hunyuan3D", "hunyuan3d"),
    ("Kolors", "kolors"),
    ("OmniGen2", "omnigen2"),
    ("OmniGen", "omnigen"),
    ("Sana", "sana"),
    ("Cosmos", "cosmos"),
    ("CogView4", "cogview4"),
    ("CogView3", "cogview3"),
    ("CogVideoX", "cogvideox"),
    ("ConsisID", "cogvideox"),
    ("SkyReelsV2", "wan"),
    ("Wan", "wan"),
    ("LTX2", "ltx2"),
    ("LTX", "ltx"),
    ("Mochi", "mochi"),
    ("AnimateDiff", "animatediff"),
    ("Kandinsky5", "kandinsky5"),
    ("Kandinsky", "kandinsky"),
    ("Wuerstchen", "wuerstchen"),
    ("Allegro", "allegro"),
    ("Latte", "latte"),
    ("EasyAnimate", "easyanimate"),
    ("Bria", "bria"),
    ("IF", "deepfloyd_if"),
    ("AudioLDM2", "audioldm2"),
    ("AudioLDM", "audioldm"),
    ("MusicLDM", "musicldm"),
    ("ShapE", "shap_e"),
    ("Marigold", "sd2"),
    ("AceStep", "ace_step"),
    ("ErnieImage", "ernie"),
)
"""Beginnings of `_class_name` in `model_index.json`; the first that fits counts."""

AMBIGUOUS_PIPELINES: Final[Mapping[str, tuple[str, ...]]] = {"sd1": ("sd2",)}
"""Families whose pipelines have one class name for several."""

DIFFUSERS_CLASSES: Final[tuple[tuple[str, Kind], ...]] = (
    ("AutoencoderTiny", Kind.VAE_APPROX),
    ("Autoencoder", Kind.VAE),
    ("VQModel", Kind.VAE),
    ("MotionAdapter", Kind.MOTION_MODULE),
    ("T2IAdapter", Kind.T2I_ADAPTER),
    ("MultiAdapter", Kind.T2I_ADAPTER),
)
"""Beginnings of `_class_name` in the `config.json` of one diffusers component."""

DIFFUSERS_PARTS: Final[tuple[tuple[str, Kind], ...]] = (
    ("ControlNet", Kind.CONTROLNET),
    ("Transformer2DModel", Kind.DIFFUSION_MODEL),
    ("Transformer3DModel", Kind.DIFFUSION_MODEL),
    ("TransformerModel", Kind.DIFFUSION_MODEL),
    ("UNet", Kind.DIFFUSION_MODEL),
    ("DiTModel", Kind.DIFFUSION_MODEL),
)
"""The same, for a word anywhere in the class name."""
