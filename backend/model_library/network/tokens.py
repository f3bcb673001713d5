"""Secrets stay where they belong: with the endpoint's own origin, and out of every log."""

from __future__ import annotations

import logging
import re
from typing import Final

import httpx2

from model_library.network.guard import requested_origin
from model_library.network.status import origin_of

SECRET_HEADERS: Final = ("Authorization", "Cookie")
_ADDRESS = re.compile(r"""(https?://[^\s'"?<>]*)\?[^\s'"<>]*""")
_SPEAKS_OF_ADDRESSES: Final = (
    "httpx2",
    "huggingface_hub.utils._http",
    "huggingface_hub.file_download",
)
_SPEAKS_OF_HEADERS: Final = "httpcore2"


class TokenTransport(httpx2.BaseTransport):
    """Takes secrets off whatever does not go to the origin (scheme, host and port) that they are for."""

    def __init__(self, inner: httpx2.BaseTransport, endpoint: str) -> None:
        self._inner = inner
        self._origin = origin_of(endpoint)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if requested_origin(request) != self._origin:
            for header in SECRET_HEADERS:
                request.headers.pop(header, None)
        return self._inner.handle_request(request)


class _WithoutQueries(logging.Filter):
    """Signed addresses have their signature in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "?" in message:
            record.msg, record.args = _ADDRESS.sub(r"\1", message), ()
        return True


_FILTER: Final = _WithoutQueries()


def keep_out_of_logs() -> None:
    """Let the logs of the HTTP libraries name no query and no header. Doing it again changes nothing."""
    for name in _SPEAKS_OF_ADDRESSES:
        logging.getLogger(name).addFilter(_FILTER)
    connections = logging.getLogger(_SPEAKS_OF_HEADERS)
    if connections.level == logging.NOTSET:  # who wants to see headers asks for them by name
        connections.setLevel(logging.INFO)
