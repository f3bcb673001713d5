"""Directories without a rule are found and offered, and a rule is only made when one is accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model_library.errors import InvalidValueError, ProfileError
from model_library.profiles.choosing import choose_profile
from model_library.profiles.discovery import accept, chosen, discover, matching
from model_library.samples.comfyui import write_installation

NOWHERE = Path("no-such-directory")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_installation(tmp_path / "ComfyUI")


def test_a_fresh_installation_has_nothing_to_offer(app: Path) -> None:
    assert discover(choose_profile("comfyui", None, "", NOWHERE), app) == []


def test_directories_without_a_rule_are_offered_by_what_their_names_tell(app: Path) -> None:
    for name in ("models/My_UNET_gguf", "models/mystery", "models/.hidden", "models/LLM"):
        (app / name).mkdir()
    (app / "custom_nodes" / "Node" / "models" / "yolo_v8").mkdir(parents=True)
    (app / "models" / "elsewhere").symlink_to(app / "comfy")
    (app / "models" / "ultralytics").mkdir()
    (app / "models" / "loras" / "mine").mkdir()
    found = discover(choose_profile("comfyui", None, "", NOWHERE), app)
    assert [(one.directory, one.kinds, one.matched) for one in found] == [
        ("custom_nodes/Node/models/yolo_v8", ("detector",), True),
        ("models/My_UNET_gguf", ("diffusion_model",), True),
        ("models/mystery", (), False),
    ]


def test_an_accepted_directory_gets_a_rule_in_the_users_profile(app: Path, tmp_path: Path) -> None:
    for name in ('models/od"d_unet_gguf', "models/mystery", "models/instantid"):
        (app / name).mkdir()
    own = tmp_path / "profiles"
    profile = choose_profile("comfyui", None, "", own)
    offered = discover(profile, app)
    wanted = chosen(offered, ["all", "models/Mystery/=vae,vae_approx"], profile.defaults)
    path = accept(profile, wanted, own, app)
    assert path == own / "comfyui.toml"
    mine = choose_profile("comfyui", None, "", own)
    rules = {rule.target: rule for rule in mine.rules}
    assert rules['models/od"d_unet_gguf'].extensions == (".gguf",)
    assert rules["models/mystery"].selector.kinds == {"vae", "vae_approx"}
    assert rules["models/instantid"].selector.kinds == {"ip_adapter"}
    assert discover(mine, app) == []


def test_what_the_users_profile_says_already_stays(app: Path, tmp_path: Path) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    said = '# my words\nschema = 1\napp = "comfyui"\nextends = "comfyui"'
    (own / "comfyui.toml").write_text(said, encoding="utf-8")
    (app / "models" / "instantid").mkdir()
    profile = choose_profile("comfyui", None, "", own)
    accept(profile, discover(profile, app), own, app)
    assert (own / "comfyui.toml").read_text(encoding="utf-8").startswith(said)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "{end}", "{end}{end}{end}", "{end}# the end"])
def test_accepting_adds_to_the_bytes_of_a_profile(
    app: Path, tmp_path: Path, end: str, last: str
) -> None:
    own, kept = tmp_path / "profiles", tmp_path / "dotfiles" / "comfyui.toml"
    own.mkdir()
    kept.parent.mkdir()
    said = end.join(["# my words", "schema = 1", 'app = "comfyui"', 'extends = "comfyui"'])
    held = (said + last.format(end=end)).encode()
    kept.write_bytes(held)
    (own / "comfyui.toml").symlink_to(kept)
    (own / ".model-library-tmp-0123456789abcdef").write_bytes(b"of a process that was killed")
    (app / "models" / "instantid").mkdir()
    profile = choose_profile("comfyui", None, "", own)
    accept(profile, discover(profile, app), own, app)
    assert (own / "comfyui.toml").readlink() == kept
    assert [path.name for path in own.iterdir()] == ["comfyui.toml"]
    data = kept.read_bytes()
    assert data.startswith(held)
    added = data[len(held) :].decode()
    assert added.replace(end, "").count("\n") == 0
    assert "models/instantid" in {
        rule.target for rule in choose_profile("comfyui", None, "", own).rules
    }


def test_a_profile_that_would_become_invalid_is_not_written(app: Path, tmp_path: Path) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    path = own / "comfyui.toml"
    path.write_text('schema = 1\napp = "comfyui"\nextends = "comfyui"\n', encoding="utf-8")
    (app / "models" / "instantid").mkdir()
    profile = choose_profile("comfyui", None, "", own)
    offered = discover(profile, app)
    path.write_text('schema = 1\napp = "comfyui"\nrule = []\n', encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(ProfileError):
        accept(profile, offered, own, app)
    path.write_bytes(b"\xff")
    with pytest.raises(ProfileError, match="UTF-8"):
        accept(profile, offered, own, app)
    path.write_bytes(before)
    assert path.read_bytes() == before


def test_only_what_is_offered_and_known_can_be_accepted(app: Path, tmp_path: Path) -> None:
    (app / "models" / "mystery").mkdir()
    profile = choose_profile("comfyui", None, "", NOWHERE)
    offered = discover(profile, app)
    for words, what in (
        (["models/other"], "not offered"),
        (["models/mystery=nonsense"], "no kind"),
    ):
        with pytest.raises(InvalidValueError, match=what):
            chosen(offered, words, profile.defaults)
    assert chosen(offered, ["all"], profile.defaults) == []
    with pytest.raises(InvalidValueError, match="not known"):
        accept(profile, chosen(offered, ["models/mystery"], profile.defaults), tmp_path, app)


def test_the_names_that_are_offered_are_shown_as_they_are(app: Path) -> None:
    (app / "models" / "MyStery").mkdir()
    profile = choose_profile("comfyui", None, "", NOWHERE)
    with pytest.raises(InvalidValueError, match="not offered") as raised:
        chosen(discover(profile, app), ["models/Other"], profile.defaults)
    assert "models/MyStery" in raised.value.hint


def test_a_directory_with_an_equals_sign_can_be_accepted(app: Path) -> None:
    for name in ("a=b", "instantid=2_unet_gguf"):
        (app / "models" / name).mkdir()
    profile = choose_profile("comfyui", None, "", NOWHERE)
    offered = discover(profile, app)
    (one,) = chosen(offered, ["models/a=b=vae"], profile.defaults)
    assert (one.directory, one.kinds) == ("models/a=b", ("vae",))
    (other,) = chosen(offered, ["models/instantid=2_unet_gguf"], profile.defaults)
    assert other.kinds == ("diffusion_model",)


def test_a_name_that_no_profile_could_say_is_not_offered(app: Path) -> None:
    try:
        (app / "models" / os.fsdecode(b"vae-\xff")).mkdir()
    except OSError:
        pytest.skip("this filesystem has only names that are text")
    assert discover(choose_profile("comfyui", None, "", NOWHERE), app) == []


def test_patterns_are_matched_in_any_case_and_what_is_off_is_not_there(app: Path) -> None:
    for name in ("ComfyUI-GGUF", "other-gguf.disabled"):
        (app / "custom_nodes" / name).mkdir()
    assert matching(app, "custom_nodes/*gguf*") == ["custom_nodes/ComfyUI-GGUF"]
    assert matching(app, "models/LORAS") == ["models/loras"]
    assert matching(app, "nowhere/*") == []
