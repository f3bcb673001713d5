"""From files to models: which of the files that a walk found belong together.

Promises: every file of the walk is in exactly one place, a model, the leftovers or the problems,
however many paths lead to it (only a file that two folder models share through links is in both);
the result does not depend on the order in which the disk gave the names. Only small files are
read (shard indexes, `model_index.json`, configs), and with limits; whether a model really is one
is for the probes to say.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_library.errors import ModelLibraryError
from model_library.identify.file_roles import (
    companion_readings,
    extension_of,
    is_folder_material,
    is_training_state,
    only_model_role,
    preview_rank,
    role_in_folder,
    weight_extension,
)
from model_library.identify.folder_tree import FolderTree
from model_library.identify.hf_folder import (
    CONFIG_MARKERS,
    MODEL_INDEX,
    FolderModel,
    find_folder_models,
    is_main_snapshot,
)
from model_library.identify.loose_files import LooseFiles, TensorNames, find_loose_models
from model_library.identify.ollama_store import find_ollama_models
from model_library.identify.shards import ShardPattern, index_stem, shard_sets
from model_library.identify.values import FoundFile, GroupFile, ModelGroup
from model_library.identify.walk import HUB_METADATA_FOLDER, FileIdentity, Walk, file_identity
from model_library.taxonomy import FileRole, ModelForm

_ROLE_ORDER = list(FileRole)
_FOLDER_FORMS = (ModelForm.DIFFUSERS_FOLDER, ModelForm.TRANSFORMERS_FOLDER)
_HUB_METADATA = "/".join(HUB_METADATA_FOLDER)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a walk found, as models."""

    groups: tuple[ModelGroup, ...]
    """Sorted by base, folder models first, then by name."""
    leftovers: tuple[tuple[FoundFile, str], ...]
    """Files that are no part of a model, with the reason for people; sorted by path."""
    problems: tuple[ModelLibraryError, ...]
    """Found while grouping; those of the walk are not repeated."""
    stores: tuple[Path, ...] = ()
    """Of Ollama, as far as they were walked through."""


def group(walk: Walk, *, tensor_names: TensorNames | None = None) -> Grouping:
    """Form the models of a walk.

    `tensor_names` answers with the tensor names in the header of a file, or None where there is no
    header to read; it decides whether `x_00001`, `x_00002` are pieces of one model or saved epochs
    (see `shards.are_pieces`) and is asked about nothing else.

    The files of a group are in the order of their roles, weights by shard and name, previews the
    best first. Every file lies at `ModelGroup.base / GroupFile.name`, but for those of an Ollama store, which lie below
    the base under names that say nothing.
    """
    grouper = _Grouper(walk, tensor_names)
    grouper.run()
    return grouper.result()


