"""What people call the values of `taxonomy` and the families that the rules know, and numbers of things.

The library stores and searches the short words (`family:sdxl`); sentences and pages say these names. The pages have
the same table: `frontend/src/strings/names.json` is made from it (`scripts/names.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "checkpoint": "Checkpoint",
    "diffusion_model": "Diffusion model",
    "adapter": "Adapter",
    "controlnet": "ControlNet",
    "t2i_adapter": "T2I adapter",
    "ip_adapter": "IP adapter",
    "vae": "VAE",
    "vae_approx": "VAE approximation",
    "text_encoder": "Text encoder",
    "vision_encoder": "Vision encoder",
    "audio_encoder": "Audio encoder",
    "embedding_ti": "Textual inversion",
    "hypernetwork": "Hypernetwork",
    "motion_module": "Motion module",
    "style_model": "Style model",
    "model_patch": "Model patch",
    "upscaler": "Upscaler",
    "face_restorer": "Face restorer",
    "detector": "Detector",
    "segmenter": "Segmenter",
    "llm": "LLM",
    "vlm": "Vision LLM",
    "embedding_model": "Embedding model",
    "reranker": "Reranker",
    "classifier": "Classifier",
    "asr": "Speech to text",
    "tts": "Text to speech",
    "audio_gen": "Audio generation",
    "mmproj": "Projector (mmproj)",
    "draft": "Draft model",
    "tokenizer_config": "Tokenizer or config",
    "pipeline": "Pipeline",
    "auxiliary": "Auxiliary",
    "other": "Other",
    "unknown": "Unknown",
}

ADAPTER_TYPES: Final[Mapping[str, str]] = {
    "lora": "LoRA",
    "locon": "LoCon",
    "dora": "DoRA",
    "loha": "LoHa",
    "lokr": "LoKr",
    "oft": "OFT",
    "boft": "BOFT",
    "ia3": "IA3",
    "glora": "GLoRA",
    "diff": "Diff",
    "control_lora": "Control-LoRA",
}

FAMILIES: Final[Mapping[str, str]] = {
    "ace_step": "ACE-Step",
    "anima": "Anima",
    "animatediff": "AnimateDiff",
    "auraflow": "AuraFlow",
    "bert": "BERT",
    "cascade": "Stable Cascade",
    "chroma": "Chroma",
    "clip": "CLIP",
    "cogvideox": "CogVideoX",
    "cogview3": "CogView3",
    "cogview4": "CogView4",
    "cohere2": "Command R",
    "command-r": "Command R",
    "cosmos": "Cosmos",
    "deepseek2": "DeepSeek",
    "ernie": "ERNIE",
    "esrgan": "ESRGAN",
    "falcon": "Falcon",
    "flux1": "FLUX.1",
    "flux2": "FLUX.2",
    "gemma": "Gemma",
    "gemma2": "Gemma 2",
    "gemma3": "Gemma 3",
    "gfpgan": "GFPGAN",
    "glm4": "GLM-4",
    "gpt-oss": "gpt-oss",
    "gpt2": "GPT-2",
    "granite": "Granite",
    "hidream": "HiDream",
    "hunyuan3d": "Hunyuan3D",
    "hunyuan_dit": "Hunyuan-DiT",
    "hunyuan_image": "HunyuanImage",
    "hunyuan_video": "HunyuanVideo",
    "ideogram4": "Ideogram 4",
    "internlm2": "InternLM 2",
    "kandinsky5": "Kandinsky 5",
    "kolors": "Kolors",
    "krea2": "Krea 2",
    "llama": "Llama",
    "llama4": "Llama 4",
    "ltx": "LTX-Video",
    "ltx2": "LTX-2",
    "lumina2": "Lumina 2",
    "mamba": "Mamba",
    "mistral": "Mistral",
    "mixtral": "Mixtral",
    "mochi": "Mochi",
    "mpt": "MPT",
    "nomic-bert": "Nomic BERT",
    "olmo2": "OLMo 2",
    "omnigen2": "OmniGen2",
    "phi2": "Phi-2",
    "phi3": "Phi-3",
    "pixart": "PixArt",
    "qwen2": "Qwen2",
    "qwen2moe": "Qwen2 MoE",
    "qwen2vl": "Qwen2-VL",
    "qwen3": "Qwen3",
    "qwen3moe": "Qwen3 MoE",
    "qwen_image": "Qwen-Image",
    "rwkv6": "RWKV 6",
    "sana": "Sana",
    "sd1": "SD 1.x",
    "sd2": "SD 2.x",
    "sd3": "SD 3.x",
    "sdxl": "SDXL",
    "sdxl_refiner": "SDXL refiner",
    "stable_audio": "Stable Audio",
    "starcoder2": "StarCoder2",
    "svd": "SVD",
    "swinir": "SwinIR",
    "t5": "T5",
    "unknown": "Unknown",
    "wan": "Wan",
    "whisper": "Whisper",
    "z_image": "Z-Image",
}
"""A family that is not here is called as it is: a language model names its architecture itself, of which those that
many have are here."""

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": KINDS,
    "adapter_type": ADAPTER_TYPES,
    "family": FAMILIES,
}
"""By the field of a model whose values they name."""


def display_name(field: str, value: str) -> str:
    """The name of a value; one that has none stands in quotation marks, for it may be anything."""
    return TABLES.get(field, {}).get(value) or repr(str(value))


def number_of(count: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
