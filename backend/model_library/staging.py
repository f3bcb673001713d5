"""Staging: one group of files becomes a complete model directory, ready to be published.

Probe, pickle gate, duplicate look-up, placing and the writing of its description happen here; several groups
at a time, each in a directory of its own under `.staging/<job>`.
"""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from model_library.errors import (
    FileError,
    IncompleteModelError,
    ModelLibraryError,
    PickleNotAcceptedError,
    UnsupportedFilesystemError,
)
from model_library.hf.hub_cache import cached_digests
from model_library.identify.identifier import identify
from model_library.identify.ollama_store import MANIFEST, require_named
from model_library.identify.sidecars import SidecarFacts, read_sidecars
from model_library.identify.values import GroupFile, Identification, ModelGroup
from model_library.io.hashing import FileDigests, hash_file, sample_hash
from model_library.io.manager import DriveQueues
from model_library.io.platform.os_errors import translate_os_error
from model_library.library import OWN_FILES, Catalog, Record
from model_library.naming import collision_key, safe_file_name
from model_library.placing import (
    PlacedFile,
    check_unchanged,
    place_file,
    share_file,
    take_received,
)
from model_library.publishing import Job, StagedModel, note_damage
from model_library.recording import (
    Overrides,
    describe,
    digest_of,
    identity_of,
    origin_of,
    with_hand_edits,
)
from model_library.roots import Root
from model_library.search.fts5 import IndexedFile
from model_library.taxonomy import (
    ModelForm,
    ModelState,
    PlacedBy,
    Placement,
    RootMode,
    SecurityTier,
)
from model_library.trashcan import trashed_models

_NEEDS_ACCEPTANCE = frozenset(
    {SecurityTier.PICKLE_UNKNOWN, SecurityTier.PICKLE_DANGEROUS, SecurityTier.EXECUTABLE}
)


