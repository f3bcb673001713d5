"""Where other programs of this machine keep their models."""

from __future__ import annotations

from pathlib import Path

from model_library.elsewhere import Store, contents, is_weight, stores, weights
from model_library.samples.comfyui import write_installation
from tests.ollama import HUB, OWN, Ollama

DIGEST = "a" * 64


def files(directory: Path, *names: str, size: int = 3) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)


def test_installations_are_known_by_their_files_under_any_name(tmp_path: Path) -> None:
    write_installation(tmp_path / "AI" / "my pictures")
    (tmp_path / "AI" / "ComfyUI").mkdir()
    found = stores({}, tmp_path, tmp_path / "profiles")
    assert Store("ComfyUI", tmp_path / "AI" / "my pictures") in found
    assert tmp_path / "AI" / "ComfyUI" not in {store.path for store in found}


def test_stores_are_where_their_programs_say(tmp_path: Path) -> None:
    (tmp_path / ".lmstudio" / "models").mkdir(parents=True)
    (tmp_path / "big" / "ollama").mkdir(parents=True)
    (tmp_path / "hf").mkdir()
    environment = {
        "OLLAMA_MODELS": str(tmp_path / "big" / "ollama"),
        "HF_HUB_CACHE": str(tmp_path / "hf"),
    }
    found = stores(environment, tmp_path, tmp_path / "profiles")
    assert {Store("LM Studio", tmp_path / ".lmstudio" / "models")} <= set(found)
    assert {store.program for store in found} >= {"Hugging Face cache", "Ollama", "LM Studio"}


def test_a_store_under_two_names_is_one(tmp_path: Path) -> None:
    (tmp_path / ".lmstudio" / "models").mkdir(parents=True)
    (tmp_path / ".cache" / "lm-studio").mkdir(parents=True)
    (tmp_path / ".cache" / "lm-studio" / "models").symlink_to(tmp_path / ".lmstudio" / "models")
    found = [one for one in stores({}, tmp_path, tmp_path) if one.program == "LM Studio"]
    assert len(found) == 1


def test_only_files_that_may_be_models_count_and_each_once(tmp_path: Path) -> None:
    files(tmp_path, "a.safetensors", f"blobs/sha256-{DIGEST}", "notes.txt", ".git/b.gguf")
    (tmp_path / "same.safetensors").hardlink_to(tmp_path / "a.safetensors")
    (tmp_path / "dead.gguf").symlink_to(tmp_path / "nowhere")
    held = contents(tmp_path)
    assert (held.files, held.bytes, held.complete) == (1, 3, True)
    assert {weight.path.name for weight in weights(tmp_path)} == {
        "a.safetensors",
        "same.safetensors",
        f"sha256-{DIGEST}",
    }
    assert not is_weight("sha256-short")


def test_of_the_blobs_of_ollama_those_that_are_models_count(tmp_path: Path) -> None:
    store = Ollama(tmp_path / ".ollama" / "models")
    model, licence = store.gguf(1), store.blob(b"MIT")
    for tag in ("latest", "1b"):
        store.manifest(f"{OWN}/{tag}", ("model", model), ("license", licence))
    store.manifest(HUB, ("model", store.gguf(2)), ("projector", store.gguf(3, "clip")))
    store.blob(b"of no manifest")
    models = [blob for blob in (store.top / "blobs").iterdir() if blob.read_bytes()[:4] == b"GGUF"]
    held = contents(store.top)
    assert (held.files, held.bytes, held.complete) == (
        3,
        sum(blob.stat().st_size for blob in models),
        True,
    )
    assert Store("Ollama", store.top) in stores({}, tmp_path, tmp_path / "profiles")


def test_what_the_library_has_does_not_count(tmp_path: Path) -> None:
    files(tmp_path, "a.gguf", "b.gguf")
    held = contents(tmp_path, is_held=lambda weight: weight.path.name == "a.gguf")
    assert (held.files, held.bytes) == (1, 3)


def test_a_large_folder_is_not_counted_to_its_end(tmp_path: Path) -> None:
    files(tmp_path, *(f"{number}.gguf" for number in range(4)))
    assert len(list(weights(tmp_path, most=3))) == 3
    assert not contents(tmp_path, patience=-1).complete
