"""The JSON of every operation, as typed dictionaries: the one contract of command line, HTTP and window."""

# Without `from __future__ import annotations`: TypedDict compiles each annotation that is a text, at every start.
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from model_library.api.shapes_model import ErrorJson, HashedFileJson

if TYPE_CHECKING:
    ModelJson = dict[str, Any]
    ImportedJson = ModelJson
    InspectedJson = ModelJson
    TrashedJson = ModelJson
else:  # Python code looks fields up by computed names; the schema of the server names every one
    from model_library.api.shapes_model import (
        ImportedJson,
        InspectedJson,
        ModelJson,
        TrashedJson,
    )

__all__ = [
    "ErrorJson",
    "HashedFileJson",
    "ImportedJson",
    "InspectedJson",
    "ModelJson",
    "TrashedJson",
]


class DuplicateJson(TypedDict):
    path: str
    paths: list[str]
    model_id: str


class SkippedJson(TypedDict):
    path: str
    reason: str


class FailedJson(TypedDict):
    """What did not come in. `path`: of its `paths` the one that is the reason, else the first."""

    path: str
    paths: list[str]
    error: ErrorJson


class LossJson(TypedDict):
    """Files in the folder of a program, which does not find them there any more when they are moved. `app`: the id of
    the application that it is, None when it was not added; `kind`: by which it can be, None where there is no
    profile; `linked`: the files that get a link after a move, of a program that was not added if it were.
    """

    program: str
    folder: str
    app: str | None
    kind: str | None
    files: list[str]
    linked: list[str]


class ImportJson(TypedDict):
    """Of a dry run `imported` is empty, `would_import` holds what `inspect` would say, and `losses` what a move,
    if it is one, would take away from other programs."""

    imported: list[ImportedJson]
    duplicates: list[DuplicateJson]
    skipped: list[SkippedJson]
    failed: list[FailedJson]
    dry_run: bool
    would_import: NotRequired[list[InspectedJson]]
    losses: NotRequired[list[LossJson]]
    took_ms: float


class InspectJson(TypedDict):
    models: list[InspectedJson]
    skipped: list[SkippedJson]


class WarningJson(TypedDict):
    """Something to know that is no error: `code` is stable, `message` says what, `hint` what is possible."""

    code: str
    message: str
    hint: str


class ListJson(TypedDict):
    """`warnings`: filters and values that were not understood. `total_is_exact` is False when counting stopped at a bound; then there are at least `total`."""

    total: int
    total_is_exact: bool
    took_ms: float
    models: list[ModelJson]
    warnings: list[WarningJson]
    facets: NotRequired[dict[str, dict[str, int]]]


class DeletedJson(TypedDict):
    """What `delete` did with one model. Of several, the command line prints a list in `deleted`, and in
    `failed` those with an `error`; so does `restore`, with models in `restored`."""

    model_id: str
    trash: str | None
    freed: int


class NotEditedJson(TypedDict):
    """`model_id` as it was given."""

    model_id: str
    error: ErrorJson


class UndoJson(TypedDict):
    """The words for `edit_models` that make some models as they were before it, unless they were edited since."""

    model_ids: list[str]
    assignments: list[str]
    unset: list[str]
    as_left: list[str]


class EditedJson(TypedDict):
    """What `edit` did with several models; a model that already was so is in `edited`, too, and not in `undo`."""

    edited: list[ModelJson]
    failed: list[NotEditedJson]
    undo: list[UndoJson]


class RootJson(TypedDict):
    root_id: str
    mode: str
    path: str
    home: bool
    online: bool
    problem: str | None
    free: int | None
    """Bytes, None when offline."""


class DriveJson(TypedDict):
    """A drive beneath the roots. `rotational` is None when it cannot be known; `at_once` is how many
    files are read or written on it at the same time."""

    key: str
    rotational: bool | None
    at_once: int
    roots: list[str]


class GoneJson(TypedDict):
    """A model whose directory was deleted by hand, and where that was; `restorable`: the trash has a copy."""

    model_id: str
    official_name: str
    path: str | None
    size: int
    restorable: bool


class ScanJson(TypedDict):
    """`gone` says more about what is in `removed`."""

    deep: bool
    models: int
    unchanged: int
    added: list[str]
    updated: list[str]
    removed: list[str]
    gone: list[GoneJson]
    missing: list[str]
    modified: list[str]
    metadata_restored: list[str]
    offline_roots: list[str]
    problems: list[ErrorJson]
    took_ms: float


class VerifiedJson(TypedDict):
    model_id: str
    bytes: int
    problems: list[ErrorJson]


class VerifyJson(TypedDict):
    intact: list[str]
    damaged: list[VerifiedJson]
    offline: list[str]
    bytes: int
    took_ms: float


class QuotaJson(TypedDict):
    bucket: str
    remaining: int | None
    limit: int | None
    resets: str | None


class HostJson(TypedDict):
    """`state`: closed (works), open (left in peace until `until`) or half-open; `served`: live, cache or none."""

    host: str
    state: str
    since: str | None
    failures: int
    last_error: str | None
    last_answer: str | None
    served: str
    quotas: list[QuotaJson]


class NetworkJson(TypedDict):
    offline: bool
    endpoint: str
    token: bool
    hosts: list[HostJson]


class StatusJson(TypedDict):
    library: str
    library_id: str
    format_version: int
    read_only: bool
    models: int
    bytes: int
    kinds: dict[str, int]
    adapter_types: dict[str, int]
    """Of the models of the kind `adapter`."""
    states: dict[str, int]
    damaged: list[str]
    trash: int
    unfinished: int
    lookups_pending: int
    """Models that no provider has answered for yet; `match:pending` finds them."""
    jobs: dict[str, int]
    """How many in each state."""
    network: NetworkJson
    roots: list[RootJson]


class CheckJson(TypedDict):
    """One check of `doctor`: `result` is ok, warning or error."""

    name: str
    result: str
    message: str
    hint: str


class DoctorJson(TypedDict):
    checks: list[CheckJson]
    healthy: bool
