"""Long work on files: import, verify, scan. Each runs as a job, so that another process sees it with its
progress and can pause or end it; `Library` has the operations from here.

What is done is in the job's parameters, and each body reads them from there: a job that is resumed does
exactly what was asked for.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model_library.api.library_part import LibraryPart
from model_library.api.relinking import relinked
from model_library.api.shapes import ImportJson, LossJson, ScanJson, VerifyJson
from model_library.errors import InvalidValueError
from model_library.events import Event, Listener
from model_library.library import UPLOADS_DIRECTORY
from model_library.taxonomy import JobKind, Placement, parse_kind

if TYPE_CHECKING:
    from model_library.importer import ImportRequest
    from model_library.intake import ImportReport
    from model_library.running_job import RunningJob

SAMPLES: Final = "sample models"
"""Title of the job that brings them in."""


class WorkOperations(LibraryPart):
    """What `Library` inherits."""

    if TYPE_CHECKING:

        def _look_up_imported(self, model_ids: Sequence[str], took: float) -> None: ...

    # --- importing ---------------------------------------------------------------------------------

    def import_models(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        place: Placement | None = None,
        root: str | None = None,
        kind: str | None = None,
        family: str | None = None,
        edits: Mapping[str, Sequence[str]] | None = None,
        accept_pickle: bool = False,
        offline: bool = False,
        dry_run: bool = False,
        cancelled: threading.Event | None = None,
    ) -> ImportJson:
        """Bring files and folders in; see ImportRequest and Importer for what it promises.

        `edits`: what a person says about single models, as `field=value` by the path of one of their files;
        it counts as set by hand. What came in is looked up afterwards unless `offline`.
        """
        self._catalog.require_writable()
        title, parameters = import_parameters(
            paths,
            library=self._catalog.directory,
            place=self._placement(place),
            root=root,
            kind=kind,
            family=family,
            edits=edits,
            accept_pickle=accept_pickle,
            offline=offline,
        )
        if dry_run:
            stop = threading.Event() if cancelled is None else cancelled
            request = _import_request(parameters, dry_run=True)
            return self._imported(request, self._listener, stop)
        with self._jobs.running(
            JobKind.IMPORT, title, parameters, self._listener, cancelled=cancelled
        ) as work:
            return self._import(work)

    def _import(self, work: RunningJob) -> ImportJson:
        """The body of an import, begun or resumed."""
        started = time.perf_counter()
        done = self._imported(_import_request(work.parameters), work.listen, work.cancelled)
        took = time.perf_counter() - started
        lists = ("imported", "duplicates", "skipped", "failed")
        work.result = {name: len(done[name]) for name in lists}  # type: ignore[literal-required] # names of ImportJson
        if work.parameters.get("offline") is not True:
            self._look_up_imported([model["model_id"] for model in done["imported"]], took)
        return done

    def _imported(
        self, request: ImportRequest, listener: Listener, cancelled: threading.Event
    ) -> ImportJson:
        from model_library.api.documents import import_json
        from model_library.elsewhere import ollama_stores
        from model_library.importer import Importer

        started = time.perf_counter()
        stores = ollama_stores(os.environ, Path.home())
        importer = Importer(self._catalog, self._drive_queues(), listener, cancelled, stores)
        self._indexed(lambda: self._catalog.index)
        with relinked(self._catalog, self._listener) as changed:
            report = importer.run(request)
            changed += [one.model_id for one in report.imported]
        done = import_json(report, request.dry_run, self._model, _since(started))
        if request.dry_run:
            done["losses"] = self._losses(request, report)
        return done

    def _losses(self, request: ImportRequest, report: ImportReport) -> list[LossJson]:
        """What a move would take away from other programs."""
        from model_library.api.documents import loss_json
        from model_library.elsewhere import stores
        from model_library.leaving import losses
        from model_library.surveying import user_profiles

        said = {"kind": request.kind, "adapter_type": request.adapter_type} if request.kind else {}
        found = losses(
            self._catalog,
            report.would_import,
            stores(os.environ, Path.home(), user_profiles(self._catalog)),
            root_id=request.root_id,
            said=said | ({"family": request.family} if request.family else {}),
        )
        return [loss_json(one) for one in found]

    def add_samples(self, *, cancelled: threading.Event | None = None) -> ImportJson:
        """Make small sample models and bring them in, tagged `sample`. Raises FileError, LibraryReadOnlyError."""
        self._catalog.require_writable()
        parameters = sample_parameters(self._catalog.directory)
        with self._jobs.running(
            JobKind.IMPORT, SAMPLES, parameters, self._listener, cancelled=cancelled
        ) as work:
            done = self._import(work)
        if not done["failed"]:  # else they are swept later, as uploads are
            shutil.rmtree(Path(parameters["paths"][0]).parent, ignore_errors=True)
        return done

    # --- verifying ---------------------------------------------------------------------------------

    def verify(
        self, model_ids: Sequence[str] = (), *, cancelled: threading.Event | None = None
    ) -> VerifyJson:
        """Hash the files of some or all models again and compare."""
        known = self._indexed(lambda: [self._catalog.resolve(model_id) for model_id in model_ids])
        title = several(known) if known else "all models"
        with self._jobs.running(
            JobKind.VERIFY, title, {"ids": known}, self._listener, cancelled=cancelled
        ) as work:
            return self._verify(work)

    def _verify(self, work: RunningJob) -> VerifyJson:
        """The body of a verification, begun or resumed."""
        from model_library.api.documents import verify_json
        from model_library.verifier import verify

        started = time.perf_counter()
        model_ids = _texts(work.parameters, "ids")
        report = self._indexed(
            lambda: verify(
                self._catalog,
                model_ids,
                queues=self._drive_queues(),
                listener=work.listen,
                cancelled=work.cancelled,
            )
        )
        done = verify_json(report, _since(started))
        work.result = {name: len(done[name]) for name in ("intact", "damaged", "offline")}
        return done

    # --- scanning ----------------------------------------------------------------------------------

    def scan(self, *, deep: bool = False, cancelled: threading.Event | None = None) -> ScanJson:
        """Bring the index up to date with the files, or build it anew from nothing."""
        self._catalog.require_writable()
        title = scan_title(deep=deep)
        with self._jobs.running(
            JobKind.SCAN, title, {"deep": deep}, self._listener, cancelled=cancelled
        ) as work:
            return self._scan(work)

    def _scan(self, work: RunningJob) -> ScanJson:
        """The body of a scan, begun or resumed."""
        from model_library.api.documents import gone_json, scan_json
        from model_library.scanner import deep_scan, quick_scan

        def locked(event: Event) -> None:
            """Stop where that is asked for; waiting would keep the library's lock from all others."""
            work.tell(event)
            work.stop_point()

        started = time.perf_counter()
        deep = work.parameters.get("deep") is True
        for notice in self._catalog.roots.refresh():
            self._listener(notice)
        if deep:
            report = deep_scan(self._catalog, locked)
        else:
            report = self._indexed(lambda: quick_scan(self._catalog, work.listen))
        gone = gone_json(self._catalog, report.gone)
        done = scan_json(report, gone, deep, _since(started))
        work.result = {
            "models": done["models"],
            "gone": len(gone),
            "problems": len(done["problems"]),
        }
        return done


