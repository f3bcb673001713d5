"""The words that say what a model is: one enum per axis (design section 2).

The axes are independent; there is no combined "type". `family` and `lineage` are open sets (an LLM
has the family its own architecture field names), so they are plain strings with known values listed in
the identify rules.
"""

from __future__ import annotations

from enum import StrEnum

from model_library.errors import InvalidValueError

UNKNOWN_FAMILY = "unknown"
"""Family of a model whose architecture no rule knows; also its folder name."""


class Kind(StrEnum):
    """The role of a model; decides the folder in the library and in applications."""

    CHECKPOINT = "checkpoint"
    DIFFUSION_MODEL = "diffusion_model"
    ADAPTER = "adapter"
    CONTROLNET = "controlnet"
    T2I_ADAPTER = "t2i_adapter"
    IP_ADAPTER = "ip_adapter"
    VAE = "vae"
    VAE_APPROX = "vae_approx"
    TEXT_ENCODER = "text_encoder"
    VISION_ENCODER = "vision_encoder"
    AUDIO_ENCODER = "audio_encoder"
    EMBEDDING_TI = "embedding_ti"
    HYPERNETWORK = "hypernetwork"
    MOTION_MODULE = "motion_module"
    STYLE_MODEL = "style_model"
    MODEL_PATCH = "model_patch"
    UPSCALER = "upscaler"
    FACE_RESTORER = "face_restorer"
    DETECTOR = "detector"
    SEGMENTER = "segmenter"
    LLM = "llm"
    VLM = "vlm"
    EMBEDDING_MODEL = "embedding_model"
    RERANKER = "reranker"
    CLASSIFIER = "classifier"
    ASR = "asr"
    TTS = "tts"
    AUDIO_GEN = "audio_gen"
    MMPROJ = "mmproj"
    DRAFT = "draft"
    TOKENIZER_CONFIG = "tokenizer_config"
    PIPELINE = "pipeline"
    AUXILIARY = "auxiliary"
    OTHER = "other"
    UNKNOWN = "unknown"


class AdapterType(StrEnum):
    LORA = "lora"
    LOCON = "locon"
    DORA = "dora"
    LOHA = "loha"
    LOKR = "lokr"
    OFT = "oft"
    BOFT = "boft"
    IA3 = "ia3"
    GLORA = "glora"
    DIFF = "diff"
    CONTROL_LORA = "control_lora"


def parse_kind(text: str) -> tuple[Kind, AdapterType | None]:
    """A kind as a person says it: `lora` means an adapter of that type. Raises InvalidValueError."""
    if text in set(AdapterType):
        return Kind.ADAPTER, AdapterType(text)
    if text not in set(Kind):
        possible = ", ".join((*Kind, *AdapterType))
        raise InvalidValueError(f"{text!r} is no kind", hint=f"Possible: {possible}.")
    return Kind(text), None


class Container(StrEnum):
    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    PICKLE_ZIP = "pickle_zip"
    PICKLE_LEGACY = "pickle_legacy"
    ONNX = "onnx"
    COREML = "coreml"
    DIFFUSERS_DIR = "diffusers_dir"
    TRANSFORMERS_DIR = "transformers_dir"
    MLX_DIR = "mlx_dir"
    TORCHSCRIPT = "torchscript"
    KERAS = "keras"
    OTHER = "other"


class ModelForm(StrEnum):
    """How the files of one logical model lie on disk."""

    SINGLE_FILE = "single-file"
    SHARDED_SET = "sharded-set"
    DIFFUSERS_FOLDER = "diffusers-folder"
    TRANSFORMERS_FOLDER = "transformers-folder"


class FileRole(StrEnum):
    """What a file is to its model. Only weights take part in the content digest."""

    WEIGHT = "weight"
    CONFIG = "config"
    COMPANION = "companion"
    PREVIEW = "preview"
    SIDECAR = "sidecar"


class SecurityTier(StrEnum):
    """What opening the file could do (design section 6), the harmless end first."""

    SAFE_FORMAT = "safe-format"
    PICKLE_ALLOWLISTED = "pickle-allowlisted"
    PICKLE_UNKNOWN = "pickle-unknown"
    PICKLE_DANGEROUS = "pickle-dangerous"
    EXECUTABLE = "executable"
    UNREADABLE = "unreadable"


class EvidenceMethod(StrEnum):
    """How a field became known; the order is the precedence, strongest first."""

    USER = "user"
    HASH_LOOKUP = "hash_lookup"
    TENSOR_KEYS = "tensor_keys"
    GGUF_KV = "gguf_kv"
    CONFIG_JSON = "config_json"
    METADATA = "metadata"
    SIDECAR = "sidecar"
    NAME_LOOKUP = "name_lookup"
    """A provider has a file of this name; its bytes are others, or not known."""
    FOLDER = "folder"
    FILENAME = "filename"


class Placement(StrEnum):
    """How an import puts files into the library."""

    AUTO = "auto"
    COPY = "copy"
    MOVE = "move"
    REFERENCE = "reference"


class PlacedBy(StrEnum):
    """What an import did in the end to put a file in its place."""

    REFLINK = "reflink"
    COPY = "copy"
    MOVE = "move"
    REFERENCE = "reference"
    SHARED = "shared"
    DOWNLOAD = "download"


class ModelState(StrEnum):
    """What the library can say now about the files of a model."""

    ONLINE = "online"
    OFFLINE = "offline"
    MISSING = "missing"
    MODIFIED = "modified"
    INVALID = "invalid"
    """Its metadata.json cannot be read; what is shown is what the index knew before."""


class RootMode(StrEnum):
    MANAGED = "managed"
    REFERENCED = "referenced"


class MatchMethod(StrEnum):
    HASH = "hash"
    FILENAME_EXACT = "filename_exact"
    FILENAME_FUZZY = "filename_fuzzy"
    METADATA = "metadata"
    NONE = "none"


class LinkMethod(StrEnum):
    """How a link in an application names the bytes in a root."""

    RELATIVE_SYMLINK = "relative-symlink"
    ABSOLUTE_SYMLINK = "absolute-symlink"
    HARD_LINK = "hard-link"


class LinkPreference(StrEnum):
    """What a profile wants of its links; `auto` leaves it to the filesystems."""

    AUTO = "auto"
    SYMLINK = "symlink"
    HARD_LINK = "hardlink"


class LinkState(StrEnum):
    """How far the one recoverable act of registering and making (or removing) a link has come."""

    PENDING = "pending"
    MADE = "made"
    REMOVING = "removing"


class OnConflict(StrEnum):
    """What happens where something that is not ours has the name of a wanted link."""

    SKIP = "skip"
    RENAME = "rename"
    OVERWRITE = "overwrite"
    ADOPT = "adopt"


class ConflictReason(StrEnum):
    """What has the name of a wanted link."""

    OTHER_LINK = "other-link"
    OTHER_FILE = "other-file"
    SAME_CONTENT = "same-content"
    DIRECTORY = "directory-in-the-way"


class JobKind(StrEnum):
    """What long work does."""

    IMPORT = "import"
    DOWNLOAD = "download"
    VERIFY = "verify"
    SCAN = "scan"
    LOOKUP = "lookup"
    SYNC = "sync"
    INSTALL = "install"
    COMPARE = "compare"


class JobState(StrEnum):
    """How far a job has come. An `interrupted` one lost its process and can go on."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRequest(StrEnum):
    """What a person wants of a job that a process has in its hands."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