class _Grouper:
    def __init__(self, walk: Walk, tensor_names: TensorNames | None) -> None:
        self._walk = walk
        self._tensor_names = tensor_names
        found = (*walk.aliases, *walk.files)
        notes = [f for f in (*walk.beside, *found) if _is_hub_note(f.path)]
        self._hub_notes = {note.path: note for note in notes}
        self._tree = FolderTree(f for f in found if not _is_hub_note(f.path))
        self._beside = FolderTree(f for f in walk.beside if not _is_hub_note(f.path)).folders
        self._groups: list[ModelGroup] = []
        self._problems: dict[str, ModelLibraryError] = {}
        self._reasons: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        """Path -> why a file that was found, and may have been named, is not imported."""
        self._stores: list[Path] = []
        self._grouped: set[str] = set()
        """Paths of all files that some group has, also a group that is given up for another."""

    def run(self) -> None:
        scan = find_folder_models(self._tree)
        self._problems |= scan.problems
        stores = find_ollama_models(self._tree)
        self._stores = stores.tops
        for one in stores.models:
            self._add(one)
        done = set(scan.blocked) | stores.folders
        for folder, culprit in scan.blocked.items():
            self._refuse(self._tree.folders[folder].values(), culprit)
        for model in scan.models:
            self._add_folder_model(model)
            done |= {model.base, *model.folders}
        for folder, files in self._tree.folders.items():
            if folder not in done:
                self._add_loose_models(folder, files)

    # --- files and shards

    def _add_loose_models(
        self, folder: str, files: Mapping[str, FoundFile], reserved: Collection[str] = ()
    ) -> LooseFiles:
        loose = find_loose_models(
            Path(folder),
            files,
            self._beside.get(folder, {}),
            reserved=reserved,
            tensor_names=self._tensor_names,
        )
        for model in loose.models:
            ordered = _ordered(model.files)
            self._add(ModelGroup(model.form, model.name, Path(folder), ordered, model.missing))
        self._problems |= {_join(folder, name): e for name, e in loose.problems.items()}
        self._reasons |= {_join(folder, name): why for name, why in loose.reasons.items()}
        for name, culprit in loose.refused.items():
            self._refuse([files[name]] if name in files else [], culprit)
        return loose

    # --- folders

    def _add_folder_model(self, model: FolderModel) -> None:
        parts = _FolderParts(model, self._tree)
        strangers = self._add_loose_models(model.base, parts.strangers, parts.reserved)
        files, missing = parts.list_files(strangers)
        self._reasons |= parts.reasons
        self._problems |= parts.problems
        if parts.problems:
            self._refuse([file.file for file in files], min(parts.problems))
            return
        self._add(
            ModelGroup(model.form, model.name, Path(model.base), _ordered(files), tuple(missing))
        )

    # --- the answer

    def _refuse(self, files: Iterable[FoundFile], culprit: str) -> None:
        reason = f"not imported, because {culprit} cannot be used"
        self._refused |= {str(file.path): reason for file in files}

    def _add(self, model: ModelGroup) -> None:
        notes: list[GroupFile] = []
        for file in model.files if self._hub_notes else ():
            name = f"{_HUB_METADATA}/{file.name}.metadata"
            note = self._hub_notes.get(model.base / name)
            if note is not None:
                notes.append(GroupFile(note, name, FileRole.SIDECAR))
        self._groups.append(replace(model, files=(*model.files, *notes)))
        self._grouped |= {str(file.file.path) for file in model.files}

    def result(self) -> Grouping:
        primary = {file.path for file in self._walk.files}
        groups = _without_links(_without_repeats(self._groups, primary), primary)
        placed = {file_identity(f.file) for model in groups for f in model.files}
        leftovers: list[tuple[FoundFile, str]] = []
        for file in self._walk.files:
            path = str(file.path)
            if file_identity(file) in placed or path in self._problems:
                continue
            if self._is_taken_at_its_word(file):
                groups.append(_named_file(file))
            else:
                leftovers.append((file, f"{self._reason(file)}: {file.path.name}"))
        return Grouping(
            tuple(sorted(groups, key=_place)),
            tuple(leftovers),
            tuple(self._problems[path] for path in sorted(self._problems)),
            tuple(self._stores),
        )

    def _is_taken_at_its_word(self, file: FoundFile) -> bool:
        """Whether a person named the file, and it may be a model: applications keep empty files as signs in their
        directories (`put_loras_here`)."""
        is_sign = file.size == 0 and weight_extension(file.path.name) is None
        named = file.path in self._walk.given and str(file.path) not in self._refused
        return named and not is_sign

    def _reason(self, file: FoundFile) -> str:
        path = str(file.path)
        if path in self._grouped:
            return "belongs to a model that is here under another path"
        return self._refused.get(path) or self._reasons.get(path, "not a model file")


