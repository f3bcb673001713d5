"""The most exact profile is used, and of two equally exact ones the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model_library.errors import ProfileError
from model_library.profiles.choosing import available, choose_profile, contents, load_profile

NOWHERE = Path("no-such-directory")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A directory with the user's profiles of an application `demo`."""
    for name in ("demo@1.0+small", "demo@1.0", "demo+small", "demo"):
        write(tmp_path, name, "[[rule]]\ntarget = 'a'\nkinds = ['vae']")
    return tmp_path


def write(directory: Path, name: str, text: str = "", app: str = "demo") -> None:
    heading = f'schema = 1\napp = "{app}"\n'
    (directory / f"{name}.toml").write_text(heading + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("version", "variant", "chosen"),
    [
        ("1.0", "small", "demo@1.0+small"),
        ("v1.0.0", "small", "demo@1.0+small"),
        ("1.0", "", "demo@1.0"),
        ("2.0", "small", "demo+small"),
        (None, "small", "demo+small"),
        ("2.0", "", "demo"),
        ("not a version", "", "demo"),
    ],
)
def test_the_most_exact_profile_is_chosen(
    own: Path, version: str | None, variant: str, chosen: str
) -> None:
    assert str(choose_profile("demo", version, variant, own).name) == chosen


def test_the_very_version_comes_before_the_variant(own: Path) -> None:
    (own / "demo@1.0+small.toml").unlink()
    assert str(choose_profile("demo", "1.0", "small", own).name) == "demo@1.0"


def test_a_users_profile_stands_before_the_built_in_one_and_may_add_to_it(tmp_path: Path) -> None:
    built_in = choose_profile("comfyui", "0.6.0", "", tmp_path)
    assert built_in.built_in
    rule = "[[rule]]\ntarget = 'models/new'\nkinds = ['vae']\npriority = 9"
    write(tmp_path, "comfyui", f'extends = "comfyui"\n{rule}', app="comfyui")
    mine = choose_profile("comfyui", "0.6.0", "", tmp_path)
    assert not mine.built_in
    assert len(mine.rules) == len(built_in.rules) + 1
    assert mine.rules[-1].extensions == built_in.defaults.extensions
    assert (mine.recognition, mine.display) == (built_in.recognition, "ComfyUI")
    variant = choose_profile("comfyui", None, "sdxl-only", tmp_path)
    assert variant.rules[-1].target == "models/new"


def test_a_rule_for_a_target_of_the_extended_profile_replaces_its_rules(tmp_path: Path) -> None:
    rule = "[[rule]]\ntarget = 'models/loras'\nkinds = ['adapter']"
    write(tmp_path, "comfyui", f'extends = "comfyui"\n{rule}', app="comfyui")
    mine = choose_profile("comfyui", None, "", tmp_path)
    (loras,) = [rule for rule in mine.rules if rule.target == "models/loras"]
    assert not loras.selector.families


def test_filters_add_up(tmp_path: Path) -> None:
    write(tmp_path, "comfyui+x", 'extends="comfyui+sdxl-only"\n[filter]\nmax_size=5', app="comfyui")
    first, second = choose_profile("comfyui", None, "x", tmp_path).filters
    assert "sdxl" in first.families
    assert second.max_size == 5


def test_what_cannot_be_chosen_says_what_there_is(own: Path) -> None:
    with pytest.raises(ProfileError) as raised:
        choose_profile("nothing", None, "", own)
    assert "comfyui" in raised.value.hint
    assert "demo" in raised.value.hint
    with pytest.raises(ProfileError) as raised:
        choose_profile("demo", None, "large", own)
    assert "small" in raised.value.hint
    for name in ("demo", "demo+small"):
        (own / f"{name}.toml").unlink()
    with pytest.raises(ProfileError, match="fits version 2"):
        choose_profile("demo", "2", "", own)


def test_profiles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "demo", 'extends = "demo+a"')
    write(tmp_path, "demo+a", 'extends = "demo"')
    with pytest.raises(ProfileError, match="extends itself"):
        choose_profile("demo", None, "", tmp_path)
    write(tmp_path, "demo", 'extends = "demo"')
    with pytest.raises(ProfileError, match="no profile 'demo'"):
        choose_profile("demo", None, "", tmp_path)


def test_all_profiles_are_listed_with_what_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, "comfyui", "kindz = 1", app="comfyui")
    (tmp_path / "Bad Name.toml").write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    found = {(info.name, info.built_in): info for info in available(tmp_path)}
    assert found["comfyui", False].error is not None
    assert found["comfyui", True].hidden
    assert found["Bad Name", False].error is not None
    assert ("notes", False) not in found
    with pytest.raises(ProfileError, match="kindz"):
        load_profile("comfyui", tmp_path)
    with pytest.raises(ProfileError, match="no profile"):
        load_profile("demo", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "comfyui",
        "comfyui+sdxl-only",
        "comfyui+size-limited",
        "a1111",
        "forge",
        "sdnext",
        "swarmui",
        "fooocus",
        "llama_cpp",
        "lmstudio",
        "text_generation_webui",
    ],
)
def test_every_built_in_profile_is_valid(name: str) -> None:
    profile = load_profile(name, NOWHERE)
    assert profile.built_in
    assert profile.rules
    assert profile.recognition.version or name == "lmstudio"  # its version is in no file


@pytest.mark.parametrize("what", ["pipe", "directory", "loop", "dangling"])
def test_what_has_the_name_of_a_profile_and_is_no_file_is_an_error(
    tmp_path: Path, what: str
) -> None:
    """The built-in one in its place would put models where the user does not want them."""
    path = tmp_path / "comfyui.toml"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    else:
        path.symlink_to(path if what == "loop" else tmp_path / "nowhere")
    with pytest.raises(ProfileError) as raised:
        choose_profile("comfyui", None, "", tmp_path)
    assert raised.value.path == str(path)
    with pytest.raises(ProfileError):
        contents(tmp_path)
    assert [one.error is None for one in available(tmp_path) if not one.built_in] == [False]
