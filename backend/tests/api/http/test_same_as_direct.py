"""Every operation gives the same over HTTP and through the bridge as when it is called: documents, changes
and errors."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.api.bridge import functions
from model_library.api.http import looking_up
from model_library.api.operations import OPERATIONS
from model_library.api.server import in_thread, opened
from model_library.config import NetworkSettings, Settings
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import Placement, RootMode
from tests.api.http.conftest import client_of
from tests.api.http.sides import Bridged, Direct, NoWindow, Remote, Side
from tests.factory import PICKLE_THAT_RUNS, lora
from tests.hub.sample import sample_repos
from tests.hub.server import Hub, running_hub
from tests.repositories import comfyui_repository

GGUF = "sample/TinyLlama-1.1B-Chat-GGUF"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(sample_repos(tmp_path_factory.mktemp("hub"))) as running:
        yield running


@pytest.fixture
def sides(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Direct, Remote, Bridged]]:
    monkeypatch.setattr(
        looking_up, "FIRST", 3600.0
    )  # a server asks by itself, which the others do not
    settings = Settings(network=NetworkSettings(endpoint=hub.endpoint))
    one, other, third = (prepared(tmp_path / name) for name in ("one", "two", "six"))
    with (
        Library.open(one / "library", settings=settings) as library,
        opened(other / "library", settings=settings, port=0) as server,
        in_thread(server),
        client_of(server) as client,
        opened(third / "library", settings=settings, port=0) as beside_window,
        in_thread(beside_window),
    ):
        bridge = functions(beside_window.context, NoWindow())
        yield Direct(library, one), Remote(client, other), Bridged(bridge, third)


def prepared(top: Path) -> Path:
    for number, name in enumerate(("alpha", "beta", "gamma")):
        lora(top / "in" / f"{name}.safetensors", seed=number)
    (top / "in" / "evil.ckpt").write_bytes(PICKLE_THAT_RUNS)
    lora(top / "extra" / "delta.safetensors", seed=7)
    (top / "drive").mkdir()
    write_installation(top / "ComfyUI", "0.6.0")
    comfyui_repository(top / "upstream")
    return top


def steps(side: Side) -> Generator[tuple[str, dict[str, Any]], Any, None]:
    """What a person does to a library, in an order in which each step finds what it needs. What a step gave is
    sent back in."""
    top, sources = side.top, [side.top / "in"]
    yield "inspect", {"paths": sources}
    yield "inspect", {"paths": [top / "nothing"]}
    yield "preview_import", {"paths": sources}
    done = yield "import_models", {"paths": sources, "place": Placement.COPY, "offline": True}
    alpha, beta, gamma = sorted(model["model_id"] for model in done["imported"])
    yield "import_models", {"paths": sources, "kind": "spaceship"}
    edits = {str(top / "extra" / "delta.safetensors"): ["size=3"]}
    yield "import_models", {"paths": [top / "extra"], "edits": edits}
    yield "import_models", {"paths": [top / "in" / "evil.ckpt"], "offline": True}
    yield from looking(alpha)
    yield "edit", {"model_id": alpha, "assignments": ["notes=mine", "tags=a,b"]}
    yield "edit", {"model_id": alpha, "unset": ["notes"]}
    yield "edit", {"model_id": alpha, "assignments": ["size=3"]}
    yield "edit_models", {"model_ids": [alpha, beta, "no-such-model"], "add_tags": ["b", "c"]}
    yield "edit_models", {"model_ids": [alpha], "unset": ["size"]}
    yield "verify", {"model_ids": [alpha]}
    yield "verify", {"model_ids": ["no-such-model"]}
    yield "show", {"model_id": alpha}
    yield from applications(top, alpha, beta)
    yield "delete", {"model_id": beta}
    yield "delete", {"model_id": beta}
    yield "trash", {}
    yield "restore", {"model_id": beta}
    yield "delete", {"model_id": gamma}
    yield "empty_trash", {}
    yield from roots(top)
    yield from remote(alpha)
    yield from queue()
    yield "scan", {"deep": True}
    yield "status", {}


def looking(alpha: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "list", {"limit": 2, "facets": True}
    yield "list", {"filters": {"kind": "lora"}, "sort": "name-desc"}
    yield "list", {"filters": {"kind": "spaceship"}}
    yield "list", {"limit": -1}
    yield "search", {"query": "alpha kind:lora", "filters": {"family": "sd1", "size": ">1KB"}}
    yield "search", {"query": '"(unclosed -tag: " OR * ^'}
    yield "show", {"model_id": alpha[:7]}
    yield "show", {"model_id": "no-such-model"}
    yield "status", {}
    yield "doctor", {}
    yield "storage", {}
    yield "outside_copies", {"folders": ["/nothing"]}
    yield "compare_copy", {"path": "/nothing"}
    yield "settings", {}
    yield "set_settings", {"place": "copy", "offline": True}
    yield "set_settings", {"offline": False}
    yield "set_token", {"token": "two words"}
    yield "forget_token", {}
    yield "drives", {}
    yield "set_drive_limit", {"key": "no-such-drive", "at_once": 1}


def applications(top: Path, alpha: str, beta: str) -> Iterator[tuple[str, dict[str, Any]]]:
    app = {"app": "comfyui"}
    place = top / "ComfyUI"
    yield "profiles", {}
    yield "app_find", {"path": top}
    yield "app_find", {"path": top / "nothing"}
    yield "app_add", {"kind": "spaceship", "path": place}
    yield "app_add", {"kind": "comfyui", "path": place, "dry_run": True}
    yield "app_add", {"kind": "comfyui", "path": place, "sync": False}
    (place / "models" / "loras" / f"{alpha.rpartition('-')[0]}.safetensors").write_bytes(b"mine")
    yield "link_preview", app
    yield "link_preview", app | {"model_ids": [beta], "prune": True}
    yield from editing_profiles(app, beta)
    yield "link_sync", app | {"only": [beta]}
    yield "link_sync", app | {"on_conflict": "perhaps"}
    yield "link_sync", app | {"on_conflict": "overwrite"}
    yield "link_replaced", app
    yield "link_list", app | {"model": beta}
    yield "health", {}
    next(path for path in (place / "models" / "loras").iterdir() if path.is_symlink()).unlink()
    yield "link_repair", {"dry_run": True}
    yield "link_repair", {}
    yield "fix_health", {}
    yield "link_put_back", app | {"targets": []}
    yield "link_sync", app | {"on_conflict": "overwrite"}
    yield "link_purge", app | {"targets": []}
    yield "link_clean", app
    yield "app_list", {}
    yield "app_install", {"kind": "comfyui", "version": "0.5.0", "source": str(top / "upstream")}
    yield "app_remove", app
    yield "app_remove", {"app": "no-such-app"}
    yield "app_remove", {"app": "comfyui-0-5-0", "trash": True}
    yield "app_trash", {}
    yield "app_restore", {"name": "comfyui-0.5.0", "sync": False}
    yield "app_restore", {"name": "comfyui-0.5.0"}
    yield "app_remove", {"app": "comfyui", "trash": True}
    yield "app_purge", {"names": []}


def editing_profiles(app: dict[str, str], beta: str) -> Iterator[tuple[str, dict[str, Any]]]:
    mine = {"name": "comfyui+mine"}
    yield "profile_show", {"name": "comfyui"}
    yield "profile_show", {"name": "spaceship"}
    yield "profile_preview", mine | app | {"off": ["models/loras"], "rules": ["models/x=vae"]}
    yield "profile_edit", mine | {"conditions": {"max_size": "8GB"}}
    yield "profile_edit", mine | {"off": ["models/nothing"]}
    yield "profile_edit", mine | {"on": ["models/loras"], "revision": "another"}
    yield "app_edit", app | {"variant": "mine"}
    yield "profile_remove", mine
    yield "app_edit", app | {"variant": ""}
    yield "profile_remove", mine
    yield "set_version_ranges", {"model_id": beta, "ranges": {"comfyui": ">=9"}}
    yield "version_ranges", {"model_id": beta}
    yield "set_version_ranges", {"model_id": beta, "ranges": {"comfyui": "newer"}}
    yield "set_version_ranges", {"model_id": beta, "ranges": {"comfyui": ""}}


def roots(top: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "add_root", {"path": top / "drive"}
    yield "add_root", {"path": top / "drive"}
    yield "import_models", {"paths": [top / "extra"], "root": "no-such-root"}
    yield "import_models", {"paths": [top / "extra"], "place": "reference", "offline": True}
    yield "relocate_root", {"old": str(top / "drive"), "new": top / "elsewhere", "dry_run": True}
    (top / "drive").rename(top / "elsewhere")
    yield "relocate_root", {"old": str(top / "drive"), "new": top / "elsewhere"}
    yield "add_root", {"path": top / "extra", "mode": RootMode.REFERENCED, "marker": False}
    yield "roots", {}
    shutil.rmtree(top / "elsewhere")
    yield "remove_root", {
        "root_id": "no-such-root"
    }  # after which a server looks at its roots again
    yield "roots", {}


def remote(alpha: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "find", {"query": "llama", "limit": 3}
    yield "find", {"query": "llama", "sort": "by-colour"}
    yield "repository", {"repo": GGUF}
    yield "repository", {"repo": "sample/nothing"}
    yield "plan_download", {"repo": GGUF, "quant": "q4_k_m"}
    yield "plan_download", {"repo": GGUF}
    yield "download", {"repo": GGUF, "quant": "q4_k_m"}
    yield "look_up", {"model_ids": [alpha]}
    yield "look_up", {"repo": GGUF}
    yield "related_files", {"model_id": alpha}
    yield "related_files", {"model_id": "no-such-model"}
    file = {"name": "pixel-art-sd15.safetensors", "size": 5, "sha256": "0" * 64}
    yield "match_files", {"files": [file], "name": "pixel-art-sd15"}
    yield "match_files", {"files": [], "name": "nothing"}
    yield "network_status", {}
    yield "ask_again", {}


def queue() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "jobs", {}
    yield "run_jobs", {}
    yield "add_samples", {}
    yield "job_limits", {}
    yield "set_job_limits", {"at_once": 3, "bandwidth": 4096}
    yield "set_job_limits", {"at_once": 0}
    for name in ("job", "pause_job", "cancel_job", "resume_job"):
        yield name, {"job_id": "ffffffff"}
    yield "prioritize_job", {"job_id": "ffffffff", "priority": 1}
    yield "forget_jobs", {}


def run(side: Side) -> list[tuple[str, Any]]:
    """Every step with what came of it."""
    done: list[tuple[str, Any]] = []
    walk = steps(side)
    step = next(walk)
    while True:
        name, arguments = step
        answer = side.ask(name, arguments)
        done.append((name, answer))
        try:
            step = walk.send(answer)
        except StopIteration:
            return done


def test_every_operation_is_the_same_each_way(sides: tuple[Direct, Remote, Bridged]) -> None:
    called, sent, bridged = (run(side) for side in sides)
    assert {name for name, _ in sent} == {one.name for one in OPERATIONS}
    for number, (one, other, third) in enumerate(zip(called, sent, bridged, strict=True)):
        assert (number, one) == (number, other)
        assert (number, one) == (number, third)
