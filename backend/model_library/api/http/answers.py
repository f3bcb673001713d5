"""What all routes share: where they are, how they answer, and how they say what went wrong."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from model_library.api.http.problems import MEDIA_TYPE, ProblemJson, dumped

PREFIX: Final = "/api/v1"
PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "model": ProblemJson,
        "description": "What went wrong",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemJson"}}},
    }
}


def answer(document: Any, status: int = 200) -> Response:
    """A document as it is: it was made by the types of the schema, which tests compare."""
    return Response(dumped(document), status, media_type="application/json")