@dataclass(frozen=True, slots=True)
class StagedDuplicate:
    """The library has this content already; nothing was placed."""

    model_id: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an import would add, and the id it would give."""

    known: Identification
    model_id: str
    content_digest: str
    completes: bool = False
    """The model is there, and gets shards that it lacked."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Of the weights, by `GroupFile.name`."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A weight of the group whose bytes the library holds, proven by its hash."""

    sha256: str
    path: Path
    shareable: bool
    """It is ours: a file of a referenced root belongs to the user, who may write to it."""


class Stager:
    """Stages the groups of one import. Thread-safe: `stage` runs in several workers."""

    def __init__(
        self,
        catalog: Catalog,
        work: Job,
        queues: DriveQueues,
        progress: Callable[[int], None],
        *,
        accept_pickle: bool,
        overrides: Overrides,
        edits: Mapping[Path, Mapping[str, Any]] | None = None,
        received: Mapping[Path, FileDigests] | None = None,
    ) -> None:
        """`edits`: what the user said about single models, by the path of one of their files; `received`:
        files that this library has fetched itself, with their proven digests."""
        self._received = received or {}
        self._edits = edits or {}
        self._catalog = catalog
        self._work = work
        self._queues = queues
        self._progress = progress
        self._accept_pickle = accept_pickle
        self._overrides = overrides
        self._staging_lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._samples: dict[int, dict[str, list[tuple[IndexedFile, Path]]]] = {}
        self._samples_lock = threading.Lock()
        self._deleted = {
            trashed.metadata.content_digest: trashed.metadata
            for trashed in reversed(list(trashed_models(catalog)))
        }
        """What was deleted and is still in the trash, by content; of several the newest."""

    def stage(
        self, group: ModelGroup, root: Root, placement: Placement
    ) -> StagedModel | StagedDuplicate:
        """Probe and place one group. Raises ModelLibraryError; then nothing of it is left in staging."""
        self._progress(0)
        facts, known = self._probe(group)
        held = self._held(group)
        duplicate = self._duplicate(group, held)
        if duplicate is not None:
            return StagedDuplicate(duplicate)
        partner = self._partner(group, known, held)
        if partner is not None and partner.root.mode is root.mode is RootMode.MANAGED:
            root = partner.root
        link = placement is Placement.MOVE and _can_be_linked(group, root)
        directory = self._new_directory(root, linked=link)
        with ExitStack() as cleanup:
            cleanup.callback(
                shutil.rmtree, directory, ignore_errors=True
            )  # the job clears the rest
            placed = self._place(group, known, directory, placement, held, link=link)
            require_named(group, {file.name: done.digests.sha256 for file, done in placed.values()})
            overrides = self._overrides_of(group)
            origin = origin_of(group, self._catalog.directory)
            metadata = describe(group, known, facts, placed, root, overrides, origin)
            former = self._deleted.get(metadata.content_digest)
            if former is not None:
                metadata = with_hand_edits(metadata, former)
            cleanup.pop_all()
        moved = tuple(done.moved for _, done in placed.values() if done.moved is not None)
        completes = None if partner is None else partner.metadata.model_id
        warnings = _warnings(group, known, facts)
        return StagedModel(metadata, root, directory, moved, warnings, completes)

    def rehearse(self, group: ModelGroup) -> Rehearsed | StagedDuplicate:
        """What `stage` would find, without placing anything. All weights are read: their hashes make the id."""
        facts, known = self._probe(group)
        held = self._held(group)
        duplicate = self._duplicate(group, held)
        if duplicate is not None:
            return StagedDuplicate(duplicate)
        hashes = _hashes(held)
        partner = self._partner(group, known, held)
        for file in group.weights:
            if file.name not in hashes:
                hashes[file.name] = self._hashed(file)
        require_named(group, hashes)
        digest = digest_of(group, hashes)
        if partner is not None:
            from model_library.completing import without_missing

            said = replace(known, warnings=tuple(without_missing(known.warnings)))
            return Rehearsed(said, partner.metadata.model_id, digest, True, hashes)
        model_id = identity_of(group, known, facts, digest, self._overrides_of(group))[2]
        return Rehearsed(known, model_id, digest, sha256=hashes)

    def looks_held(self, group: ModelGroup) -> bool:
        """Whether every weight has a likely copy in the library, so that no space is needed."""
        return all(self._candidates(file) for file in group.weights)

    def _overrides_of(self, group: ModelGroup) -> Overrides:
        said = [self._edits[one.file.path] for one in group.files if one.file.path in self._edits]
        edits = {name: value for one in said for name, value in one.items()}
        return replace(self._overrides, edits=edits) if edits else self._overrides

    def _probe(self, group: ModelGroup) -> tuple[SidecarFacts, Identification]:
        if not group.weights:
            raise IncompleteModelError(
                f"None of its {len(group.missing)} weight files is there", path=group.base
            )
        for file in group.files:
            check_unchanged(file.file)
        known = identify(group)
        tier = known.security.tier
        if tier in _NEEDS_ACCEPTANCE and not self._accept_pickle:
            findings = "; ".join(known.security.findings[:3])
            raise PickleNotAcceptedError(
                f"Loading it could run code ({tier}): {findings}", path=group.weights[0].file.path
            )
        return read_sidecars(group), known

    # --- what the library has already --------------------------------------------------------------

    def _held(self, group: ModelGroup) -> dict[str, _Held]:
        """The weights that the library holds. A file is hashed in full only when a sample of it looks
        like a held file of its size; the full hash decides."""
        held: dict[str, _Held] = {}
        for file in group.weights:
            candidates = self._candidates(file)
            if not candidates:
                continue
            digest = self._hashed(file)
            for candidate, path in candidates:
                if candidate.sha256 == digest and self._is_true(candidate, path):
                    root = self._catalog.roots.get(candidate.root_id)
                    ours = root.mode is RootMode.MANAGED and not path.is_symlink()
                    if ours or file.name not in held:
                        held[file.name] = _Held(digest, path, ours)
        return held

    def _is_true(self, candidate: IndexedFile, path: Path) -> bool:
        """Whether a held file has the bytes that its record says. One that nobody has read yet (its hash is the
        word of a Hugging Face cache) and one that proven bytes from outside are compared with is read: what is
        thrown away as a duplicate must not be the only good copy."""
        if candidate.blake3 is not None and not self._received:
            return True
        try:
            with self._queues.slot(path, cancelled=self._is_cancelled):
                true = hash_file(path, progress=None).sha256 == candidate.sha256
        except FileError:
            return False
        if not true:
            what = f"{candidate.path}: the bytes are not those of its record"
            note_damage(self._catalog, candidate.model_id, what)
        return true

    def _hashed(self, file: GroupFile) -> str:
        known = self._received.get(file.file.path)
        if known is not None:
            return known.sha256
        with self._queues.slot(file.file.path, cancelled=self._is_cancelled):
            return hash_file(file.file.path, progress=self._progress).sha256

    def _is_cancelled(self) -> bool:
        try:
            self._progress(0)
        except ModelLibraryError:
            return True
        return False

    def _candidates(self, file: GroupFile) -> list[tuple[IndexedFile, Path]]:
        """Held files of the same size that look the same."""
        alike = self._held_by_sample(file.file.size)
        return alike.get(sample_hash(file.file.path), []) if alike else []

    def _held_by_sample(self, size: int) -> dict[str, list[tuple[IndexedFile, Path]]]:
        """The held files of a size by their sample. Each is sampled once: many models have one size."""
        with self._samples_lock:
            if size not in self._samples:
                alike: dict[str, list[tuple[IndexedFile, Path]]] = {}
                for held, path in self._catalog.held_files(size):
                    sample = _sample(path)
                    if sample is not None:
                        alike.setdefault(sample, []).append((held, path))
                self._samples[size] = alike
            return self._samples[size]

    def forget_samples(self) -> None:
        """Look again at what the library holds: it holds more than before."""
        with self._samples_lock:
            self._samples.clear()

    def _duplicate(self, group: ModelGroup, held: dict[str, _Held]) -> str | None:
        """The id of the healthy model with exactly these weights, or of a sharded set with these and more."""
        if any(file.name not in held for file in group.weights):
            return None
        if group.form is ModelForm.SHARDED_SET:
            from model_library.completing import holder_of

            return holder_of(self._catalog, group, _hashes(held))
        if group.missing:
            return None
        digest = digest_of(group, {name: known.sha256 for name, known in held.items()})
        model_id = self._catalog.index.by_content_digest(digest)
        indexed = None if model_id is None else self._catalog.index.get(model_id)
        if indexed is None:
            return None
        state = self._catalog.state_now(indexed)
        return None if state in (ModelState.MISSING, ModelState.MODIFIED) else indexed.model_id

    def _partner(
        self, group: ModelGroup, known: Identification, held: Mapping[str, _Held]
    ) -> Record | None:
        """The model that lacks these shards."""
        if group.form is not ModelForm.SHARDED_SET:
            return None
        from model_library.completing import incomplete_model

        return incomplete_model(self._catalog, group, known, _hashes(held))

    # --- placing -----------------------------------------------------------------------------------

    def _new_directory(self, root: Root, *, linked: bool) -> Path:
        with self._staging_lock:
            directory = self._work.staging(root, linked=linked) / str(next(self._numbers))
        try:
            os.mkdir(directory)  # noqa: PTH102 - half the cost of Path.mkdir
        except OSError as error:
            raise translate_os_error(error, path=directory, writing=True) from error
        return directory

    def _place(
        self,
        group: ModelGroup,
        known: Identification,
        directory: Path,
        placement: Placement,
        held: dict[str, _Held],
        *,
        link: bool,
    ) -> dict[str, tuple[GroupFile, PlacedFile]]:
        """Place every file of the group; the keys are the names inside the model directory."""
        placed: dict[str, tuple[GroupFile, PlacedFile]] = {}
        for file, name in _names(group, placement):
            target = directory / name
            if placement is not Placement.REFERENCE and len(PurePosixPath(name).parts) > 1:
                target.parent.mkdir(parents=True, exist_ok=True)
            shared = held.get(file.name) if placement is not Placement.MOVE else None
            if shared is not None and shared.shareable and placement is not Placement.REFERENCE:
                done = self._share(file, shared, target, known)
                if done is not None:
                    placed[name] = file, done
                    continue
            received = self._received.get(file.file.path)
            if received is not None:
                placed[name] = file, take_received(file.file, target, received)
                continue
            with ExitStack() as drives:
                drives.enter_context(
                    self._queues.slot(file.file.path, directory, cancelled=self._is_cancelled)
                )
                placed[name] = file, place_file(
                    file.file,
                    target,
                    placement,
                    held=name,
                    link=link,
                    autov3_from=known.data_starts.get(file.name),
                    progress=self._progress,
                    drive_done=drives.close,
                    known=_word_of_cache(file, placement),
                )
        return placed

    def _share(
        self, file: GroupFile, held: _Held, target: Path, known: Identification
    ) -> PlacedFile | None:
        """A second name for bytes that the library has in another model; None where that cannot be, or where
        those turn out to be damaged: then the file that was given is placed."""
        try:
            share_file(held.path, target)
        except (UnsupportedFilesystemError, FileError):
            return None
        start = known.data_starts.get(file.name)
        digests = hash_file(target, autov3_from=start, progress=None)
        if digests.sha256 != held.sha256:
            target.unlink()
            return None
        return PlacedFile(digests, PlacedBy.SHARED)


def _word_of_cache(file: GroupFile, placement: Placement) -> FileDigests | None:
    """Digests that need no reading: what is copied is hashed on the way for nothing."""
    return cached_digests(file.file.path) if placement is Placement.REFERENCE else None


def _hashes(held: Mapping[str, _Held]) -> dict[str, str]:
    return {name: one.sha256 for name, one in held.items()}


def _names(group: ModelGroup, placement: Placement) -> Iterator[tuple[GroupFile, str]]:
    """The safe name of each file inside the model directory. Referenced files keep theirs; what Ollama writes anew
    at every pull is none of a referenced model."""
    taken: dict[str, set[str]] = {"": set(OWN_FILES)}
    for file in group.files:
        if placement is Placement.REFERENCE:
            if file.name != MANIFEST:
                yield file, file.file.path.relative_to(group.base).as_posix()
            continue
        parent = ""
        *folders, last = PurePosixPath(file.name).parts
        for folder in folders:
            safe = safe_file_name(folder)
            parent = f"{parent}{safe}/"
        used = taken.setdefault(collision_key(parent), set())
        name = safe_file_name(last, used)
        used.add(name)
        yield file, parent + name


def _can_be_linked(group: ModelGroup, root: Root) -> bool:
    """Whether a move may give the files a second name: they are on the filesystem of the root and have no
    other name by which somebody could write to them later."""
    try:
        device = root.metadata_directory.stat().st_dev
        found = [file.file.path.lstat() for file in group.files]
    except OSError:  # gone since it was found: whoever copies says what and why
        return False
    for status in found:
        if status.st_dev != device or status.st_nlink > 1 or not stat.S_ISREG(status.st_mode):
            return False
    return True


def _sample(path: Path) -> str | None:
    try:
        return sample_hash(path)
    except FileError:
        return None  # lost or unreadable: no candidate


def _warnings(group: ModelGroup, known: Identification, facts: SidecarFacts) -> tuple[str, ...]:
    missing = tuple(f"Missing: {name}" for name in group.missing)
    return tuple(dict.fromkeys((*missing, *known.warnings, *facts.warnings)))
