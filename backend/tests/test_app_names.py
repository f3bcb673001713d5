"""Applications are called as people call them."""

from __future__ import annotations

from pathlib import Path

from model_library.app_names import app_names
from model_library.link_registry import App


def test_an_application_is_called_by_the_name_of_its_profile(tmp_path: Path) -> None:
    apps = [App("comfyui", "comfyui", tmp_path / "c"), App("mine", "nobody-knows", tmp_path / "m")]
    assert app_names(apps, tmp_path) == {"comfyui": "ComfyUI", "mine": "nobody-knows"}


def test_applications_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    apps = [
        App("comfyui", "comfyui", tmp_path / "one"),
        App("comfyui-2", "comfyui", tmp_path / "two"),
        App("forge", "forge", tmp_path / "three"),
    ]
    names = app_names(apps, tmp_path)
    assert names["comfyui"] == f"ComfyUI at {tmp_path / 'one'}"
    assert names["comfyui-2"] == f"ComfyUI at {tmp_path / 'two'}"
    assert str(tmp_path) not in names["forge"]
