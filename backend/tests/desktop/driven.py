"""The program with its window, and a second voice into its page: each line of stdin is JavaScript, its value is
answered as a line of JSON. All else is `model-library` itself."""

from __future__ import annotations

import json
import sys
import threading
import time

import webview

from model_library.cli.main import run


def answer() -> None:
    while not webview.windows:
        time.sleep(0.02)
    window = webview.windows[0]
    for line in sys.stdin:
        sys.stdout.write(json.dumps(window.run_js(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    threading.Thread(target=answer, daemon=True).start()
    run(sys.argv[1:])
