"""Where a model of ours may come from: repositories that something names, and texts to search for.

Pure. What stands in a file or a sidecar was written by anyone: it decides only where to look, and never
what is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePath
from typing import Final
from urllib.parse import urlsplit

from model_library.hf.descriptions import PROVIDER, is_repo_id
from model_library.metadata import ModelMetadata

MOST_REPOSITORIES: Final = 8
MOST_TEXTS: Final = 3
_LONGEST_TEXT: Final = 100
"""Characters of a search text; names of repositories have at most 96."""
_SHORTEST_TEXT: Final = 3
_WORDS: Final = 4
"""Of the second text: a repository has all words of a search in its name, and files have more."""
_OTHER_NUMBERS: Final = 0.7
"""Most that names with different numbers are alike: 7B is not 13B, v1.5 is not v2."""
_NOT_THE_VERY: Final = 0.99
"""Most that two names are alike which are not the same."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_CACHE_FOLDER: Final = re.compile(r"models--([^/\\]+?)--([^/\\]+)")
_CACHED: Final = re.compile(r"models--[^/\\]+[/\\]snapshots[/\\]([0-9a-f]{40})(?=[/\\]|\Z)")
_HUBS: Final = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_NOT_OWNERS: Final = frozenset(
    {"api", "blog", "collections", "datasets", "docs", "models", "papers", "posts", "spaces"}
)
"""First parts of addresses of the Hub that are no models."""
_LM_STUDIO: Final = frozenset({".lmstudio", "lm-studio", "lmstudio", "LM Studio"})
"""Folders that hold `models/<owner>/<name>/<file>`."""

_SAYS_OWN_REPO: Final = (
    "general.source.huggingface.repository",
    "general.repo_url",
    "general.source.repo_url",
    "general.url",
    "general.source.url",
    "modelspec.implementation_url",
    "repo_id",
    "_name_or_path",
)
"""Metadata keys with the repository of the file, or of what it was converted from. GGUF keys:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "General metadata"."""
_PARENT_KEYS: Final = re.compile(
    r"general\.base_model\.\d{1,3}\.repo_url|ss_sd_model_name|base_model_name_or_path"
)
_TITLE_KEYS: Final = (
    "modelspec.title",
    "ss_output_name",
    "general.name",
    "general.basename",
)

