"""`import --dry-run` says which programs a move takes models away from."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.samples.comfyui import write_installation
from tests.cli.program import mlib
from tests.factory import PICKLE_THAT_RUNS, lora


def rehearse(home: Path, *arguments: str) -> str:
    done = mlib(home, "import", "--dry-run", "--offline", "--accept-pickle", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_move_out_of_a_program_says_what_it_loses_and_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    store = tmp_path / "user" / ".local/share/nomic.ai/GPT4All"
    for number in range(7):
        lora(store / f"{number}.safetensors", seed=number)
    library = tmp_path / "library"
    said = rehearse(library, "--place", "move", str(store))
    assert "GPT4All will no longer find these 7 files in" in said
    assert "0.safetensors, 1.safetensors" in said
    assert "and 2 more" in said
    assert "Copy instead: --place copy." in said
    assert "no longer find" not in rehearse(library, "--place", "copy", str(store))
    mlib(library, "settings", "set", "--place", "move")
    assert "no longer find" in rehearse(library, str(store))


def test_links_that_come_back_are_said_to_come_back_and_no_others(tmp_path: Path) -> None:
    comfyui = write_installation(tmp_path / "comfy")
    loras, checkpoints = comfyui / "models" / "loras", comfyui / "models" / "checkpoints"
    lora(loras / "a.safetensors")
    library = tmp_path / "library"
    said = rehearse(library, "--place", "move", str(loras))
    assert "ComfyUI will no longer find this file" in said
    assert f"add ComfyUI first (`model-library app add comfyui {comfyui}`)" in said
    assert "then links take the place of them." in said

    mlib(library, "app", "add", "comfyui", str(comfyui))
    said = rehearse(library, "--place", "move", str(loras))
    assert "ComfyUI is an app of this library: links take the place of this file." in said
    (checkpoints / "gift.ckpt").write_bytes(PICKLE_THAT_RUNS)
    said = rehearse(library, "--place", "move", str(loras), str(checkpoints))
    assert "ComfyUI will no longer find 1 of these 2 files" in said
    assert "gift.ckpt" in said
