"""Models that are files: single files and sharded sets, with the companions beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from model_library.errors import ModelLibraryError
from model_library.identify.file_roles import (
    ONNX_DATA_EXTENSION,
    VAE_SUFFIXES,
    WEIGHT_EXTENSIONS,
    companion_readings,
    extension_of,
    is_training_state,
    only_model_role,
    onnx_model_of,
    weight_extension,
)
from model_library.identify.shards import (
    FolderShards,
    ShardPattern,
    ShardSet,
    are_pieces,
    index_stem,
    shard_sets,
)
from model_library.identify.values import FoundFile, GroupFile
from model_library.taxonomy import FileRole, ModelForm

TensorNames = Callable[[Path], frozenset[str] | None]


@dataclass(slots=True)
class LooseModel:
    """One model of a folder while its companions are being found."""

    form: ModelForm
    name: str
    files: list[GroupFile]
    stems: tuple[str, ...]
    """Companions have one of these stems."""
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class LooseFiles:
    """What the files of one folder are to each other."""

    models: list[LooseModel] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Names that are part of a model, or that `problems` or `refused` speak of."""
    problems: dict[str, ModelLibraryError] = field(default_factory=dict)
    """By name of the file that has the problem."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Name -> why a file that looks like part of a model is none."""
    refused: dict[str, str] = field(default_factory=dict)
    """Name -> the name of the broken file that spoils the model it is part of."""


def find_loose_models(
    folder: Path,
    files: Mapping[str, FoundFile],
    beside: Mapping[str, FoundFile],
    *,
    reserved: Collection[str] = (),
    tensor_names: TensorNames | None = None,
) -> LooseFiles:
    """The models among `files`, the files of `folder` by name that are not part of a folder model.

    Files `beside` them complete a model (other shards, companions) and never make one. Names in
    `reserved` are nobody's companions.
    """
    pool = {name: file for name, file in (*beside.items(), *files.items()) if name not in reserved}
    return _Folder(folder, files, pool, tensor_names).sort_out()


