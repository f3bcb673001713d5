"""An installation is known by its files, its version is read and never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.profiles.profile import Recognition
from model_library.profiles.recognition import look_at, version_of
from model_library.samples.comfyui import write_installation
from tests.repositories import comfyui_repository, commit, git

COMFYUI = Recognition(
    all_of=("main.py", "folder_paths.py"),
    any_of=("comfyui_version.py", "comfy/"),
    version=("comfyui_version.py:__version__", "pyproject.toml:project.version", "git"),
)


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI", "0.6.0")


def test_an_installation_lacks_nothing(comfyui: Path) -> None:
    look = look_at(comfyui, COMFYUI)
    assert look.missing == ()
    assert look.found == ("main.py", "folder_paths.py", "comfyui_version.py", "comfy/")


def test_a_path_that_no_system_takes_is_missing(comfyui: Path) -> None:
    too_long = "x" * 8000
    assert look_at(comfyui, Recognition(all_of=(too_long,))).missing == (too_long,)


def test_one_of_the_alternatives_is_enough(comfyui: Path) -> None:
    (comfyui / "comfyui_version.py").unlink()
    assert look_at(comfyui, COMFYUI).missing == ()


def test_what_is_missing_is_named(comfyui: Path) -> None:
    (comfyui / "folder_paths.py").unlink()
    (comfyui / "comfyui_version.py").unlink()
    (comfyui / "comfy" / "__init__.py").unlink()
    (comfyui / "comfy").rmdir()
    (comfyui / "comfy").touch()
    assert look_at(comfyui, COMFYUI).missing == ("folder_paths.py", "comfyui_version.py")


def test_the_first_place_that_states_a_version_is_believed(comfyui: Path) -> None:
    (comfyui / "pyproject.toml").write_text('[project]\nversion = "0.7.0"\n')
    assert version_of(comfyui, COMFYUI) == ("0.6.0", "comfyui_version.py:__version__")
    (comfyui / "comfyui_version.py").unlink()
    assert version_of(comfyui, COMFYUI) == ("0.7.0", "pyproject.toml:project.version")


def test_a_checkout_that_states_none_has_that_of_its_tag(tmp_path: Path) -> None:
    checkout = comfyui_repository(tmp_path / "app")
    (checkout / "comfyui_version.py").unlink()
    (checkout / "pyproject.toml").unlink()
    assert version_of(checkout, COMFYUI) == ("0.6.0", "git")
    commit(checkout, "later")
    assert version_of(checkout, COMFYUI) is None


@pytest.mark.parametrize(
    ("tags", "version"),
    [
        (["v0.9.0", "v0.10.0", "v0.10.0rc1", "b9"], "0.10.0"),
        (["latest", "b4567"], "b4567"),
        (["latest"], None),
    ],
)
def test_of_several_tags_the_newest_version_counts(
    tmp_path: Path, tags: list[str], version: str | None
) -> None:
    commit(tmp_path, "one", *tags)
    found = version_of(tmp_path, Recognition(version=("git",)))
    assert found == (None if version is None else (version, "git"))
    git(tmp_path, "pack-refs", "--all")
    assert version_of(tmp_path, Recognition(version=("git",))) == found


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('__version__ = "1.2"\n', "1.2"),
        ("import os\n__version__: Final = 'v1.2.3+cu121'  # here\n", "1.2.3+cu121"),
        ('__version__="1"', "1"),
        ('# __version__ = "1"\n', None),
        ('my__version__ = "1"\n', None),
        ('__version__ = "$(rm -rf /)"\n', None),
        ('__version__ = "\x1b[31m"\n', None),
        ('__version__ = "' + "1" * 99 + '"\n', None),
        ('__version__ = open("/tmp/ran", "w")\n', None),
        ("", None),
        ("\0\udcff", None),
    ],
)
def test_a_version_is_a_quoted_text_that_is_assigned(
    tmp_path: Path, text: str, version: str | None
) -> None:
    (tmp_path / "v.py").write_text(text, encoding="utf-8", errors="surrogateescape")
    found = version_of(tmp_path, Recognition(version=("v.py:__version__",)))
    assert found == (None if version is None else (version, "v.py:__version__"))


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("a.toml", '[a]\nb.c = "1.0"', "1.0"),
        ("a.toml", "[a]\nb.c = 1.0", None),
        ("a.toml", "[a]\nb = 'x'", None),
        ("a.toml", "[a", None),
        ("a.toml", "a = " + "[" * 5000, None),
        ("a.json", '{"a": {"b": {"c": "1.0"}}}', "1.0"),
        ("a.json", '["a"]', None),
        ("a.json", "[" * 100_000, None),
    ],
)
def test_a_version_may_be_a_value_of_a_settings_file(
    tmp_path: Path, name: str, text: str, version: str | None
) -> None:
    (tmp_path / name).write_text(text)
    found = version_of(tmp_path, Recognition(version=(f"{name}:a.b.c",)))
    assert found == (None if version is None else (version, f"{name}:a.b.c"))


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "v.py").open("wb") as file:
        file.truncate(1 << 40)
    assert version_of(tmp_path, Recognition(version=("v.py:__version__",))) is None
