"""The same act on several models: those that fail are said, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from model_library.cli.output import Output
from model_library.errors import ModelLibraryError


def each(
    out: Output,
    model_ids: Sequence[str],
    act: Callable[[str], Mapping[str, Any]],
    word: str,
    show: Callable[[Any], None],
) -> int:
    """Do `act` with every id; returns the exit code. One id gives its own JSON document and its own error,
    several give one document with the lists `word` and `failed`."""
    if len(model_ids) == 1:
        done = act(model_ids[0])
        if out.as_json:
            out.json(done)
        else:
            show(done)
        return 0
    results: list[Mapping[str, Any]] = []
    failed: list[Mapping[str, Any]] = []
    for model_id in dict.fromkeys(model_ids):
        try:
            results.append(act(model_id))
        except ModelLibraryError as error:
            failed.append(
                {"model_id": model_id, "error": dict(error.to_json()) | {"path": error.path}}
            )
            if not out.as_json:
                out.problem(error.message, error.path, error.hint)
        else:
            if not out.as_json:
                show(results[-1])
    if out.as_json:
        out.json({word: results, "failed": failed})
    return 1 if failed else 0