_EXTENSION: Final = re.compile(
    r"\.(?:safetensors|sft|gguf|ggml|ckpt|pth?|bin|onnx|pkl|h5|msgpack|mlmodel|keras)\Z",
    re.IGNORECASE,
)
_SHARD: Final = re.compile(r"(?:[-_.]\d{5}-of-\d{5}|\.part\d{1,5}(?:of\d{1,5})?)\Z", re.IGNORECASE)
_NOISE: Final = re.compile(
    r"(?:(?<=^)|[-_. ])(?:UD-)?(?:I?Q\d(?:_(?:K|\d|X{0,2}[SML]|NL))*|TQ\d_\d|MXFP\d(?:_moe)?|NVFP4|NF4"
    r"|BF16|F(?:P)?(?:4|8|16|32)(?:[-_]?e\dm\d(?:fn)?)?(?:[-_]scaled)?|U?INT[48]|[2-8](?:\.\d)?-?b(?:it|pw)"
    r"|AWQ|GPTQ|EXL[23]|GGUF|GGML|MLX|imatrix|i1|safetensors)(?=\Z|[-_. ])",
    re.IGNORECASE,
)
"""Precision, quantization and container: they tell apart files of one model, not models.
Names of the quantizations: `ggml_type` and `llama_ftype` of llama.cpp."""
_COPY: Final = re.compile(
    r"(?:\s*\(\d{1,3}\)|[-_ .]+copy(?:[-_ ]?\d{1,3})?|[-_ .]+(?:final|latest|backup|old|new))\Z",
    re.IGNORECASE,
)
"""What people and browsers add to the name of a file."""
_VERSION: Final = re.compile(
    r"(?<=.)[-_. ]v\d{1,3}(?:[-._]\d{1,3}){0,3}[a-z]?(?=\Z|[-_. ])|(?<=[a-z])V\d{1,3}\Z"
)
_FAMILY_WORD: Final = re.compile(
    r"(?:sdxl|sd[123](?:\.?[05])?|flux\.?1|lora|locon|lycoris|ckpt|pruned|emaonly)",
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(r"[-_\s,+()\[\]]+|\.(?!\d)|(?<!\d)\.")
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")
_GENERIC: Final = frozenset(
    [
        "model",
        "pytorch_model",
        "diffusion_pytorch_model",
        "adapter_model",
        "adapter",
        "pytorch_lora_weights",
        "lora",
        "checkpoint",
        "last",
        "output",
        "consolidated",
        "weights",
        "ggml_model",
        "unet",
        "vae",
        "text_encoder",
        "text_encoder_2",
        "transformer",
        "open_clip_pytorch_model",
        "tf_model",
        "flax_model",
        "rust_model",
        "decoder",
        "encoder",
        "best",
        "final",
        "latest",
        "test",
        "unknown",
        "none",
        "null",
        "untitled",
        "download",
        "file",
        "new",
        "converted",
        "merged",
        "snapshots",
    ]
)
"""Names of files that every second repository has, folded."""


class Trust(IntEnum):
    """Who names a repository, the most trusted first."""

    STATED = 0
    """A download, a sidecar, an earlier lookup or a person."""
    NAMED = 1
    """The file itself."""
    PARENT = 2
    """It is named as what the model was made from: only equal bytes make it the model's own."""
    SEARCH = 3
    """A text to search for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where to look."""

    trust: Trust
    text: str
    """`owner/name` of a repository, or what to search for."""
    revision: str | None = None
    """The commit that the file came from, 40 hex digits."""


def candidates(model: ModelMetadata) -> tuple[Candidate, ...]:
    """Repositories by trust, each once, then the texts to search for, the most telling first."""
    found: dict[str, Candidate] = {}
    for one in sorted(_repositories(model), key=lambda one: one.trust):
        known = found.setdefault(one.text.lower(), one)
        if known.revision is None and one.revision is not None and one.trust is known.trust:
            found[one.text.lower()] = one
    texts = (Candidate(Trust.SEARCH, text) for text in search_texts(model))
    return (*list(found.values())[:MOST_REPOSITORIES], *texts)


def repository_of(text: str) -> str | None:
    """`owner/name` of an id or an address on the Hub; None for everything else."""
    text = text.strip()
    if "://" in text:
        try:
            address = urlsplit(text)
        except ValueError:
            return None
        if (address.hostname or "").lower() not in _HUBS:
            return None
        text = "/".join(address.path.strip("/").split("/")[:2])
    owner = text.partition("/")[0].lower()
    if "/" not in text or owner in _NOT_OWNERS or not is_repo_id(text):
        return None
    return text


def _repositories(model: ModelMetadata) -> Iterator[Candidate]:
    for source in model.sources:
        revision = source.revision if _COMMIT.fullmatch(source.revision or "") else None
        if source.provider == PROVIDER and is_repo_id(source.repo or ""):
            yield Candidate(Trust.STATED, source.repo or "", revision)
        else:
            yield from _known(Trust.STATED, (source.url,), revision)
    yield from _known(Trust.STATED, model.source_labels.values(), addresses_only=True)
    yield from _places(model.origin_path or "")
    yield from _known(Trust.NAMED, (_embedded(model, key) for key in _SAYS_OWN_REPO))
    parents = (_embedded(model, key) for key in model.embedded if _PARENT_KEYS.fullmatch(key))
    yield from _known(Trust.PARENT, (*parents, model.lineage))


def _known(
    trust: Trust,
    texts: Iterable[str | None],
    revision: str | None = None,
    *,
    addresses_only: bool = False,
) -> Iterator[Candidate]:
    for text in texts:
        repo = repository_of(text or "")
        if repo is not None and (not addresses_only or "://" in (text or "")):
            yield Candidate(trust, repo, revision)


def _places(path: str) -> Iterator[Candidate]:
    """The folder of a download tells: the cache of huggingface_hub, and the tree of LM Studio."""
    cached = _CACHE_FOLDER.search(path)
    if cached is not None:
        commit = _CACHED.search(path)
        repo = (f"{cached[1]}/{cached[2]}",)
        yield from _known(Trust.STATED, repo, None if commit is None else commit[1])
    parts = PurePath(path.replace("\\", "/")).parts
    for index, part in enumerate(parts[:-3]):
        if part == "models" and index and parts[index - 1] in _LM_STUDIO:
            yield from _known(Trust.STATED, (f"{parts[index + 1]}/{parts[index + 2]}",))


def _embedded(model: ModelMetadata, key: str) -> str:
    value = model.embedded.get(key)
    return value if isinstance(value, str) else ""


# --- names -----------------------------------------------------------------------------------------


def search_texts(model: ModelMetadata) -> tuple[str, ...]:
    """What to search for: the name of the file as it was published, then its words without the version and
    without what a file name says of the family, which the name of its repository often does not."""
    stems = [stem for name in names_of(model) if (stem := stem_of(name))]
    if not stems:
        return ()
    words = _SEPARATORS.sub(" ", _VERSION.sub("", stems[0])).split()
    telling = [word for word in words if not _FAMILY_WORD.fullmatch(word)]
    plain = " ".join((telling or words)[:_WORDS])
    texts = (stems[0], plain, *stems[1:])
    long_enough = (text[:_LONGEST_TEXT] for text in texts if len(text) >= _SHORTEST_TEXT)
    return tuple({text.lower(): text for text in long_enough}.values())[:MOST_TEXTS]


def names_of(model: ModelMetadata) -> tuple[str, ...]:
    """Names that tell something of the model: of its file, its own title, of its parents, of the folder."""
    weights = model.weights
    files = [PurePath(file.original_name).name for file in weights[:1]]
    titles = [_embedded(model, key) for key in _TITLE_KEYS]
    parents = [_embedded(model, key) for key in model.embedded if _PARENT_KEYS.fullmatch(key)]
    folder = PurePath((model.origin_path or "").replace("\\", "/"))
    above = folder.name if len(weights) > 1 else folder.parent.name
    owned = [repo.rpartition("/")[2] for parent in parents if (repo := repository_of(parent))]
    names = [*files, model.official_name, *titles, *owned]
    telling = [name for name in names if not is_generic(name)]
    return tuple(telling) if telling or is_generic(above) else (above,)


def stem_of(name: str) -> str:
    """A file name or repository name without extension, shard number, quantization and additions of
    people; the rest as it is."""
    stem = PurePath(name.replace("\\", "/")).name
    while (shorter := _SHARD.sub("", _EXTENSION.sub("", stem))) != stem:
        stem = shorter
    stem = _NOISE.sub("", stem).strip("-_. ")
    while (shorter := _COPY.sub("", stem).strip("-_. ")) not in (stem, ""):
        stem = shorter
    return stem


def is_generic(name: str) -> bool:
    """Whether models of any kind have this name, so that it tells nothing."""
    stem = _SEPARATORS.sub("_", _VERSION.sub("", stem_of(name))).strip("_").lower()
    only_version = re.fullmatch(r"v?[\d._]+", stem) is not None
    return len(stem) < _SHORTEST_TEXT or stem in _GENERIC or only_version


def similarity(ours: str, theirs: str) -> float:
    """How alike two names are, 0 to 0.99, whatever their separators, quantization and order of words."""
    from rapidfuzz import fuzz

    one, other = _folded(ours), _folded(theirs)
    if not one or not other:
        return 0.0
    alike = max(fuzz.token_sort_ratio(one, other), fuzz.ratio(one, other)) / 100
    if _NUMBERS.findall(one) != _NUMBERS.findall(other):
        alike = min(alike, _OTHER_NUMBERS)
    return min(alike, _NOT_THE_VERY)


def _folded(name: str) -> str:
    return _SEPARATORS.sub(" ", stem_of(name)).strip().lower()
