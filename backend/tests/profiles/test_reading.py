"""A profile is read strictly: what is wrong is one error that says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import ProfileError
from model_library.profiles.profile import Layout, Profile, ProfileName
from model_library.profiles.reading import (
    DEFAULTS_KEYS,
    DISCOVER_KEYS,
    FILTER_KEYS,
    KNOWN_KEYS,
    RECOGNISE_KEYS,
    RULE_KEYS,
    TOP_KEYS,
    parse_name,
    parse_profile,
)
from model_library.taxonomy import LinkPreference

HEAD = 'schema = 1\napp = "demo"\n'
DOCUMENT = Path(__file__).parents[3] / "docs" / "app-profiles.md"


def read(text: str, name: str = "demo.toml") -> Profile:
    return parse_profile((HEAD + text).encode(), Path(name))


def test_a_rule_says_where_which_models_go_and_how() -> None:
    profile = read("""
display = "Demo"
[recognise]
all = ["main.py"]
any = ["a", "b/"]
version = ["version.py:__version__", "git"]
[defaults]
extensions = [".safetensors", ".CKPT"]
one_weight = true
[filter]
exclude_tags = ["NSFW"]
max_size = "1.5 GiB"
[[rule]]
target = "models/vae/"
kinds = ["vae"]
families = ["sd1", "@diffusion"]
layout = "folder"
method = "hardlink"
requires = ["custom_nodes/*x*"]
if_exists = true
priority = 3
min_size = 100
[[rule]]
target = "."
kinds = ["llm", "vlm"]
extensions = []
[[known]]
names = ["VAEs"]
kinds = ["vae"]
[discover]
below = ["models"]
ignore = ["configs"]
""")
    assert (profile.name, profile.display) == (ProfileName("demo"), "Demo")
    assert profile.recognition.any_of == ("a", "b")
    assert profile.recognition.version == ("version.py:__version__", "git")
    vae, llm = profile.rules
    assert (vae.target, vae.layout, vae.method) == (
        "models/vae",
        Layout.FOLDER,
        LinkPreference.HARD_LINK,
    )
    assert vae.extensions == (".safetensors", ".ckpt")
    assert (vae.one_weight, vae.if_exists, vae.priority) == (True, True, 3)
    assert (vae.selector.min_size, vae.requires) == (100, ("custom_nodes/*x*",))
    assert (llm.target, llm.extensions) == (".", ())
    (condition,) = profile.filters
    assert (condition.max_size, condition.exclude_tags) == (1610612736, frozenset({"nsfw"}))
    assert profile.known[0].names == frozenset({"vaes"})
    assert profile.discovery.below == ("models",)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[[rule]]\ntarget = 'a'\nkindz = ['vae']", 5, "kindz"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vea']", 5, "'vea'"),
        ("[[rule]]\ntarget = 'a'", 3, "at least one kind"),
        ("[[rule]]\ntarget = '/etc'\nkinds = ['vae']", 4, "relative to the application"),
        ("[[rule]]\ntarget = 'a/../../b'\nkinds = ['vae']", 4, "relative to the application"),
        ("[[rule]]\ntarget = 'C:x'\nkinds = ['vae']", 4, "relative to the application"),
        ("[[rule]]\ntarget = 'a\\b'\nkinds = ['vae']", 4, "relative to the application"),
        ("[[rule]]\ntarget = '~/x'\nkinds = ['vae']", 4, "relative to the application"),
        ("[[rule]]\ntarget = ''\nkinds = ['vae']", 4, "must name a directory"),
        ("[[rule]]\ntarget = 3\nkinds = ['vae']", 4, "must be a text"),
        ("[[rule]]\ntarget = 'a'\nkinds = 'vae'", 5, "list of texts"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nlayout = 'heap'", 6, "'heap'"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmethod = 'copy'", 6, "'copy'"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmax_size = 'big'", 6, "must be a size"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmax_size = true", 6, "must be a size"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmin_size = 2\nmax_size = 1", 6, "more than"),
        (f"[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmin_size = {'9' * 400}", 6, "larger than any"),
        (
            f"[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmin_size = '{'9' * 400}GB'",
            6,
            "larger than any",
        ),
        (
            f"[[rule]]\ntarget = 'a'\nkinds = ['vae']\nmin_size = 0x{'f' * 5000}",
            6,
            "larger than any",
        ),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\npriority = 1.5", 6, "whole number"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nif_exists = 1", 6, "true or false"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nextensions = ['gguf']", 6, "with its dot"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nfamilies = ['@image']", 6, "no group"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nexclude_kinds = ['llm']", 6, "exclude_kinds"),
        ("[[rule]]\ntarget = 'a'\nkinds = ['vae']\nrequires = ['/x']", 6, "stay in it"),
        (
            "[[rule]]\ntarget = 'A'\nkinds = ['vae', 'llm']\n[[rule]]\nkinds = ['vae']\ntarget = 'a'",
            8,
            "is that of rule[1], and both take vae",
        ),
        ("[filter]\nkind = ['vae']", 4, "kind"),
        ("[[rule]]\ntarget = '.model-library-trash/x'\nkinds = ['vae']", 4, "library's own"),
        ("[[rule]]\ntarget = 'a/.Model-Library-tmp-1'\nkinds = ['vae']", 4, "library's own"),
        (f"[[rule]]\ntarget = '{'x' * 300}'\nkinds = ['vae']", 4, "longer than any"),
        (f"[recognise]\nall = ['{'x/' * 4000}y']", 4, "longer than any"),
        ("[recognise]\nsome = ['vae']", 4, "some"),
        ("[recognise]\nversion = ['where it is']", 4, "FILE:NAME"),
        ("[recognise]\nversion = ['../x:y']", 4, "stay in it"),
        ("[discover]\nbelow = ['..']", 4, "stay in it"),
        ("[[known]]\nkinds = ['vae']", 3, "at least one directory"),
        ("[[known]]\nnames = ['x']", 3, "at least one kind"),
        ("defaults = 3", 3, "must be a table"),
        ("rule = 3", 3, "must be tables"),
        ("extends = 'other'", 3, "no profile 'other'"),
        ("extends = 'A b'", 3, "cannot be the name"),
        ("rules = []", 3, "rules"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ProfileError) as raised:
        read(text)
    assert raised.value.message.startswith(f"line {line}:"), raised.value.message
    assert what in raised.value.message
    assert raised.value.path == "demo.toml"


def test_a_default_method_is_that_of_the_rules_that_are_taken_over() -> None:
    base = read(
        "[[rule]]\ntarget = 'a'\nkinds = ['vae']\n"
        "[[rule]]\ntarget = 'b'\nkinds = ['llm']\nmethod = 'symlink'\n"
        "[[known]]\nnames = ['c']\nkinds = ['vae']\n"
    )
    text = HEAD + "extends = 'demo'\n[defaults]\nmethod = 'hardlink'\nextensions = ['.gguf']\n"
    mine = parse_profile(text.encode(), Path("demo.toml"), parent=lambda _: base)
    methods = {rule.target: rule.method for rule in mine.rules}
    assert methods == {"a": LinkPreference.HARD_LINK, "b": LinkPreference.SYMLINK}
    assert mine.known[0].rule.method is LinkPreference.HARD_LINK
    assert {rule.extensions for rule in mine.rules} == {()}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"a = ", "no valid TOML"),
        (b"\xff", "no valid TOML"),
        (b"x" * 2_000_000, "too large"),
        (b"app = 'demo'", "schema must be 1"),
        (b"schema = 2\napp = 'demo'", "schema must be 1"),
        (b"schema = 1\napp = 'other'", "app must be 'demo'"),
    ],
)
def test_what_is_no_profile_at_all_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(ProfileError, match=what):
        parse_profile(data, Path("demo.toml"))


@given(st.binary(max_size=200))
def test_no_content_breaks_the_reader(data: bytes) -> None:
    with pytest.raises(ProfileError):
        parse_profile(data, Path("demo.toml"))


@pytest.mark.parametrize(
    "second",
    [
        "kinds = ['llm']",
        "kinds = ['vae']\nfamilies = ['sd2']",
        "kinds = ['vae']\nexclude_families = ['sd1']",
        "kinds = ['vae']\nextensions = ['.gguf']",
        "kinds = ['vae']\nforms = ['sharded-set']",
    ],
)
def test_two_rules_may_share_a_directory_when_no_model_is_for_both(second: str) -> None:
    first = "families = ['sd1']\nextensions = ['.ckpt']\nforms = ['single-file']"
    profile = read(
        f"[[rule]]\ntarget = 'a'\nkinds = ['vae']\n{first}\n[[rule]]\ntarget = 'a'\n{second}"
    )
    assert len(profile.rules) == 2


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("comfyui", ProfileName("comfyui")),
        ("comfyui@0.6.0", ProfileName("comfyui", "0.6.0")),
        ("comfyui+sdxl-only", ProfileName("comfyui", None, "sdxl-only")),
        ("comfyui@v1.0+x", ProfileName("comfyui", "v1.0", "x")),
    ],
)
def test_the_name_of_the_file_says_for_what_it_is(stem: str, name: ProfileName) -> None:
    assert parse_name(stem) == name
    assert str(name) == stem


@pytest.mark.parametrize(
    "stem", ["", "Comfy", "a b", "../x", "x@", "x+", "x+Y", "x@1@2", "comfyui@notver"]
)
def test_other_names_are_no_profiles(stem: str) -> None:
    with pytest.raises(ProfileError):
        parse_name(stem)


def test_every_key_is_in_the_documentation() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    keys = TOP_KEYS | RECOGNISE_KEYS | FILTER_KEYS | DEFAULTS_KEYS | RULE_KEYS | KNOWN_KEYS
    for key in sorted(keys | DISCOVER_KEYS):
        assert any(f"`{mark.format(key)}`" in text for mark in ("{}", "[{}]", "[[{}]]")), key


def test_the_examples_in_the_documentation_are_profiles() -> None:
    base = read("", "comfyui.toml".replace("comfyui", "demo"))
    examples = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1:]
    assert len(examples) == 2
    for example in examples:
        text = example.split("```")[0]
        stem = text.split("profiles/")[1].split(".toml")[0]
        profile = parse_profile(text.encode(), Path(f"{stem}.toml"), parent=lambda _: base)
        assert str(profile.name) == stem
