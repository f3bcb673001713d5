"""What takes long ends when nobody waits for its answer any more."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from model_library.api.http.routes import while_wanted


def asked(*, is_gone: bool) -> Request:
    """A request of somebody who has gone, or who waits."""

    async def receive() -> dict[str, Any]:
        if not is_gone:
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_work_is_told_to_stop_when_whoever_asked_has_gone() -> None:
    told: list[bool] = []

    def work(stop: threading.Event) -> Response:
        told.append(stop.wait(20))
        return Response()

    asyncio.run(while_wanted(asked(is_gone=True), work))
    assert told == [True]


def test_work_that_somebody_waits_for_is_left_in_peace() -> None:
    def work(stop: threading.Event) -> Response:
        return Response(str(stop.wait(0.6)))

    answer = asyncio.run(while_wanted(asked(is_gone=False), work))
    assert answer.body == b"False"
