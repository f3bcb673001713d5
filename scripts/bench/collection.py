"""Synthetic models for benchmarks: as many as wanted, the same at every run.

Names, tags, prose and sizes are like those of real collections (LLM quantisations, LoRAs, merged
checkpoints, helpers); a document has about 2 KB.
"""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from model_library.search.fts5 import IndexRecord
from model_library.search.text import words


def _listed(text: str) -> list[str]:
    return text.split()


DESCRIBED, NOTED = 0.6, 0.1  # parts of the models that have a description, and notes
ROOT = "5f0c6a3e-6f5e-4c9e-9a53-0d6a4b1f2c11"
_EPOCH = datetime(2023, 6, 1, tzinfo=UTC)
IMAGE_FAMILIES = (
    ("sdxl", ("SDXL", "XL", "sdxl")),
    ("sd1", ("SD1.5", "v1-5", "sd15")),
    ("flux1", ("FLUX.1", "Flux", "flux1-dev")),
    ("sd3", ("SD3.5", "sd3")),
    ("sd2", ("SD2.1", "v2-1")),
    ("z_image", ("Z-Image",)),
    ("qwen_image", ("Qwen-Image",)),
    ("wan", ("Wan2.2",)),
)
LLMS = (
    ("llama", "Llama-3.1-8B"),
    ("llama", "Llama-3.2-3B"),
    ("llama", "Llama-2-13b"),
    ("qwen3", "Qwen3-14B"),
    ("qwen2", "Qwen2.5-7B"),
    ("mistral", "Mistral-7B-v0.3"),
    ("mistral", "Mixtral-8x7B-v0.1"),
    ("gemma3", "gemma-3-27b-it"),
    ("phi3", "Phi-3.5-mini"),
    ("deepseek2", "DeepSeek-R1-Distill"),
    ("command-r", "c4ai-command-r"),
    ("gpt-oss", "gpt-oss-20b"),
)
QUANTS = _listed("Q4_K_M Q5_K_M Q8_0 Q4_K_S Q6_K IQ4_XS Q3_K_L Q2_K Q4_0 F16 IQ2_XXS MXFP4")
TUNES = _listed(
    "Instruct Chat Hermes Dolphin Airoboros Nous OpenHermes Orca Wizard Vicuna Zephyr Starling Storm"
    " Lumimaid Stheno Euryale Magnum Noromaid Rocinante Cydonia Coder Math Uncensored abliterated"
    " Roleplay Reasoning Thinking"
)
BRANDS = _listed(
    "Juggernaut Dream Shaper Realistic Vision epiCRealism majicMIX Anything Deliberate Pony Animagine"
    " NoobAI Illustrious Protogen RevAnimated CyberRealistic Absolute Reality Counterfeit Meina Ghost"
    " ToonYou Photon Hassaku Copax Zavy Chroma Halcyon Albedo Crystal Clear Night Blue Pencil Sushi"
    " Perfect World Cetus Aniverse Lyriel Never Ending Fluffy Ether Neta Kohaku Arthemy Starlight"
)
SUBJECTS = _listed(
    "anime portrait landscape cyberpunk watercolor oil painting pixel art isometric logo sketch manga"
    " comic vintage film photo macro architecture interior food fashion dragon elf knight samurai"
    " mecha robot space castle forest ocean desert winter night neon gothic horror cute chibi furry"
    " western cartoon sticker tattoo jewelry car motorcycle airplane cat dog horse wolf fox bird"
    " flower tree river mountain city street lighting detail hands eyes hair skin texture background"
    " pose clothing armor dress uniform kimono café señorita naïve Zürich"
)
COMMON = _listed(
    "the a and of to for in is with this model on it you that as be are can from use at by not or an"
    " was your which will more used images trained lora style checkpoint version merge training"
    " based prompt quality results better image base dataset weights recommended strength sampler"
    " steps cfg resolution settings negative works best good high detail details please like"
    " generation new previous have has all only should than well also other some when if but so do"
    " into about most example very just fine tuned instruct language text conversation context length"
    " tokens roleplay writing story character face realistic photorealistic art artist concept pose"
    " light dark color vibrant soft sharp skin hands fix improved release beta final update note"
    " license commercial permission credit thanks support feedback showcase preview sample trigger"
    " word weight between around higher lower stable diffusion flux pony illustrious vae clip skip"
    " encoder transformer quantized gguf safetensors precision memory speed faster lightning turbo"
    " distilled schnell dev mini small medium large billion parameters benchmark reasoning code math"
    " multilingual english chinese japanese safety alignment system template original upload author"
    " page link download file size converted script workflow comfyui forge trainer epoch learning"
    " rate batch optimizer rank alpha network dim caption booru natural"
)
SYLLABLES = _listed(
    "ka ri to mo shi ne lu va dor en ix ar tha mel os qui zen bra fel gor hy jin ko lia"
)
AUTHORS = _listed(
    "dark neon pixel moon star cyber ghost lazy iron silent lunar nova hyper deep wild"
)
STUDIOS = _listed(
    "smith lab forge works ai ml artist dreams studio mind cat fox raven pilot weaver"
)
HELPERS = _listed("vae controlnet text_encoder upscaler embedding_ti ip_adapter")
LICENSES = _listed("apache-2.0 mit openrail++ creativeml-openrail-m llama3.1 other cc-by-nc-4.0")
TIERS = ["safe-format"] * 18 + ["pickle-allowlisted", "pickle-unknown"]


