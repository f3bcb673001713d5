"""Says what a model is: reads the headers and the configuration of one group, applies the rules.

`identify` reads the files and decides between the claims of all sources; what the tensors claim is
decided in `classification`. What no rule knows is unknown, which is an answer and never an error;
only a file that violates its own container format raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from model_library.errors import BrokenModelError, NotAModelError
from model_library.identify.adapters import AdapterFacts
from model_library.identify.claims import Claim, Resolution, resolve
from model_library.identify.classification import Classification, classify
from model_library.identify.embedded import plain_text
from model_library.identify.file_roles import ONNX_DATA_EXTENSION, extension_of, weight_extension
from model_library.identify.folders import Configuration, read_configuration
from model_library.identify.name_hints import (
    exact_variant,
    family_hints,
    kind_hints,
    lineage_hints,
    names_of,
)
from model_library.identify.precision import Weights, measure
from model_library.identify.rules import RULES_VERSION
from model_library.identify.rules.hints import LINEAGE_FAMILIES
from model_library.identify.rules.tasks import tasks_of
from model_library.identify.sniff import read_header
from model_library.identify.values import (
    Evidence,
    GroupFile,
    Header,
    Identification,
    MetadataValue,
    ModelGroup,
    Security,
    Tensor,
)
from model_library.identify.weights import AllWeights, WeightFile, combine
from model_library.taxonomy import (
    UNKNOWN_FAMILY,
    AdapterType,
    Container,
    EvidenceMethod,
    FileRole,
    Kind,
    ModelForm,
    SecurityTier,
)

MAX_FINDINGS: Final = 50
"""Findings and warnings kept of one model; the first tell enough."""

_NOT_EXAMINED: Final = frozenset({".h5", ".msgpack", ".ot", ".pb", ".xml"})
"""Weights for other runtimes beside those of a folder model."""
_PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl"})
_NAMED_KINDS: Final = frozenset(
    {Kind.CHECKPOINT, Kind.DIFFUSION_MODEL, Kind.PIPELINE, Kind.ADAPTER, Kind.CONTROLNET}
    | {Kind.T2I_ADAPTER, Kind.IP_ADAPTER, Kind.VAE, Kind.VAE_APPROX, Kind.EMBEDDING_TI}
    | {Kind.HYPERNETWORK, Kind.MOTION_MODULE, Kind.STYLE_MODEL, Kind.MODEL_PATCH}
)
"""Kinds for which a name may tell the family: those made for a diffusion model."""
_TIERS: Final = {tier: position for position, tier in enumerate(SecurityTier)}


def identify(group: ModelGroup) -> Identification:
    """What the model of a group is, from headers, configuration and names.

    Raises what `sniff.read_header` raises: NotAModelError or BrokenModelError and their kinds, and
    SourceUnreadableError. Never raises because a model is not known.
    """
    files = _read_weights(group)
    weights = combine(files, group.form)
    configuration = read_configuration(group)
    found = classify(weights.core, weights.metadata)
    measured = measure(weights.counted, weights.metadata, declared=configuration.precision)
    resolution, variant = _decide(group, found, configuration)
    return _assemble(
        group=group,
        files=files,
        weights=weights,
        configuration=configuration,
        found=found,
        measured=measured,
        resolution=resolution,
        variant=variant,
    )


def _decide(
    group: ModelGroup, found: Classification, configuration: Configuration
) -> tuple[Resolution, Evidence | None]:
    """Resolve the claims of all sources, and the variant, which names may make more exact."""
    claims = [*found.claims, *found.embedded.claims, *configuration.claims]
    if group.form is ModelForm.DIFFUSERS_FOLDER:
        claims = [claim for claim in claims if claim.field != "kind"]
        claims.append(Claim("kind", Kind.PIPELINE, EvidenceMethod.CONFIG_JSON, 0.95))
    names = names_of(group)
    claims += kind_hints(names)
    kind = resolve(claim for claim in claims if claim.field == "kind").value("kind")
    if kind in _NAMED_KINDS and found.names_may_tell_family:
        claims += family_hints(names)
    if resolve(claims).value("family") in LINEAGE_FAMILIES:
        claims += lineage_hints(names)
    else:
        claims = [claim for claim in claims if claim.field != "lineage" or _is_repository(claim)]
    resolution = resolve(claims)
    return resolution, exact_variant(resolution, names)


def _is_repository(lineage: Claim) -> bool:
    """A parent that the file names by its repository, not by a word in a title."""
    return lineage.method in {EvidenceMethod.GGUF_KV, EvidenceMethod.CONFIG_JSON}


# --- files -----------------------------------------------------------------------------------------


def _read_weights(group: ModelGroup) -> list[WeightFile]:
    return [
        WeightFile(file, read_header(file.file.path))
        for file in group.weights
        if not _is_passed_over(file, group.form)
    ]


def _is_passed_over(file: GroupFile, form: ModelForm) -> bool:
    """Data without a header, and the formats of other runtimes inside of a folder model."""
    if weight_extension(file.name) == ONNX_DATA_EXTENSION:
        return True
    in_folder = form in {ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER}
    return in_folder and extension_of(file.name) in _NOT_EXAMINED


def _security(
    group: ModelGroup, files: Iterable[WeightFile], configuration: Configuration
) -> Security:
    """The worst tier of all files, with the reasons of all."""
    parts = [weight.header.security for weight in files]
    parts += [_companion_security(file) for file in group.files if _may_be_pickle(file)]
    parts += [
        Security(SecurityTier.UNREADABLE, (f"{_shown(file.name)} is in a format not examined.",))
        for file in group.weights
        if _is_passed_over(file, group.form) and extension_of(file.name) in _NOT_EXAMINED
    ]
    if configuration.findings:
        parts.append(Security(SecurityTier.EXECUTABLE, configuration.findings))
    worst = max((part.tier for part in parts), key=_TIERS.__getitem__, default=_SAFE)
    findings = dict.fromkeys(finding for part in parts for finding in part.findings)
    return Security(worst, tuple(findings)[:MAX_FINDINGS])


_SAFE: Final = SecurityTier.SAFE_FORMAT


def _may_be_pickle(file: GroupFile) -> bool:
    return file.role is not FileRole.WEIGHT and extension_of(file.name) in _PICKLES


def _companion_security(file: GroupFile) -> Security:
    try:
        return read_header(file.file.path).security
    except NotAModelError:
        return Security(_SAFE)
    except BrokenModelError as error:
        finding = f"{_shown(file.name)} cannot be examined: {error.message}."
        return Security(SecurityTier.UNREADABLE, (finding,))


def _shown(name: str) -> str:
    return plain_text(name, 200)


# --- the result --------------------------------------------------------------------------------------


def _assemble(
    *,
    group: ModelGroup,
    files: list[WeightFile],
    weights: AllWeights,
    configuration: Configuration,
    found: Classification,
    measured: Weights,
    resolution: Resolution,
    variant: Evidence | None,
) -> Identification:
    embedded = found.embedded
    kind = Kind(resolution.value("kind") or Kind.UNKNOWN)
    family = resolution.value("family") or UNKNOWN_FAMILY
    variant_name = None if variant is None else variant.value
    evidence = {**resolution.evidence, **_more_evidence(measured, variant)}
    adapter_type = _adapter_type(kind, resolution)
    if adapter_type is None:
        evidence.pop("adapter_type", None)
    return Identification(
        kind=kind,
        container=_container(group.form, files, configuration),
        security=_security(group, files, configuration),
        family=family,
        adapter_type=adapter_type,
        variant=variant_name,
        lineage=resolution.value("lineage"),
        precision=measured.precision,
        tasks=configuration.tasks or _tasks(kind, family, variant_name, found),
        parameter_count=measured.parameter_count if weights.counted else None,
        dtype_histogram=measured.dtype_histogram,
        name=embedded.name,
        license=embedded.license,
        description=embedded.description,
        tags=embedded.tags,
        trigger_words=embedded.trigger_words or _tokens(kind, weights.core),
        embedded={**(embedded.kept or {}), **_adapter_facts(found.adapter)},
        evidence=evidence,
        tensor_counts={w.file.name: len(w.header.tensors) for w in files},
        data_starts={
            w.file.name: w.header.data_start for w in files if w.header.data_start is not None
        },
        warnings=_warnings(group, files, configuration, found, resolution),
    )


def _tasks(kind: Kind, family: str, variant: str | None, found: Classification) -> tuple[str, ...]:
    """An adapter whose modules are those of a language model has the tasks of one."""
    if kind is Kind.ADAPTER and not found.names_may_tell_family:
        return tasks_of(Kind.LLM, family, None)
    return tasks_of(kind, family, variant)


def _more_evidence(measured: Weights, variant: Evidence | None) -> Mapping[str, Evidence]:
    evidence = {} if variant is None else {"variant": variant}
    if measured.precision is not None:
        evidence["precision"] = Evidence(
            measured.precision, measured.method, measured.confidence, RULES_VERSION
        )
    return evidence


def _adapter_type(kind: Kind, resolution: Resolution) -> AdapterType | None:
    value = resolution.value("adapter_type")
    if kind is Kind.CONTROLNET and resolution.value("variant") == AdapterType.CONTROL_LORA:
        return AdapterType.CONTROL_LORA
    if kind is not Kind.ADAPTER or value not in set(AdapterType):
        return None
    return AdapterType(value)


def _adapter_facts(adapter: AdapterFacts | None) -> Mapping[str, MetadataValue]:
    if adapter is None or adapter.rank is None:
        return {}
    return {"adapter.rank": adapter.rank, "adapter.modules": adapter.complete}


def _tokens(kind: Kind, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The words that a textual inversion of diffusers is called by: they are its tensor names."""
    if kind is not Kind.EMBEDDING_TI:
        return ()
    return tuple(_shown(name) for name in tensors if name.startswith("<"))


def _container(form: ModelForm, files: list[WeightFile], configuration: Configuration) -> Container:
    if form is ModelForm.DIFFUSERS_FOLDER:
        return Container.DIFFUSERS_DIR
    if form is ModelForm.TRANSFORMERS_FOLDER:
        return Container.MLX_DIR if configuration.is_mlx else Container.TRANSFORMERS_DIR
    return files[0].header.container if files else Container.OTHER


def _warnings(
    group: ModelGroup,
    files: list[WeightFile],
    configuration: Configuration,
    found: Classification,
    resolution: Resolution,
) -> tuple[str, ...]:
    headers: Iterable[Header] = (weight.header for weight in files)
    missing = [f"Missing: {_shown(name)}" for name in group.missing]
    read = [warning for header in headers for warning in header.warnings]
    every = (*missing, *read, *configuration.warnings, *found.warnings, *resolution.warnings)
    return tuple(dict.fromkeys(every))[:MAX_FINDINGS]