class _FolderParts:
    """The files of one folder model and their parts in it."""

    def __init__(self, model: FolderModel, tree: FolderTree) -> None:
        self._model = model
        self._tree = tree
        self._base_files = tree.folders[model.base]
        indexes = {name for name in self._base_files if index_stem(name) is not None}
        has_own = model.form is ModelForm.TRANSFORMERS_FOLDER
        self._own = model.own_weights | (indexes if has_own else set())
        self._stems = {own[: -len(extension_of(own)) or None] for own in model.own_weights}
        self.strangers = {n: f for n, f in self._base_files.items() if n not in self._own}
        markers = {MODEL_INDEX, *CONFIG_MARKERS}
        self.reserved = {n for n in self._base_files if n in markers or only_model_role(n)}
        self.reasons: dict[str, str] = {}
        self.problems: dict[str, ModelLibraryError] = {}
        self._shards: dict[str, tuple[int, int | None]] = {}
        self._missing = list(model.missing)

    def list_files(self, strangers: LooseFiles) -> tuple[list[GroupFile], list[str]]:
        """All files of the model, and the names of those that are missing, sorted.

        `strangers`: the other models in the base folder, which have their own files.
        """
        files = [self._file(self._base_files[n], role) for n, role in self._of_base(strangers)]
        self._find_shards(self._model.base, self._own)
        for folder in sorted(self._model.folders):
            names = self._tree.folders[folder]
            self._find_shards(folder, names)
            for name, file in names.items():
                if is_training_state(name):
                    self.reasons[str(file.path)] = "training state, not a model"
                else:
                    files.append(self._file(file, role_in_folder(name)))
        numbered = [self._with_number(file) for file in files]
        kept = [file for file in numbered if str(file.file.path) not in self.problems]
        return kept, sorted(set(self._missing))

    def _of_base(self, strangers: LooseFiles) -> Iterable[tuple[str, FileRole]]:
        """The files of the base that are the model's, with their roles. Beside other models it has
        only what its format or its weights' names give it."""
        for name in self._base_files:
            if name in strangers.used or name in strangers.reasons:
                continue
            role = self._companion_role(name)
            if role is not None or name in self._own or is_folder_material(name):
                yield name, role or role_in_folder(name)
            elif not strangers.models:
                yield name, role_in_folder(name)

    def _companion_role(self, name: str) -> FileRole | None:
        if index_stem(name) is not None:
            return None
        for reading in companion_readings(name):
            if reading.stem in self._stems:
                return reading.role
        return only_model_role(name)

    def _find_shards(self, folder: str, names: Iterable[str]) -> None:
        present = set(names)
        found = shard_sets(Path(folder), present)
        self.problems |= {_join(folder, name): error for name, error in found.problems.items()}
        prefix = self._relative(folder)
        for shard_set in found.sets:
            if shard_set.pattern is ShardPattern.NUMBERED:
                continue
            self._missing += [prefix + name for name in shard_set.missing]
            for name, number in shard_set.members.items():
                self._shards[prefix + name] = (number, shard_set.total)
        if not any(role_in_folder(name) is FileRole.WEIGHT for name in present):
            self._missing += [prefix + name for index in found.idle for name in index.shards]

    def _file(self, file: FoundFile, role: FileRole) -> GroupFile:
        folder, name = os.path.split(str(file.path))
        return GroupFile(file, self._relative(folder) + name, role)

    def _with_number(self, file: GroupFile) -> GroupFile:
        number, total = self._shards.get(file.name, (None, None))
        return file if number is None else replace(file, shard_index=number, shard_total=total)

    def _relative(self, folder: str) -> str:
        """'' for the base, else the way down with '/' at its end."""
        below = folder[len(self._model.base) :].strip(os.sep)
        return f"{below}/".replace(os.sep, "/") if below else ""


# --- one file, several paths ---------------------------------------------------------------------


def _without_repeats(groups: Iterable[ModelGroup], primary: Collection[Path]) -> list[ModelGroup]:
    """Of groups with the very same weight files only the best one."""
    kept: dict[frozenset[FileIdentity], ModelGroup] = {}
    for model in sorted(groups, key=lambda model: _preference(model, primary)):
        weights = _weight_identities(model)
        # Without weights there is nothing to be the same; the path tells such groups apart.
        kept.setdefault(weights or frozenset([str(model.base), model.name]), model)
    return list(kept.values())


def _without_links(groups: Sequence[ModelGroup], primary: Collection[Path]) -> list[ModelGroup]:
    """Without the single files and sets that are only links to parts of another model."""
    uses = Counter(identity for model in groups for identity in _weight_identities(model))
    return [
        model
        for model in groups
        if model.form in _FOLDER_FORMS
        or not model.weights
        or any(w.file.path in primary or uses[file_identity(w.file)] == 1 for w in model.weights)
    ]


def _weight_identities(model: ModelGroup) -> frozenset[FileIdentity]:
    return frozenset(file_identity(weight.file) for weight in model.weights)


def _preference(model: ModelGroup, primary: Collection[Path]) -> tuple[bool, bool, int, str, str]:
    """Smaller for the group to keep."""
    return (
        model.form not in _FOLDER_FORMS,
        not is_main_snapshot(model.base),
        sum(weight.file.path not in primary for weight in model.weights),
        str(model.base),
        model.name,
    )


# --- helpers -------------------------------------------------------------------------------------


def _place(model: ModelGroup) -> tuple[str, bool, str, str]:
    return (str(model.base), model.form not in _FOLDER_FORMS, model.name, model.files[0].name)


def _ordered(files: Iterable[GroupFile]) -> tuple[GroupFile, ...]:
    def place(file: GroupFile) -> tuple[int, int, int, str]:
        rank = preview_rank(file.name) if file.role is FileRole.PREVIEW else 0
        return (_ROLE_ORDER.index(file.role), rank, file.shard_index or 0, file.name)

    return tuple(sorted(files, key=place))


def _join(folder: str, name: str) -> str:
    return str(Path(folder) / name)


def _named_file(file: FoundFile) -> ModelGroup:
    """What was named explicitly is taken for a model; a probe says what it is or why it is none."""
    only = GroupFile(file, file.path.name, FileRole.WEIGHT)
    return ModelGroup(ModelForm.SINGLE_FILE, file.path.name, file.path.parent, (only,))


def _is_hub_note(path: Path) -> bool:
    return str(path).endswith(".metadata") and f"/{_HUB_METADATA}/" in path.as_posix()