class Collection:
    """A source of models; the same number always gives the same model."""

    def __init__(self) -> None:
        chance = random.Random(1)  # noqa: S311 - repeatable, not secret
        self.invented = [
            "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(60_000)
        ]
        ranked = [1 / (place + 2) ** 0.8 for place in range(len(COMMON))]  # as in any language
        self._sentences = [
            " ".join(
                [
                    *chance.choices(COMMON, ranked, k=chance.randint(5, 12)),
                    *chance.choices(SUBJECTS, k=1),
                ]
            )
            for _ in range(20_000)
        ]

    def record(self, number: int) -> IndexRecord:
        chance = random.Random(number)  # noqa: S311 - repeatable, not secret
        document = self._document(number, chance)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        place = f"{document['kind']}/{document['family']}/{document['slug']}"
        return IndexRecord(document["model_id"], ROOT, place, number, len(text), text, "online")

    def _document(self, number: int, chance: random.Random) -> dict[str, Any]:
        make = chance.choices((_llm, _lora, _checkpoint, _helper), (30, 42, 18, 10))[0]
        invented = self.invented[chance.randrange(len(self.invented))]
        fields = make(chance, invented)
        name, file = fields["official_name"], fields.pop("file")
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        slug = "-".join(words(name))
        size = int(10 ** chance.uniform(6.5, 10.6))
        added = _EPOCH + timedelta(seconds=chance.randrange(86_400_000))
        prose = chance.choices(self._sentences, k=chance.randint(1, 5))
        author = f"{chance.choice(AUTHORS).title()}{chance.choice(STUDIOS)}"
        evidence = {"method": "tensor_keys", "confidence": 0.95, "rules_version": 3}
        return {
            "schema_version": 1,
            "model_id": f"{slug}-{digest[:8]}",
            "slug": slug,
            "form": "single-file",
            **fields,
            "files": [
                {
                    "path": file,
                    "size": size,
                    "sha256": digest,
                    "blake3": digest[::-1],
                    "autov3": digest[:12],
                    "original_name": file,
                    "role": "weight",
                    "shard_index": None,
                    "shard_total": None,
                    "tensor_count": chance.randrange(2000),
                }
            ],
            "content_digest": digest[::-1],
            "size": size,
            "parameter_count": size // 2,
            "dtype_histogram": {"F16": size // 2},
            "evidence": {key: {"value": fields[key], **evidence} for key in ("kind", "family")},
            "sources": [
                {
                    "provider": "huggingface",
                    "repo": f"{author}/{slug}",
                    "revision": digest[:40],
                    "file": file,
                    "url": f"https://example.org/{author}/{slug}/resolve/main/{file}",
                }
            ],
            "match": {"method": "hash", "confidence": 1.0, "pending": False},
            "security": {"tier": chance.choice(TIERS), "findings": [], "scanner": "library-1"},
            "license": chance.choice(LICENSES),
            "description": ". ".join(prose).capitalize() if chance.random() < DESCRIBED else None,
            "notes": prose[0] if chance.random() < NOTED else None,
            "preview": None,
            "added": added.isoformat(),
            "updated": added.isoformat(),
            "origin_path": f"/data/models/{file}",
            "placement": "copy",
            "user_set": [],
            "missing_files": [],
        }


def _llm(chance: random.Random, _: str) -> dict[str, Any]:
    family, base = chance.choice(LLMS)
    quant = chance.choice(QUANTS)
    name = f"{base}-{'-'.join(chance.sample(TUNES, chance.choice((1, 1, 2))))}"
    tags = ["gguf", "text-generation", family, *chance.sample(SUBJECTS[:20], 2)]
    return {
        "official_name": name,
        "file": f"{name}-{quant}.gguf",
        "kind": "llm",
        "adapter_type": None,
        "family": family,
        "lineage": None,
        "container": "gguf",
        "precision": quant,
        "tasks": ["text-generation"],
        "tags": tags,
        "trigger_words": [],
    }


def _lora(chance: random.Random, invented: str) -> dict[str, Any]:
    family, names = chance.choice(IMAGE_FAMILIES)
    subjects = chance.sample(SUBJECTS, 2)
    kind = chance.choice(("Style", "LoRA", "Concept", "Character", "Slider", "Outfit"))
    version = f"v{chance.randint(1, 9)}"
    return {
        "official_name": f"{invented.title()} {' '.join(subjects).title()} {kind}",
        "file": f"{invented}_{subjects[0]}_{chance.choice(names)}_{version}.safetensors",
        "kind": "adapter",
        "adapter_type": chance.choice(("lora", "lora", "lora", "locon", "dora")),
        "family": family,
        "lineage": chance.choice((None, "pony", "illustrious", "noobai")),
        "container": "safetensors",
        "precision": "fp16",
        "tasks": ["text-to-image"],
        "tags": [*subjects, kind.lower(), *chance.sample(SUBJECTS, 2)],
        "trigger_words": [invented],
    }


def _checkpoint(chance: random.Random, invented: str) -> dict[str, Any]:
    family, names = chance.choice(IMAGE_FAMILIES)
    first, second = chance.sample(BRANDS, 2)
    brand = f"{first}{chance.choice(('', ' '))}{second}"
    version = f"v{chance.randint(1, 12)}"
    ending = chance.choice(("", "_fp16", "-pruned", "_bakedVAE", f"_{invented}"))
    return {
        "official_name": f"{brand} {chance.choice(names)} {version}",
        "file": f"{first}{chance.choice(names)}_{version}{ending}.safetensors",
        "kind": chance.choice(("checkpoint", "checkpoint", "diffusion_model")),
        "adapter_type": None,
        "family": family,
        "lineage": None,
        "container": "safetensors",
        "precision": chance.choice(("fp16", "bf16", "fp8_scaled")),
        "tasks": ["text-to-image"],
        "tags": ["checkpoint", *chance.sample(SUBJECTS, 3)],
        "trigger_words": [],
    }


def _helper(chance: random.Random, invented: str) -> dict[str, Any]:
    family, names = chance.choice(IMAGE_FAMILIES)
    kind = chance.choice(HELPERS)
    name = f"{chance.choice(names)} {kind} {chance.choice(('canny', 'depth', 'ema', 'tile'))} {invented}"
    return {
        "official_name": name,
        "file": f"{name.replace(' ', '_')}.safetensors",
        "kind": kind,
        "adapter_type": None,
        "family": family,
        "lineage": None,
        "container": "safetensors",
        "precision": chance.choice(("fp16", "fp32")),
        "tasks": [],
        "tags": [kind, *chance.sample(SUBJECTS, 1)],
        "trigger_words": [],
    }
