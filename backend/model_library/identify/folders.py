"""What the configuration files beside the weights say: diffusers pipelines and components,
transformers models, PEFT adapters, MLX conversions, and single files with a `config.json`.

Files are read with a bound, as JSON, and never acted upon. A configuration that cannot be read is a
warning: the tensors may still tell what the model is. Code that comes with a model (`*.py`,
`auto_map`) makes it executable, whoever loads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from model_library.errors import BrokenModelError
from model_library.identify.claims import Claim
from model_library.identify.embedded import MAX_NAME, family_name, plain_text, repo_id
from model_library.identify.rules.architectures import (
    ARCHITECTURES,
    FAMILY_OF_TYPE,
    PEFT_TASKS,
    SEQUENCE_CLASSIFIER,
    TEXT_TO_TEXT,
)
from model_library.identify.rules.declared import (
    AMBIGUOUS_PIPELINES,
    DIFFUSERS_CLASSES,
    DIFFUSERS_PARTS,
    PIPELINE_FAMILIES,
)
from model_library.identify.small_files import read_json_object
from model_library.identify.values import ModelGroup
from model_library.taxonomy import UNKNOWN_FAMILY, AdapterType, EvidenceMethod, Kind

MAX_CONFIG: Final = 16_000_000
"""Bytes of one configuration file; the largest have about 2 MB of label names."""

_PIPELINE: Final = "model_index.json"
_CONFIG: Final = "config.json"
_ADAPTER: Final = "adapter_config.json"
_TOKENIZER: Final = "tokenizer_config.json"
_SENTENCES: Final = frozenset({"modules.json", "config_sentence_transformers.json"})
_SIGHT_PARTS: Final = ("vision_config", "visual", "mm_vision_tower")
_SPEECH_PARTS: Final = ("audio_config", "talker_config")

_MLX_BITS: Final = (2, 3, 4, 5, 6, 8)

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the configuration files of one model say."""

    claims: tuple[Claim, ...] = ()
    tasks: tuple[str, ...] = ()
    precision: str | None = None
    """Quantization that the configuration declares."""
    is_mlx: bool = False
    findings: tuple[str, ...] = ()
    """Why the model can run code when it is loaded; empty when it cannot."""
    warnings: tuple[str, ...] = ()


def read_configuration(group: ModelGroup) -> Configuration:
    """Read the configuration files of a model.

    Raises SourceUnreadableError when one cannot be read at all; what it holds never raises.
    """
    files = {file.name: file for file in group.files}
    documents: dict[str, Json] = {}
    warnings = []
    for name in (_PIPELINE, _CONFIG, _ADAPTER, _TOKENIZER):
        if name in files:
            try:
                documents[name] = read_json_object(files[name].file.path, MAX_CONFIG)
            except BrokenModelError as error:
                warnings.append(f"{name} was not used: it {error.message}.")
    found = describe(documents, frozenset(files))
    return Configuration(
        claims=found.claims,
        tasks=found.tasks,
        precision=found.precision,
        is_mlx=found.is_mlx,
        findings=tuple(_code(files, documents)),
        warnings=tuple(warnings),
    )


def describe(documents: Mapping[str, Json], names: frozenset[str]) -> Configuration:
    """What parsed configuration files say; `names` are all files of the model. Never raises."""
    if _PIPELINE in documents:
        return _pipeline(documents[_PIPELINE])
    if _ADAPTER in documents:
        return _peft(documents[_ADAPTER])
    config = documents.get(_CONFIG)
    if config is None:
        is_tokenizer = _TOKENIZER in documents and not any(map(_is_weight, names))
        return Configuration(_kind(Kind.TOKENIZER_CONFIG, 0.9)) if is_tokenizer else Configuration()
    if _string(config, "_class_name"):
        return _component(config)
    return _transformers(config, is_sentences=not _SENTENCES.isdisjoint(names))


def _is_weight(name: str) -> bool:
    return name.endswith((".safetensors", ".bin", ".gguf", ".pt", ".pth", ".onnx", ".npz"))


# --- diffusers ---------------------------------------------------------------------------------


def _pipeline(index: Json) -> Configuration:
    claims = list(_kind(Kind.PIPELINE, 0.95))
    name = _string(index, "_class_name")
    family = _by_beginning(name, PIPELINE_FAMILIES)
    if family is not None:
        also = AMBIGUOUS_PIPELINES.get(family, ())
        claims.append(_claim("family", family, 0.9 if not also else 0.6, also))
    return Configuration(tuple(claims), tasks=_pipeline_tasks(name))


def _pipeline_tasks(class_name: str) -> tuple[str, ...]:
    """Only where the class name says more than the family does."""
    words = (
        ("ImageToVideo", "image-to-video"),
        ("Img2Vid", "image-to-video"),
        ("VideoToVideo", "video-to-video"),
        ("Inpaint", "image-to-image"),
        ("Img2Img", "image-to-image"),
        ("Upscale", "image-to-image"),
        ("Kontext", "image-to-image"),
        ("Edit", "image-to-image"),
    )
    return tuple(dict.fromkeys(task for word, task in words if word in class_name))[:1]


def _component(config: Json) -> Configuration:
    """`config.json` of one part of a diffusers pipeline."""
    name = _string(config, "_class_name")
    kind = next((kind for head, kind in DIFFUSERS_CLASSES if name.startswith(head)), None)
    kind = kind or next((kind for part, kind in DIFFUSERS_PARTS if part in name), None)
    if kind is None:
        return Configuration()
    claims = list(_kind(kind, 0.9))
    family = _by_beginning(name.removeprefix("Autoencoder").removeprefix("KL"), PIPELINE_FAMILIES)
    if family is not None:
        claims.append(_claim("family", family, 0.7))
    return Configuration(tuple(claims))


