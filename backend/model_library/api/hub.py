"""The operations that ask a provider: find, look up, download; `Library` has them from here."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from model_library.api.library_part import LibraryPart
from model_library.api.relinking import relinked
from model_library.api.shapes import NetworkJson
from model_library.api.shapes_hub import (
    DownloadJson,
    DownloadOptions,
    FindJson,
    LookupJson,
    PlannedDownloadJson,
    RepositoryJson,
)
from model_library.api.shapes_jobs import JobJson
from model_library.errors import CancelledError, InvalidValueError, ModelLibraryError
from model_library.events import Listener
from model_library.taxonomy import JobKind

if TYPE_CHECKING:
    from model_library.arrivals import Incoming
    from model_library.download_request import DownloadRequest
    from model_library.downloader import Downloader
    from model_library.lookups import Lookups
    from model_library.network.manager import NetworkManager
    from model_library.providers import Provider
    from model_library.running_job import RunningJob

DEFAULT_PROVIDER: Final = "huggingface"
NETWORK_DIRECTORY: Final = "cache"
"""In the library: what may be deleted at any time."""
FIRST_ANSWER: Final = 1.0
"""Seconds that an import waits for the first answer to its lookups; without one they are left for later."""
LOOKUPS_LAST: Final = 5.0
"""Seconds that the lookups of an import may last at least, when the provider answers."""
LOOKUPS_SHARE: Final = 2.0
"""... or so many times what the import took."""
LOOKUPS_BESIDES: Final = 20
"""Other models that wait for a lookup and get one after an import."""
_SILENT: Final = "lookup:no-answer"
"""Setting: when an import waited in vain, in seconds since 1970."""


class HubOperations(LibraryPart):
    """What `Library` inherits."""

    _network: NetworkManager | None = None
    _provider: Provider | None = None
    _connected_with: str | None = None
    """The version of the settings that the network was opened with."""

    if TYPE_CHECKING:

        def _network_version(self) -> str | None: ...

        def _sweep_downloads(self, given_up: str | None = None) -> None: ...

    # --- finding -----------------------------------------------------------------------------------

    def find(
        self,
        query: str = "",
        *,
        tags: Sequence[str] = (),
        author: str | None = None,
        sort: str = "downloads",
        limit: int = 20,
    ) -> FindJson:
        """Search the provider. Raises NetworkError, ProviderError, InvalidValueError."""
        from model_library.api.hub_documents import find_json
        from model_library.providers import SORTS, SearchRequest

        if sort not in SORTS:
            hint = f"Possible: {', '.join(SORTS)}."
            raise InvalidValueError(f"{sort!r} is no order of a search", hint=hint)
        started = time.perf_counter()
        request = SearchRequest(query.strip(), tuple(tags), author, sort, limit)
        answer = self._hub().search(request)
        return find_json(query, answer, _since(started))

    def repository(self, repo: str, *, revision: str | None = None) -> RepositoryJson:
        """One published model with everything that can be downloaded of it."""
        from model_library.api.hub_documents import repository_json

        started = time.perf_counter()
        answer = self._hub().details(repo, revision)
        return repository_json(answer, _since(started))

    # --- looking up --------------------------------------------------------------------------------

    def look_up(
        self,
        model_ids: Sequence[str] = (),
        *,
        repo: str | None = None,
        everything: bool = False,
        cancelled: threading.Event | None = None,
    ) -> LookupJson:
        """Ask the provider what models are; without ids those that wait for it.

        `repo` is a person's word for where one model is from. Raises ModelNotFoundError, InvalidValueError,
        LibraryReadOnlyError; what the network does to one model is in its entry.
        """
        self._catalog.require_writable()
        title, parameters = self._lookup_parameters(model_ids, repo=repo, everything=everything)
        with self._jobs.running(
            JobKind.LOOKUP, title, parameters, self._listener, cancelled=cancelled
        ) as work:
            return self._lookup_job(work)

    def _lookup_parameters(
        self, model_ids: Sequence[str], *, repo: str | None, everything: bool
    ) -> tuple[str, dict[str, Any]]:
        """Title and parameters of a lookup's job; of an address only what it names. Raises InvalidValueError."""
        if repo is not None and len(model_ids) != 1:
            raise InvalidValueError("A repository is said of one model", hint="Name one id.")
        source = None if repo is None else self._hub().address(repo)
        count = len(model_ids)
        title = f"{count} {'model' if count == 1 else 'models'}"
        title = title if model_ids else "models that wait for it"
        return title, {
            "ids": list(model_ids),
            "repo": None if source is None else source.repo,
            "revision": None if source is None else source.revision,
            "everything": everything,
        }

    def _lookup_job(self, work: RunningJob) -> LookupJson:
        """The body of a lookup, which reads what to do from the job's parameters."""
        from model_library.api.hub_documents import lookup_json, lookup_result
        from model_library.lookups import LookupRequest, Lookups, pending

        started = time.perf_counter()
        asked = LookupRequest.from_json(work.parameters)
        lookups = Lookups(
            self._catalog,
            self._hub(),
            work.listen,
            cancelled=work.cancelled,
            calling=partial(self._manager().calling, cancelled=work.cancelled, on_wait=work.waits),
        )
        repo = asked.repo
        if repo is not None:
            source = partial(lookups.set_source, asked.ids[0], repo, asked.revision)
            report = self._indexed(source)
        else:
            ids = self._indexed(lambda: self._to_look_up(asked.ids, asked.everything))
            report = self._indexed(lambda: lookups.look_up(ids))
        work.result = lookup_result(report, self._network_settings())
        waiting = len(self._indexed(lambda: pending(self._catalog)))
        return lookup_json(report, waiting, _since(started))

    def _to_look_up(self, model_ids: Sequence[str], everything: bool) -> list[str]:
        from model_library.lookups import pending

        if model_ids:
            return [self._catalog.resolve(model_id) for model_id in model_ids]
        if everything:
            return [row[0] for row in self._catalog.index.outline()]
        return list(pending(self._catalog))

    def _look_up_imported(self, model_ids: Sequence[str], took: float) -> None:
        """Look up what has just come in, and when the provider answers a few others that wait for it. What is
        not answered soon waits for `lookup`: an import, which `took` so many seconds, is never much slower for
        want of a good network."""
        if not model_ids or self._network_settings().offline or self._was_silent():
            return
        from model_library.lookups import Lookups

        stop = threading.Event()
        calling = partial(self._manager().calling, patience=FIRST_ANSWER, cancelled=stop)
        lookups = Lookups(
            self._catalog, self._hub(), self._listener, cancelled=stop, calling=calling
        )
        thread = threading.Thread(
            target=self._look_up_quietly, args=[lookups, model_ids], daemon=True
        )
        thread.start()
        thread.join(FIRST_ANSWER)
        if thread.is_alive() and lookups.answered:
            thread.join(max(LOOKUPS_LAST, LOOKUPS_SHARE * took))
        stop.set()
        thread.join()  # a finding that is being written is written to its end
        if not lookups.answered:
            self._catalog.registry.set_setting(_SILENT, str(int(time.time())))

    def _look_up_quietly(self, lookups: Lookups, model_ids: Sequence[str]) -> None:
        """In a thread beside an import that may end first; what was not looked up then stays pending."""
        from model_library.lookups import pending

        with suppress(ModelLibraryError):
            lookups.look_up(model_ids)
            if lookups.answered:
                others = [one for one in pending(self._catalog) if one not in set(model_ids)]
                lookups.look_up(others[:LOOKUPS_BESIDES])

    def _was_silent(self) -> bool:
        """Whether the provider did not answer an import a moment ago: then the next one does not ask."""
        noted = self._catalog.registry.setting(_SILENT)
        settings = self._network_settings()
        return noted is not None and 0 <= time.time() - int(noted) < settings.open_for

    # --- downloading -------------------------------------------------------------------------------

    def plan_download(self, repo: str, **asked: Unpack[DownloadOptions]) -> PlannedDownloadJson:
        """What `download` with the same arguments would fetch. Changes nothing."""
        from model_library.api.hub_documents import planned_json

        return planned_json(self._downloader(self._listener).plan(self._request(repo, asked)))

    def download(
        self,
        repo: str,
        *,
        cancelled: threading.Event | None = None,
        **asked: Unpack[DownloadOptions],
    ) -> DownloadJson:
        """Fetch files of a repository and take them in; see Downloader for what it promises."""
        self._catalog.require_writable()
        request = self._request(repo, asked)
        incoming = self._downloader(self._listener).plan(request)  # what cannot begin is no job
        with self._jobs.running(
            JobKind.DOWNLOAD, request.title, request.to_json(), self._listener, cancelled=cancelled
        ) as work:
            return self._fetch(work, request, incoming)

    def queue_download(self, repo: str, **asked: Unpack[DownloadOptions]) -> JobJson:
        """Put a download in the queue; `run_jobs` does it."""
        from model_library.api.jobs import job_json

        self._catalog.require_writable()
        request = self._request(repo, asked)
        return job_json(self._jobs.submit(JobKind.DOWNLOAD, request.title, request.to_json()))

    def _request(self, repo: str, asked: DownloadOptions) -> DownloadRequest:
        """As it may be kept: of an address only what it names. Raises InvalidValueError, ModelNotFoundError."""
        from model_library.download_request import DownloadRequest

        beside = asked.get("beside")
        return DownloadRequest(
            repo,
            asked.get("revision"),
            tuple(asked.get("files", ())),
            asked.get("quant"),
            asked.get("everything", False),
            asked.get("root"),
            asked.get("accept_pickle", False),
            None if beside is None else self._indexed(lambda: self._catalog.resolve(beside)),
        ).addressed(self._hub())

    def _download_job(self, work: RunningJob) -> DownloadJson:
        """The body of a download that is taken from the queue, or resumed."""
        from model_library.download_request import DownloadRequest

        request = DownloadRequest.from_json(work.parameters)
        return self._fetch(work, request, self._downloader(work.listen).plan(request))

    def _fetch(
        self, work: RunningJob, request: DownloadRequest, incoming: Incoming
    ) -> DownloadJson:
        from model_library.api.hub_documents import download_json

        started = time.perf_counter()
        downloader = self._downloader(work.listen)
        self._indexed(lambda: self._catalog.index)
        with relinked(self._catalog, self._listener) as changed:
            try:
                report = downloader.run(request, incoming, work, work.job_id)
            except CancelledError:
                if work.is_given_up:
                    self._sweep_downloads(work.job_id)
                raise
            changed += [one.model_id for one in report.imported]
            changed.extend({model_id for model_id, _ in report.attached})
        result = download_json(report, incoming, work.job_id, self._model, _since(started))
        work.result = {"models": [model["model_id"] for model in result["imported"]]}
        for failed in report.failed[:1]:
            work.fail(failed.error)
        return result

    def _downloader(self, listener: Listener) -> Downloader:
        from model_library.downloader import Downloader

        return Downloader(self._catalog, self._hub(), self._drive_queues(), listener)

    # --- the network -------------------------------------------------------------------------------

    def network_status(self) -> NetworkJson:
        """How the hosts answered last, from what was noted; asks nobody."""
        from model_library.api.hub_documents import network_json

        self._reconnect_when_set_anew()
        return network_json(self._network_settings(), self._manager().status())

    def ask_again(self) -> NetworkJson:
        """Let hosts that are left in peace, because they did not answer, be tried by whatever asks them next,
        one request each. Asks nobody, and changes nothing where the network is switched off. For a person who
        will not wait; what repeats by itself leaves them in peace.
        """
        self._reconnect_when_set_anew()
        self._manager().ask_again()
        return self.network_status()

    def _manager(self) -> NetworkManager:
        if self._network is None:
            from model_library.network.manager import NetworkManager

            directory: Path | None = self._catalog.directory / NETWORK_DIRECTORY
            if self._catalog.read_only:
                directory = None
            self._network = NetworkManager(self._network_settings(), directory=directory)
            self._connected_with = self._network_version()
        return self._network

    def _hub(self) -> Provider:
        if self._provider is None:
            from model_library.providers import open_provider

            self._provider = open_provider(DEFAULT_PROVIDER, self._manager())
        return self._provider

    def _close_network(self) -> None:
        provider, network = self._provider, self._network
        self._provider = self._network = None
        if provider is not None:
            provider.close()
        if network is not None:
            network.close()

    def _reconnect_when_set_anew(self) -> None:
        """Work that is being done goes on as it began."""
        if self._network is not None and self._connected_with != self._network_version():
            self._close_network()


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
