"""`inspect`: say what files are, without importing them."""

from __future__ import annotations

from model_library.cli.options import JsonOption, PathsArgument
from model_library.cli.output import Output
from model_library.cli.rendering import show_model


def inspect(paths: PathsArgument, as_json: JsonOption = False) -> int:
    """Identify model files and folders where they are."""
    out = Output(as_json=as_json)
    from model_library.api.core import Library  # heavy: here, so that help comes at once

    result = Library.inspect(paths)
    if as_json:
        out.json(result)
    else:
        for model in result["models"]:
            if model["valid"]:
                show_model(out, model)
            else:
                error = model["error"]
                out.problem(error["message"], error["path"] or model["paths"][0], error["hint"])
            out.line()
        if not result["models"]:
            out.line("No model was found there.")
    return 0 if all(model["valid"] for model in result["models"]) else 1
