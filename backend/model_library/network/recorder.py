"""The lowest of our layers: writes down what each host answered, for `status` and for the next process."""

from __future__ import annotations

import httpx2

from model_library.network.guard import FAILED_STATUSES, is_failure_of_host, requested_origin
from model_library.network.headers import rate_limits
from model_library.network.hosts import HostBook
from model_library.network.translate import reason

_TOO_MANY_REQUESTS = 429


class RecorderTransport(httpx2.BaseTransport):
    def __init__(self, inner: httpx2.BaseTransport, hosts: HostBook) -> None:
        self._inner = inner
        self._hosts = hosts

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        origin = requested_origin(request)
        try:
            response = self._inner.handle_request(request)
        except httpx2.TransportError as error:
            if is_failure_of_host(error):
                self._hosts.failed(origin, reason(error))
            raise
        status = response.status_code
        complained = status in FAILED_STATUSES or status == _TOO_MANY_REQUESTS
        self._hosts.answered(
            origin, rate_limits(response.headers), f"HTTP {status}" if complained else None
        )
        return response