class _Folder:
    def __init__(
        self,
        path: Path,
        files: Mapping[str, FoundFile],
        pool: Mapping[str, FoundFile],
        tensor_names: TensorNames | None,
    ) -> None:
        self._path = path
        self._asked = files
        self._pool = pool
        self._tensor_names = tensor_names
        self._found = LooseFiles()
        self._onnx_data: dict[str, list[str]] = {}
        for name in sorted(pool):
            model = onnx_model_of(name)
            if model is not None:
                self._onnx_data.setdefault(model, []).append(name)

    def sort_out(self) -> LooseFiles:
        self._take_sets(shard_sets(self._path, self._pool))
        self._take_single_files()
        self._explain_other_weights()
        self._take_companions()
        self._found.used &= set(self._asked)
        return self._found

    # --- sharded sets

    def _take_sets(self, shards: FolderShards) -> None:
        found = self._found
        found.problems |= shards.problems
        found.used |= shards.problems.keys()
        for shard_set in shards.sets:
            if self._asked.keys().isdisjoint(shard_set.members):
                continue
            blame = _index_to_blame(shard_set, shards.problems)
            if blame is not None:
                found.refused |= dict.fromkeys(shard_set.members, blame)
                found.used |= shard_set.members.keys()
            elif shard_set.pattern is not ShardPattern.NUMBERED or self._is_one_model(shard_set):
                self._add_set(shard_set)
        has_weights = any(weight_extension(name) for name in self._pool)
        for index in shards.idle:
            if index.name in self._asked and not has_weights:
                self._add_set(ShardSet(index.stem, {}, None, index.shards, None, (index.name,)))

    def _is_one_model(self, shard_set: ShardSet) -> bool:
        names = sorted(shard_set.members, key=shard_set.members.__getitem__)
        return are_pieces(
            [self._pool[name].size for name in names],
            [self._pool[name].path for name in names],
            shard_set.members[names[0]],
            self._tensor_names,
        )

    def _add_set(self, shard_set: ShardSet) -> None:
        members = [
            self._file(name, FileRole.WEIGHT, index, shard_set.total)
            for name, index in shard_set.members.items()
        ]
        indexes = [self._file(name, FileRole.CONFIG) for name in shard_set.indexes]
        self._add(
            LooseModel(
                ModelForm.SHARDED_SET,
                shard_set.stem,
                members + indexes,
                (shard_set.stem, *(_stem(name) for name in shard_set.members)),
                shard_set.missing,
            )
        )

    # --- single files

    def _take_single_files(self) -> None:
        weights = [
            name
            for name in self._pool
            if name not in self._found.used
            and weight_extension(name) not in (None, ONNX_DATA_EXTENSION)
            and not is_training_state(name)
        ]
        stems = {_stem(name) for name in weights if name in self._asked}
        for name in sorted(weights, key=_precedence):
            if name in self._asked and not _is_vae_of(name, stems):
                self._add_single(name)

    def _add_single(self, name: str) -> None:
        parts = (name, *self._onnx_data.get(name, ()))
        files = [self._file(part, FileRole.WEIGHT) for part in parts]
        self._add(LooseModel(ModelForm.SINGLE_FILE, _stem(name), files, (_stem(name),)))

    def _explain_other_weights(self) -> None:
        for name in self._asked.keys() - self._found.used:
            if is_training_state(name):
                self._found.reasons[name] = "training state, not a model"
            elif onnx_model_of(name) is not None:
                self._found.reasons[name] = "external data of an ONNX model that is not here"

    # --- companions

    def _take_companions(self) -> None:
        by_stem: dict[str, LooseModel] = {}
        for model in self._found.models:
            for stem in model.stems:
                by_stem.setdefault(stem, model)
        only = self._found.models[0] if self._holds_one_model() else None
        for name in sorted(self._pool):
            if name not in self._found.used and name not in self._found.reasons:
                self._take_companion(name, by_stem, only)

    def _take_companion(
        self, name: str, by_stem: Mapping[str, LooseModel], only: LooseModel | None
    ) -> None:
        for reading in companion_readings(name):
            if reading.stem in by_stem:
                self._attach(by_stem[reading.stem], name, reading.role)
                return
        role = only_model_role(name)
        if only is not None and role is not None:
            self._attach(only, name, role)

    def _attach(self, model: LooseModel, name: str, role: FileRole) -> None:
        model.files.append(self._file(name, role))
        self._found.used.add(name)

    def _holds_one_model(self) -> bool:
        weights = {name for name in self._pool if weight_extension(name) is not None}
        return len(self._found.models) == 1 and weights <= self._found.used | {
            name for name in weights if _is_vae_of(name, set(self._found.models[0].stems))
        }

    # --- both

    def _add(self, model: LooseModel) -> None:
        self._found.models.append(model)
        self._found.used |= {file.name for file in model.files}

    def _file(
        self, name: str, role: FileRole, index: int | None = None, total: int | None = None
    ) -> GroupFile:
        return GroupFile(self._pool[name], name, role, index, total)


def _index_to_blame(shard_set: ShardSet, broken: Iterable[str]) -> str | None:
    """The broken index of a set: 'model.safetensors.index.json' of 'model' and 'model.fp16'."""
    for name in broken:
        if shard_set.stem == index_stem(name) or shard_set.stem.startswith(f"{index_stem(name)}."):
            return name
    return None


def _stem(name: str) -> str:
    extension = extension_of(name)
    return name[: -len(extension)] if extension else name


def _precedence(name: str) -> tuple[int, str]:
    return (WEIGHT_EXTENSIONS.index(extension_of(name)), name)


def _is_vae_of(name: str, stems: Collection[str]) -> bool:
    suffix = next((s for s in VAE_SUFFIXES if name.lower().endswith(s)), None)
    return suffix is not None and name[: -len(suffix)] in stems