# --- PEFT --------------------------------------------------------------------------------------


def _peft(config: Json) -> Configuration:
    claims = list(_kind(Kind.ADAPTER, 0.9))
    peft_type = _string(config, "peft_type").lower()
    if config.get("use_dora") is True:
        peft_type = AdapterType.DORA
    if peft_type in set(AdapterType):
        claims.append(_claim("adapter_type", peft_type, 0.9))
    base = repo_id(_string(config, "base_model_name_or_path"))
    if base is not None:
        claims.append(_claim("lineage", base, 0.8))
    task = PEFT_TASKS.get(_string(config, "task_type").upper())
    return Configuration(tuple(claims), tasks=() if task is None else (task,))


# --- transformers ------------------------------------------------------------------------------


def _transformers(config: Json, *, is_sentences: bool) -> Configuration:
    model_type = _string(config, "model_type")
    kind, tasks = _role(config, is_sentences=is_sentences)
    claims = [] if kind is None else [*_kind(kind, 0.9)]
    if model_type:
        family = FAMILY_OF_TYPE.get(model_type, family_name(model_type))
        if family != UNKNOWN_FAMILY:
            claims.append(_claim("family", family, 0.9))
    precision, is_mlx = _quantization(config)
    return Configuration(tuple(claims), tasks=tasks, precision=precision, is_mlx=is_mlx)


def _role(config: Json, *, is_sentences: bool) -> tuple[Kind | None, tuple[str, ...]]:
    """Kind and tasks by the class that loads the model."""
    if is_sentences:
        return Kind.EMBEDDING_MODEL, ("feature-extraction", "sentence-similarity")
    architecture = _architecture(config)
    if architecture.endswith(SEQUENCE_CLASSIFIER):
        is_reranker = _label_count(config) == 1
        kind = Kind.RERANKER if is_reranker else Kind.CLASSIFIER
        return kind, ("text-ranking" if is_reranker else "text-classification",)
    for pattern, kind, task in ARCHITECTURES:
        if _fits(architecture, pattern):
            return _with_senses(kind, task, config)
    return None, ()


def _with_senses(kind: Kind, task: str, config: Json) -> tuple[Kind, tuple[str, ...]]:
    """A language model that also sees is a vision language model."""
    if kind is not Kind.LLM:
        return kind, (task,)
    if any(config.get(part) for part in _SIGHT_PARTS):
        sees_and_hears = any(part in config for part in _SPEECH_PARTS)
        return Kind.VLM, ("any-to-any" if sees_and_hears else "image-text-to-text",)
    if _string(config, "model_type") in TEXT_TO_TEXT:
        return kind, ("translation", "summarization")
    return kind, (task,)


def _architecture(config: Json) -> str:
    architectures = config.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    return first[:MAX_NAME] if isinstance(first, str) else ""


def _fits(architecture: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return pattern[:-1] in architecture
    return bool(architecture) and architecture.endswith(pattern)


def _label_count(config: Json) -> int:
    labels = config.get("id2label")
    if isinstance(labels, dict) and labels:
        return len(labels)
    count = config.get("num_labels")
    return count if type(count) is int else 2  # the default of transformers


def _quantization(config: Json) -> tuple[str | None, bool]:
    """The declared precision, and whether the weights are an MLX conversion."""
    declared = config.get("quantization_config")
    if isinstance(declared, dict) and _string(declared, "quant_method"):
        return _quant_name(declared), False
    mlx = config.get("quantization")
    if isinstance(mlx, dict) and mlx.get("bits") in _MLX_BITS and "group_size" in mlx:
        return f"mlx_{mlx['bits']}bit", True
    return None, False


def _quant_name(declared: Json) -> str:
    method = plain_text(_string(declared, "quant_method"), MAX_NAME).lower()
    if method not in {"bitsandbytes", "bitsandbytes_4bit", "bitsandbytes_8bit"}:
        return method
    if declared.get("load_in_8bit") is True:
        return "int8"
    return _string(declared, "bnb_4bit_quant_type").lower()[:MAX_NAME] or "nf4"


# --- code ----------------------------------------------------------------------------------------


def _code(names: Iterable[str], documents: Mapping[str, Json]) -> Iterable[str]:
    scripts = sorted(name for name in names if name.lower().endswith(".py"))
    if scripts:
        more = f" and {len(scripts) - 1} more" if len(scripts) > 1 else ""
        yield f"Comes with Python code that loading it may run: {scripts[0]}{more}."
    for name, document in documents.items():
        if document.get("auto_map"):
            yield f"{name} names custom code (auto_map) that loading the model may run."


# --- small helpers -------------------------------------------------------------------------------


def _claim(field: str, value: str, confidence: float, also: tuple[str, ...] = ()) -> Claim:
    return Claim(field, value, EvidenceMethod.CONFIG_JSON, confidence, also)


def _kind(kind: Kind, confidence: float) -> tuple[Claim, ...]:
    return (_claim("kind", kind, confidence),)


def _string(config: Json, key: str) -> str:
    value = config.get(key)
    return value[:MAX_NAME] if isinstance(value, str) else ""


def _by_beginning(name: str, table: tuple[tuple[str, str], ...]) -> str | None:
    return next((value for head, value in table if name.startswith(head)), None)
