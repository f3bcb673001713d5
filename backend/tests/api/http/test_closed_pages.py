"""A page that is closed while the server works for it cuts nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from model_library import Library
from model_library.api.server import Server
from model_library.samples.comfyui import listed, write_installation
from tests.api.http.conftest import client_of
from tests.factory import lora
from tests.linked import catalog_at

SECONDS = 20


def listening(client: httpx2.Client) -> Generator[str, None, None]:
    """The events as they come, one text each."""
    with client.stream("GET", "/api/v1/events") as stream:
        held = ""
        for text in stream.iter_text():
            *whole, held = (held + text).split("\n\n")
            yield from whole


def test_a_sync_goes_on_when_its_page_is_gone(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    home = server.context.libraries.directory
    comfyui = write_installation(tmp_path / "ComfyUI")
    with Library.open(home) as library:
        library.import_models([lora(tmp_path / "in" / "pixel-art.safetensors")])
        library.app_add("comfyui", comfyui, sync=False)
    with catalog_at(home) as other, other.exclusive(), client_of(server) as page:
        page.timeout = httpx2.Timeout(0.3)
        with pytest.raises(httpx2.ReadTimeout):
            page.post("/api/v1/apps/comfyui/sync", json={})
        # Other pages are answered meanwhile, and one that is opened now knows what runs.
        assert client.get("/api/v1/apps").json()[0]["links"] == 0
        with closing(listening(client)) as events:
            told = next(one for one in events if one.startswith("event: working"))
        (running,) = json.loads(told.partition("data: ")[2])["running"]
        assert (running["operation"], running["app"]) == ("link_sync", "comfyui")
    end = time.monotonic() + SECONDS
    while client.get("/api/v1/apps").json()[0]["links"] == 0:
        assert time.monotonic() < end, "the sync never ended"
        time.sleep(0.05)
    assert listed(comfyui)["loras"] == ["pixel-art.safetensors"]