def import_parameters(
    paths: Sequence[str | os.PathLike[str]],
    *,
    library: Path,
    place: Placement,
    edits: Mapping[str, Sequence[str]] | None,
    **asked: Any,
) -> tuple[str, dict[str, Any]]:
    """Title and parameters of an import's job, proven to be a request. Raises InvalidValueError."""
    absolute = [Path(path).absolute() for path in paths]
    parameters = {"paths": [str(path) for path in absolute], "place": str(place), **asked}
    if edits:
        parameters["edits"] = {path: list(said) for path, said in edits.items()}
    _import_request(parameters)
    return several([name for path in absolute for name in _names_in(path, library)]), parameters


def _names_in(path: Path, library: Path) -> list[str]:
    """What a path is called in a title: a batch that a browser sent by what was sent."""
    if path.parent.parent != library / UPLOADS_DIRECTORY:
        return [path.name]
    try:
        return sorted(entry.name for entry in path.iterdir()) or [path.name]
    except OSError:
        return [path.name]  # the import says what is the matter with it


def sample_parameters(library: Path) -> dict[str, Any]:
    """The parameters of an import of samples, which are made where uploads are, and are swept as they are."""
    import secrets  # OpenSSL behind it takes time to load

    from model_library.samples.collection import write_first_look

    directory = library / UPLOADS_DIRECTORY / secrets.token_hex(8) / "files"
    write_first_look(directory)
    return import_parameters(
        [directory], library=library, place=Placement.MOVE, edits=None, offline=True
    )[1]


def scan_title(*, deep: bool) -> str:
    return "everything anew" if deep else "what changed"


def _import_request(parameters: Mapping[str, Any], *, dry_run: bool = False) -> ImportRequest:
    """The request of an import's parameters. Raises InvalidValueError."""
    from model_library.importer import ImportRequest

    root, kind, family = (_text(parameters, name) for name in ("root", "kind", "family"))
    if family is not None:
        from model_library.metadata import parse_family  # takes long, and is rarely needed here

        family = parse_family(family)
    known_kind, adapter_type = (None, None) if kind is None else parse_kind(kind)
    place = parameters.get("place")
    if place not in set(Placement):
        raise InvalidValueError(f"{place!r} is no placement")
    return ImportRequest(
        paths=tuple(map(Path, _texts(parameters, "paths"))),
        placement=Placement(place),
        root_id=root,
        kind=known_kind,
        adapter_type=adapter_type,
        family=family,
        edits=_edits(parameters.get("edits")),
        accept_pickle=parameters.get("accept_pickle") is True,
        dry_run=dry_run,
    )


def _edits(said: object) -> dict[Path, dict[str, Any]]:
    """The changes of `edit` by path. Raises InvalidValueError."""
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise InvalidValueError("The job has no usable 'edits'")
    from model_library.editor import parse_assignments

    return {Path(path): parse_assignments(_texts(said, path)) for path in said}


def _text(parameters: Mapping[str, Any], name: str) -> str | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidValueError(f"The job has no usable {name!r}")
    return value


def _texts(parameters: Mapping[str, Any], name: str) -> list[str]:
    values = parameters.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidValueError(f"The job has no usable {name!r}")
    return values


def several(names: Sequence[str]) -> str:
    """`a`, `a and 3 more`."""
    first = names[0] if names else "nothing"
    return first if len(names) <= 1 else f"{first} and {len(names) - 1} more"


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
