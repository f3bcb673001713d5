"""`doctor`: check what could hurt later."""

from __future__ import annotations

from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output
from model_library.cli.session import opened

_STYLES = {"ok": "green", "warning": "yellow", "error": "red"}


def doctor(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Check the system, the library and its roots."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.doctor()
    if as_json:
        out.json(found)
    else:
        for check in found["checks"]:
            text = f"{check['result']:<8} {check['name']:<14} {check['message']}"
            out.line(text, _STYLES[check["result"]])
            if check["hint"]:
                out.line(f"{'':<23} {check['hint']}", "dim")
    return 0 if found["healthy"] else 1
