"""What a move takes away from other programs is said before it happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.samples.comfyui import write_installation
from model_library.samples.gguf_file import write_gguf
from model_library.taxonomy import Placement
from tests.factory import PICKLE_THAT_RUNS, lora


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its user has a home of their own, in which programs have their usual places."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    (tmp_path / "home").mkdir()
    with Library.open(tmp_path / "library") as opened:
        yield opened


def losses(library: Library, *paths: Path, **asked: Any) -> list[dict[str, Any]]:
    done = library.import_models(paths, dry_run=True, accept_pickle=True, **asked)
    return [dict(one) for one in done["losses"]]


def test_a_program_without_profile_finds_its_files_no_more(
    library: Library, tmp_path: Path
) -> None:
    store = tmp_path / "home" / ".local/share/nomic.ai/GPT4All"
    path = lora(store / "a.safetensors")
    (one,) = losses(library, store)
    assert (one["program"], one["app"], one["kind"]) == ("GPT4All", None, None)
    assert (one["files"], one["linked"]) == ([str(path)], [])


def test_lm_studio_would_get_links_to_what_it_can_read(library: Library, tmp_path: Path) -> None:
    """It has a profile, and is no application of this library yet."""
    store = tmp_path / "home" / ".lmstudio" / "models"
    llm = store / "owner" / "llm-GGUF" / "llm.gguf"
    llm.parent.mkdir(parents=True)
    write_gguf(llm, {"general.architecture": "llama"}, [("blk.0.attn_q.weight", "Q8_0", (64, 64))])
    other = lora(store / "owner" / "lora" / "a.safetensors")
    (one,) = losses(library, store)
    assert (one["program"], one["app"], one["kind"]) == ("LM Studio", None, "lmstudio")
    assert set(one["files"]) == {str(llm), str(other)}
    assert one["linked"] == [str(llm)]

    (store.parent / "config-presets").mkdir()
    app = library.app_add("lmstudio", store.parent)["app"]["app_id"]
    (one,) = losses(library, store)
    assert (one["app"], one["linked"]) == (app, [str(llm)])


def test_an_application_that_was_added_gets_its_files_back_as_links(
    library: Library, tmp_path: Path
) -> None:
    comfyui = write_installation(tmp_path / "anywhere" / "comfy")
    path = lora(comfyui / "models" / "loras" / "a.safetensors")
    danger = comfyui / "models" / "checkpoints" / "gift.ckpt"
    danger.parent.mkdir(parents=True, exist_ok=True)
    danger.write_bytes(PICKLE_THAT_RUNS)
    (before,) = losses(library, comfyui / "models")
    assert (before["program"], before["app"], before["kind"]) == ("ComfyUI", None, "comfyui")
    app = library.app_add("comfyui", comfyui)["app"]["app_id"]
    (one,) = losses(library, comfyui / "models")
    assert (one["app"], one["folder"]) == (app, str(comfyui))
    assert set(one["files"]) == {str(path), str(danger)}
    assert one["linked"] == before["linked"] == [str(path)]

    library.import_models([comfyui / "models"], place=Placement.MOVE, accept_pickle=True)
    assert path.is_symlink()
    assert path.exists()
    assert not danger.exists()


def test_an_application_left_without_links_gets_none_back(library: Library, tmp_path: Path) -> None:
    comfyui = write_installation(tmp_path / "comfy")
    lora(comfyui / "models" / "loras" / "a.safetensors")
    app = library.app_add("comfyui", comfyui)["app"]["app_id"]
    library.link_clean(app)
    (one,) = losses(library, comfyui / "models")
    assert (one["app"], one["linked"]) == (app, [])


def test_what_the_program_does_not_read_is_not_missed(library: Library, tmp_path: Path) -> None:
    comfyui = write_installation(tmp_path / "comfy")
    lora(comfyui / "output" / "trained.safetensors")
    lora(tmp_path / "plain" / "b.safetensors", seed=2)
    assert losses(library, comfyui / "output", tmp_path / "plain") == []


def test_a_word_about_the_models_decides_about_their_links(
    library: Library, tmp_path: Path
) -> None:
    comfyui = write_installation(tmp_path / "comfy")
    lora(comfyui / "models" / "loras" / "a.safetensors")
    (one,) = losses(library, comfyui / "models", kind="llm", family="llama")
    assert one["linked"] == []


def test_a_profile_that_is_not_valid_links_nothing(library: Library, tmp_path: Path) -> None:
    comfyui = write_installation(tmp_path / "comfy")
    lora(comfyui / "models" / "loras" / "a.safetensors")
    library.app_add("comfyui", comfyui)
    (tmp_path / "library" / "profiles").mkdir(exist_ok=True)
    (tmp_path / "library" / "profiles" / "comfyui.toml").write_text("schema = 1\nrule = 3\n")
    (one,) = losses(library, comfyui / "models")
    assert one["linked"] == []
