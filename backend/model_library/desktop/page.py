"""pywebview and the pages: functions without `eval`, and the paths of what is dropped.

The pages forbid `eval` and `new Function` (their content security policy), which pywebview 6.2.1 uses to make
the functions of `window.pywebview.api` and to answer them. Here both are said in other words. The version is
pinned in pyproject.toml; test_window.py fails when one of these places is another one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.request import url2pathname

CREATE_FUNCTIONS: Final = """
if (window.pywebview) window.pywebview._createApi = function (functions) {
  const view = window.pywebview;
  const ready = new Promise((resolve) =>
    view._QWebChannel || view.platform !== "qtwebengine"
      ? resolve()
      : window.addEventListener("pywebviewready", resolve, { once: true }));
  for (const { func } of functions) {
    view._returnValuesCallbacks[func] = {};
    view.api[func] = (...sent) => ready.then(() => new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      view._checkValue(func, resolve, reject, id);
      view._jsApiCallback(func, sent, id);
    }));
  }
};
"""
"""What makes the functions, put in place of pywebview's own before that is called."""


def without_eval(window: Any) -> None:
    """Let a window speak with its page by statements alone."""
    run = window.run_js

    def run_js(script: str) -> Any:
        return run(f"{script};\n{CREATE_FUNCTIONS}" if "_createApi" in script else script)

    def evaluate_js(script: str, callback: None = None) -> Any:
        del callback
        return run(script)

    window.run_js, window.evaluate_js = run_js, evaluate_js


def tell(window: Any, event: str) -> None:
    """Dispatch an event in the page."""
    window.run_js(f"window.dispatchEvent(new CustomEvent({event!r}))")


class Dropped:
    """Full paths of what was dropped on the page.

    pywebview notes them while somebody listens to a drop, and hands each out by its base name: the second of two
    files of one name gets none, and is then given to the next drop. So nobody asks pywebview; the page asks here,
    in its own drop handler.
    """

    def __init__(self) -> None:
        from webview.dom import _dnd_state

        self._state: dict[str, Any] = _dnd_state
        self._state["num_listeners"] = 1

    def forget(self) -> None:
        self._state["paths"][:] = []

    def take(self) -> list[str]:
        noted: list[tuple[str, str]] = self._state["paths"]
        taken, noted[:] = list(noted), []
        found = (url2pathname(path) for _, path in taken)
        return [path for path in found if Path(path).is_absolute()]
