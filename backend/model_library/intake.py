"""What comes in: the models under the given paths, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model_library.errors import FileError, MetadataError, ModelLibraryError
from model_library.identify.grouping import Grouping, group
from model_library.identify.hf_folder import is_hub_bookkeeping
from model_library.identify.ollama_store import is_ollama_bookkeeping
from model_library.identify.sniff import read_header
from model_library.identify.values import ModelGroup
from model_library.identify.walk import walk
from model_library.library import Catalog
from model_library.publishing import Job, Published, StagedModel, publish
from model_library.staging import Rehearsed, StagedDuplicate


@dataclass(frozen=True, slots=True)
class Imported:
    """A model that is in the library now. `left` names sources that a move did not take away."""

    model_id: str
    paths: tuple[Path, ...]
    warnings: tuple[str, ...]
    left: tuple[str, ...] = ()
    repaired: bool = False
    """It was known, and files that it had lost were put back."""
    completed: bool = False
    """It was known, and shards that it lacked were added."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A model whose content the library has already; nothing was copied or removed."""

    model_id: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    paths: tuple[Path, ...]
    error: ModelLibraryError


@dataclass(slots=True)
class ImportReport:
    """Everything that was given, each in exactly one list."""

    imported: list[Imported] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    attached: list[tuple[str, str]] = field(default_factory=list)
    """Of a download: id of a model, and the path in the repository of a file that came to it."""
    would_import: list[tuple[ModelGroup, Rehearsed]] = field(default_factory=list)
    """Of a dry run: what would be imported."""

    def note(
        self, one: ModelGroup, outcome: Published | StagedDuplicate | ModelLibraryError
    ) -> str:
        """Put what became of a group into its list; returns the word of that list."""
        paths = paths_of(one)
        if isinstance(outcome, ModelLibraryError):
            self.failed.append(Failed(paths, outcome))
            return "failed"
        if isinstance(outcome, StagedDuplicate) or outcome.duplicate:
            self.duplicates.append(Duplicate(outcome.model_id, paths))
            return "duplicate"
        self.imported.append(
            Imported(
                outcome.model_id,
                paths,
                outcome.warnings,
                outcome.left,
                outcome.repaired,
                outcome.completed,
            )
        )
        return "imported"


def find_groups(paths: Sequence[Path], exclude: Iterable[Path]) -> tuple[Grouping, ImportReport]:
    """Walk and group; the report holds what was left out, but for what a Hub cache and Ollama keep for themselves, and what went wrong."""
    walked = walk(paths, exclude=tuple(exclude))
    grouping = group(walked, tensor_names=_tensor_names)
    left = (*walked.skipped, *((found.path, reason) for found, reason in grouping.leftovers))
    report = ImportReport(skipped=[one for one in left if not _is_bookkeeping(one[0])])
    for problem in (*walked.problems, *grouping.problems):
        report.failed.append(Failed((Path(problem.path or "."),), problem))
    return grouping, report


def _is_bookkeeping(path: Path) -> bool:
    return is_hub_bookkeeping(path) or is_ollama_bookkeeping(path)


def _tensor_names(path: Path) -> frozenset[str] | None:
    try:
        return frozenset(read_header(path).tensors)
    except ModelLibraryError:
        return None  # no header to read; the file is refused or refusing it is up to the probe


def paths_of(one: ModelGroup) -> tuple[Path, ...]:
    return tuple(file.file.path for file in one.files)


def published(
    catalog: Catalog, work: Job, batch: Sequence[tuple[StagedModel, ModelGroup]]
) -> Iterator[tuple[ModelGroup, Published | ModelLibraryError]]:
    """Publish staged models with one flush; shards that a model lacked come to it instead.

    Raises as `publishing.publish` does.
    """
    whole: list[tuple[StagedModel, ModelGroup]] = []
    for model, one in batch:
        outcome = None if model.completes is None else _completed(catalog, work, model)
        if outcome is None:
            whole.append((model, one))
        else:
            yield one, outcome
    outcomes = publish(catalog, work, [model for model, _ in whole]) if whole else []
    yield from zip((one for _, one in whole), outcomes, strict=True)


def _completed(
    catalog: Catalog, work: Job, model: StagedModel
) -> Published | ModelLibraryError | None:
    from model_library.completing import complete

    try:
        return complete(catalog, work, model)
    except (FileError, MetadataError) as error:
        return error
