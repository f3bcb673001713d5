"""The window from its start to its end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from model_library.api.bridge import functions
from model_library.api.server import Server, in_thread, opened
from model_library.desktop import engine as engines
from model_library.desktop import geometry
from model_library.desktop.engine import Engine
from model_library.desktop.geometry import LEAST, Area
from model_library.desktop.instance import claimed
from model_library.desktop.page import Dropped, tell, without_eval
from model_library.errors import FileError
from model_library.io.session import show_in_file_manager
from model_library.location import Location

TITLE: Final = "Model Library"
GIVEN: Final = "model-library-given"
"""The event that tells the page of paths that it was given."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where this user keeps what programs remember: `state` for this machine, `config` for the person."""

    state: Path
    config: Path
    icon: Path | None = None

    @property
    def geometry(self) -> Path:
        return self.config / "window.json"

    @property
    def browser(self) -> Path:
        """What the pages remember: theme and columns."""
        return self.state / "window"


def show(location: Location, places: Places, paths: Sequence[str] = ()) -> bool:
    """Show the window of a library until it is closed; `paths` are offered for import. False when another
    process has that window: it is in front now, and was given the paths.

    Call it in the main thread. Raises WindowUnavailableError, LibraryBusyError and what `Library.open` raises.
    """
    with claimed(places.state, location.path, paths) as instance:
        if instance is None:
            return False
        engine = engines.load(os.environ)
        with opened(location.named) as server, in_thread(server):
            window = Window(engine, server, places, paths)
            with instance.listening(window.come_forward):
                window.run()
    return True


class Window:
    """The one window. It is what only a window can do, for the bridge."""

    def __init__(
        self, engine: Engine, server: Server, places: Places, given: Sequence[str] = ()
    ) -> None:
        import webview

        self._engine = engine
        self._server = server
        self._places = places
        self._given = list(given)
        self._guard = threading.Lock()
        self._last = geometry.fitted(geometry.load(places.geometry), engine.screens())
        self._may_close = False
        self._asking = False
        self._dropped = Dropped()
        webview.settings["ALLOW_FILE_URLS"] = False
        self._window: Any = self._made(webview)

    def _made(self, webview: Any) -> Any:
        access, place = self._server.context.access, self._last
        first = (*self._engine.screens(), Area(0, 0, *LEAST))[
            0
        ]  # whose corner places are counted from
        window = webview.create_window(
            TITLE,
            access.opening_url,
            width=place.width,
            height=place.height,
            x=None if place.x is None else place.x - first.x,
            y=None if place.y is None else place.y - first.y,
            maximized=place.maximized,
            min_size=LEAST,
            text_select=True,  # the pages say themselves what can be selected
            zoomable=True,
        )
        without_eval(window)
        window.expose(*functions(self._server.context, self).values())
        window.events.before_show += self._take_signals
        window.events.before_load += (
            self._dropped.forget
        )  # what a page before this one did not take
        window.events.closing += self._closing
        return window

    def run(self) -> None:
        """Until it is closed."""
        import webview

        icon = self._places.icon
        self._engine.keep_pages_in(self._places.browser)
        self._engine.keep_to(self._server.context.access.url)
        with _own_signals():
            webview.start(
                gui=self._engine.name,
                private_mode=False,
                storage_path=str(self._places.browser),
                icon=None if icon is None else str(icon),
            )
        with suppress(FileError):  # a window that opens elsewhere next time is no reason to fail
            geometry.save(self._places.geometry, self._last)

    def come_forward(self, paths: Sequence[str] = ()) -> None:
        """Another start asks for it, with what that was given."""
        with self._guard:
            self._given += paths
        self._engine.raise_window(self._window)
        if paths:
            tell(self._window, GIVEN)

    # --- for the bridge ------------------------------------------------------------------------------

    def choose_files(self) -> list[str]:
        from webview import FileDialog

        return list(self._window.create_file_dialog(FileDialog.OPEN, allow_multiple=True) or ())

    def choose_folder(self) -> list[str]:
        from webview import FileDialog

        return list(self._window.create_file_dialog(FileDialog.FOLDER) or ())

    def dropped_paths(self) -> list[str]:
        return self._dropped.take()

    def given_paths(self) -> list[str]:
        with self._guard:
            given, self._given = self._given, []
        return given

    def show_in_file_manager(self, path: str) -> None:
        show_in_file_manager(Path(path))

    # --- the end -------------------------------------------------------------------------------------

    def _closing(self) -> bool:
        """Whether it may close now. The question is asked beside, because this thread draws it."""
        self._last = self._engine.geometry(self._window, self._last)
        doing = [] if self._may_close else self._server.context.work.doing()
        if not doing:
            return True
        if not self._asking:
            self._asking = True
            threading.Thread(target=self._ask, args=[doing], name="asking", daemon=True).start()
        return False

    def _ask(self, doing: Sequence[str]) -> None:
        try:
            self._may_close = self._window.create_confirmation_dialog(TITLE, question(doing))
        finally:
            self._asking = False
        if self._may_close:
            self._window.destroy()

    def _take_signals(self) -> None:
        """In the main thread, after the engine has set handlers of its own."""
        self._engine.let_signals_through()
        for number in _SIGNALS:
            signal.signal(number, self._told_to_end)

    def _told_to_end(self, number: int, frame: FrameType | None) -> None:
        """A signal does not ask. The window is destroyed by its own thread, which may be this one."""
        del number, frame
        self._may_close = True
        threading.Thread(target=self._window.destroy, name="ending", daemon=True).start()


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_MOST_SHOWN: Final = 5


def question(doing: Sequence[str]) -> str:
    """What is asked before jobs are interrupted."""
    shown = [f"• {title}" for title in doing[:_MOST_SHOWN]]
    if len(doing) > _MOST_SHOWN:
        shown.append(f"• and {len(doing) - _MOST_SHOWN} more")
    work = "\n".join(shown)
    return (
        f"This is still running:\n\n{work}\n\n"
        "It stops when you close the window, and goes on by itself the next time. Close it?"
    )


@contextmanager
def _own_signals() -> Iterator[None]:
    """Put back the handlers of before."""
    with ExitStack() as cleanup:
        for number in _SIGNALS:
            cleanup.callback(signal.signal, number, signal.getsignal(number))
        yield
