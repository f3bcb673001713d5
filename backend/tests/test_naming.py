"""Names: safe everywhere, never ambiguous, and the digest that says what a model is."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathvalidate import FileNameValidator, Platform

from model_library.errors import InvalidValueError, UnsafeNameError
from model_library.naming import (
    MAX_NAME_BYTES,
    DigestEntry,
    collision_key,
    content_digest,
    digest_entry,
    display_text,
    make_model_id,
    name_with,
    safe_file_name,
    safe_relative_path,
    slugify,
)
from model_library.taxonomy import ModelForm

A = hashlib.sha256(b"a").hexdigest()
B = hashlib.sha256(b"b").hexdigest()

quick = settings(deadline=None, database=None, max_examples=300)
"""No deadline: the machine may be busy. No database: tests leave nothing behind."""

any_text = st.text(st.characters(), max_size=400)
"""Every code point, lone surrogates included."""

_PIECES = [
    *".. /\\:*?\"<>|~$%'",
    *"\0\t\n\x1b\x7f\x85\u00a0\u200b\u202e\u2028\u3000\ufeff\ufffe\udc80",
    *"aA\u00e9\u00c9\u0131\u0130\u00df\u1e9eK\u212a\uac01\U0001f600\U0001d15e",
    "e\u0301",
    *("CON", "aux", "NUL", "COM1", "com\u00b9", "LPT9", "conin$", "CLOCK$"),
    *(".txt", ".tar.gz", ".safetensors", ".GGUF", "-00001-of-00002", "model", "x" * 250),
]
hostile_text = st.lists(st.sampled_from(_PIECES), max_size=8).map("".join)
plain_text = st.text("abcCNOxXZ019 !#'()+,.=@[]_-", max_size=260) | st.builds(
    str.__add__,
    st.sampled_from(["con", "AUX", "Com1", "prn ", "nul.", "lpt9"]),
    st.text("ab .", max_size=3),
)
names = any_text | hostile_text | plain_text


# --- file names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        "ok name (v1.5) [fp16].ckpt",
        ".hidden",
        "模型.safetensors",
        "model-00001-of-00005.safetensors",
        "console.txt",
        "COM10.bin",
        "x" * 255,
    ],
)
def test_a_name_that_is_fine_is_unchanged(name: str) -> None:
    assert safe_file_name(name) == name


@pytest.mark.parametrize(
    ("original", "beginning", "ending"),
    [
        ("a?b.safetensors", "a_b-", ".safetensors"),
        ("a/b\\c:d.pt", "a_b_c_d-", ".pt"),
        ("CON", "_CON-", ""),
        ("aux.txt", "_aux-", ".txt"),
        ("nul .txt", "_nul ", ".txt"),
        ("con.tar.gz", "_con.tar-", ".gz"),
        ("COM1.gguf", "_COM1-", ".gguf"),
        ("com\u00b9.gguf", "_com\u00b9-", ".gguf"),
        ("conin$", "_conin$-", ""),
        ("trailing dot.", "trailing dot-", ""),
        ("trailing space.pt ", "trailing space-", ".pt"),
        (" leading.pt", "leading-", ".pt"),
        ("bell\x07.pt", "bell_-", ".pt"),
        ("not utf-8 \udcff.pt", "not utf-8 _-", ".pt"),
        ("gpj.\u202egnp", "gpj-", "._gnp"),
        ("x" * 300 + ".safetensors", "x" * 234, ".safetensors"),
        ("\u3000", "unnamed-", ""),
        ("...", "unnamed-", ""),
        ("..", "unnamed-", ""),
        ("", "unnamed-", ""),
    ],
)
def test_a_changed_name_keeps_what_it_can_and_ends_in_a_hash_of_the_original(
    original: str, beginning: str, ending: str
) -> None:
    name = safe_file_name(original)
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    assert name.startswith(beginning)
    assert name.endswith(f"-{digest}{ending}")


def test_only_normalising_a_name_adds_no_hash() -> None:
    assert safe_file_name("cafe\u0301.pt") == "caf\u00e9.pt"


def test_the_shards_of_a_set_keep_one_common_name() -> None:
    first, second = (safe_file_name(f"L:8B-0000{n}-of-00002.gguf") for n in (1, 2))
    assert first.endswith("-00001-of-00002.gguf")
    assert first.replace("-00001-", "-00002-") == second


@pytest.mark.parametrize("present", ["model.pt", "MODEL.PT", "Model.pt"])
def test_a_name_that_differs_only_in_case_gets_a_hash(present: str) -> None:
    name = safe_file_name("model.pt", [present])
    assert name.startswith("model-")
    assert name.endswith(".pt")
    assert collision_key(name) != collision_key(present)


def test_a_name_that_differs_only_in_normalisation_gets_a_hash() -> None:
    assert safe_file_name("e\u0301.pt", ["\u00e9.pt"]) != "\u00e9.pt"


def test_a_hashed_name_that_is_taken_too_gets_another_hash() -> None:
    first = safe_file_name("a?.pt")
    second = safe_file_name("a?.pt", [first])
    third = safe_file_name("a?.pt", [first, second])
    assert len({first, second, third}) == 3
    assert second == safe_file_name("a?.pt", [first.upper()])


@quick
@given(names)
@example("CON .")
@example("\u1e9b\u0323" * 100)
@example("\U0001d15e" * 80 + ".gguf")
def test_any_text_gives_a_name_that_is_legal_on_every_system(original: str) -> None:
    name = safe_file_name(original)
    for platform in Platform:
        FileNameValidator(platform=platform, max_len=255, fs_encoding="utf-8").validate(name)
    assert 1 <= len(name.encode()) <= MAX_NAME_BYTES
    assert unicodedata.is_normalized("NFC", name)
    assert name == name.strip(" ").rstrip(".")
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in name)
    assert name.split(".")[0].rstrip(" ").upper() not in {
        "CON",
        "AUX",
        "NUL",
        "PRN",
        "CONIN$",
        "COM1",
    }


def test_every_device_that_pathvalidate_knows_is_avoided() -> None:
    devices = FileNameValidator(platform=Platform.UNIVERSAL).reserved_keywords
    assert [one for one in devices if safe_file_name(f"{one}.txt") == f"{one}.txt"] == []


@quick
@given(names)
def test_a_safe_name_is_its_own_safe_name(original: str) -> None:
    name = safe_file_name(original)
    assert safe_file_name(name) == name


@quick
@given(st.lists(names, min_size=2, max_size=12))
def test_any_originals_stay_distinct_even_without_case(originals: list[str]) -> None:
    given_out: list[str] = []
    for original in originals:
        given_out.append(safe_file_name(original, given_out))
    assert len({collision_key(name) for name in given_out}) == len(originals)


@quick
@given(names, names)
def test_two_originals_that_lost_characters_never_share_a_name(first: str, second: str) -> None:
    safe = [safe_file_name(name) for name in (f"{first}?", f"{second}?")]
    assert (collision_key(safe[0]) == collision_key(safe[1])) == (first == second)


@settings(deadline=None, database=None, max_examples=60)
@given(hostile_text)
def test_the_name_can_be_created_and_is_listed_as_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, original: str
) -> None:
    directory = tmp_path_factory.getbasetemp() / "created"
    directory.mkdir(exist_ok=True)
    path = directory / safe_file_name(original)
    path.touch(exist_ok=False)
    try:
        assert [entry.name for entry in directory.iterdir()] == [path.name]
    finally:
        path.unlink()


@quick
@given(names, names)
def test_names_that_python_or_unicode_call_equal_without_case_have_one_key(
    first: str, second: str
) -> None:
    for other in (first.upper(), first.casefold(), unicodedata.normalize("NFD", first)):
        assert collision_key(other) == collision_key(first)
    if collision_key(first) != collision_key(second):
        assert first.casefold() != second.casefold()


def _every_pair_that_one_table_folds() -> Iterator[tuple[str, str]]:
    """Single characters that a filesystem's upper-case table (NTFS, exFAT) makes equal."""
    for point in range(0x10000):
        character = chr(point)
        if len(character.upper()) == 1 and character.upper() != character:
            yield character, character.upper()


def test_every_character_and_its_upper_case_collide() -> None:
    assert [
        pair
        for pair in _every_pair_that_one_table_folds()
        if collision_key(pair[0]) != collision_key(pair[1])
    ] == []


# --- relative paths --------------------------------------------------------------------------------


def test_a_plain_relative_name_is_unchanged() -> None:
    assert safe_relative_path("unet/config.json") == PurePosixPath("unet/config.json")


def test_every_part_is_made_safe() -> None:
    path = safe_relative_path("aux/a?.pt")
    assert path.parts[0].startswith("_aux-")
    assert path.parts[1].startswith("a_-")


def test_a_relative_path_that_differs_only_in_case_from_another_gets_a_hash() -> None:
    assert safe_relative_path("VAE/model.pt", ["vae/Model.pt"]).parent == PurePosixPath("VAE")
    assert safe_relative_path("VAE/model.pt", ["vae/Model.pt"]).name.startswith("model-")
    assert safe_relative_path("unet/model.pt", ["vae/model.pt"]) == PurePosixPath("unet/model.pt")
    assert safe_relative_path("x.pt", ["X.PT"]).name.startswith("x-")


@pytest.mark.parametrize(
    "original",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "a/.. /x",
        "a/. ./x",
        "a/.../x",
        "./x",
        "a//x",
        "a/",
        " /x",
        "/etc/passwd",
        "//server/share/x",
        "C:/x",
        "c:x",
        "C:\\x",
        "\\\\server\\share",
        "..\\x",
        "a\\x",
        "a\0.pt",
    ],
)
def test_a_name_that_could_leave_its_directory_is_refused(original: str) -> None:
    with pytest.raises(UnsafeNameError) as caught:
        safe_relative_path(original)
    assert caught.value.hint
    assert "\0" not in str(caught.value)


@quick
@given(st.lists(names, min_size=1, max_size=4).map("/".join))
def test_any_text_is_refused_or_stays_inside_its_directory(original: str) -> None:
    try:
        path = safe_relative_path(original)
    except UnsafeNameError:
        return
    assert not path.is_absolute()
    assert len(path.parts) == original.count("/") + 1
    assert ".." not in path.parts
    assert safe_relative_path(path.as_posix()) == path


# --- slugs and ids -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("SD v1.5 pruned_emaonly", "sd-v1-5-pruned-emaonly"),
        ("Café (FLUX.1-dev)", "cafe-flux-1-dev"),
        ("--a__b..c--", "a-b-c"),
        ("Straße ½", "strasse-1-2"),
        ("模型", "model"),
        ("", "model"),
        ("con", "con-model"),
        ("COM¹", "com1-model"),
        ("a" * 63 + " b", "a" * 63),
    ],
)
def test_a_slug_is_readable(name: str, slug: str) -> None:
    assert slugify(name) == slug


@quick
@given(names)
def test_a_slug_is_ascii_short_and_its_own_slug(name: str) -> None:
    slug = slugify(name)
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 1 <= len(slug) <= 64
    assert "--" not in slug
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert slugify(slug) == slug == safe_file_name(slug)


def test_a_model_id_is_the_slug_and_the_beginning_of_the_digest() -> None:
    assert make_model_id("sd-v1-5", A) == f"sd-v1-5-{A[:8]}"


@pytest.mark.parametrize(
    ("slug", "digest"),
    [("SD v1", A), ("", A), ("../x", A), ("sd", A[:63]), ("sd", A.upper()), ("sd", f"{A}\n")],
)
def test_a_model_id_is_made_of_a_slug_and_a_sha256_only(slug: str, digest: str) -> None:
    with pytest.raises(InvalidValueError):
        make_model_id(slug, digest)


# --- content digest ------------------------------------------------------------------------------------


def test_a_single_file_is_the_same_model_under_another_name() -> None:
    one, other = (
        content_digest([digest_entry(ModelForm.SINGLE_FILE, name, A)]) for name in ("x.pt", "y.pt")
    )
    assert one == other == hashlib.sha256(f"{A}  \n".encode()).hexdigest()


def test_a_shard_counts_by_its_number() -> None:
    one = [
        digest_entry(ModelForm.SHARDED_SET, f"{stem}-0000{number}", sha256, shard_index=number)
        for stem, number, sha256 in (("x", 1, A), ("y", 2, B))
    ]
    assert one == [DigestEntry("00001", A), DigestEntry("00002", B)]
    assert content_digest(one) == content_digest(reversed(one))
    assert content_digest(one) != content_digest([DigestEntry("00001", B), DigestEntry("00002", A)])


def test_a_file_of_a_folder_counts_by_its_relative_name() -> None:
    form = ModelForm.DIFFUSERS_FOLDER
    assert digest_entry(form, "unet/a.safetensors", A).name == "unet/a.safetensors"
    assert content_digest([digest_entry(form, "unet/a.pt", A)]) != content_digest(
        [digest_entry(form, "vae/a.pt", A)]
    )


@pytest.mark.skipif(sys.platform != "linux", reason="needs GNU find and sha256sum")
def test_another_program_can_recompute_the_digest_of_a_folder(tmp_path: Path) -> None:
    files = {"unet/z.safetensors": b"1", "a.safetensors": b"2", "unet-x/é.safetensors": b"3"}
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    ours = content_digest(
        digest_entry(ModelForm.TRANSFORMERS_FOLDER, name, hashlib.sha256(data).hexdigest())
        for name, data in files.items()
    )
    script = (
        "find . -name '*.safetensors' -printf '%P\\n' | LC_ALL=C sort"
        " | xargs -d '\\n' sha256sum | sha256sum"
    )
    theirs = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert theirs.split()[0] == ours


@pytest.mark.parametrize(
    ("form", "name", "sha256", "index"),
    [
        (ModelForm.SHARDED_SET, "x", A, None),
        (ModelForm.SHARDED_SET, "x", A, 0),
        (ModelForm.SINGLE_FILE, "x", "abc", None),
        (ModelForm.DIFFUSERS_FOLDER, "../x", A, None),
    ],
)
def test_an_entry_that_means_nothing_is_refused(
    form: ModelForm, name: str, sha256: str, index: int | None
) -> None:
    with pytest.raises((InvalidValueError, UnsafeNameError)):
        digest_entry(form, name, sha256, shard_index=index)


@pytest.mark.parametrize("entries", [[], [DigestEntry("", A), DigestEntry("", B)]])
def test_a_model_has_weights_and_every_name_once(entries: list[DigestEntry]) -> None:
    with pytest.raises(InvalidValueError):
        content_digest(entries)


# --- text for people ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 模型 \U0001f469\u200d\U0001f4bb", "plain é 模型 \U0001f469\u200d\U0001f4bb"),
        ("a\r\n\tb", "a b"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b31m\x07\x7f", "\ufffd31m\ufffd\ufffd"),
        ("safe\u202egnp.exe\u2066", "safe\ufffdgnp.exe\ufffd"),
        ("\udcff\ufeff\u200b\ufffe", "\ufffd" * 4),
    ],
)
def test_text_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert display_text(text) == shown


def test_long_text_is_cut_and_says_so() -> None:
    assert display_text("x" * 10, 10) == "x" * 10
    assert display_text("x" * 11, 10) == "x" * 9 + "\u2026"
    assert display_text("\n" * 41, 10) == " \u2026"
    assert display_text("x" * 5, 1) == "\u2026"


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        display_text("x", 0)


@quick
@given(names, st.integers(1, 50))
def test_shown_text_is_one_bounded_line_that_can_be_encoded(text: str, limit: int) -> None:
    shown = display_text(text, limit)
    assert len(shown) <= limit
    assert len(f"{shown}|".splitlines()) == 1
    assert all(ord(c) >= 32 and not 0x7F <= ord(c) <= 0x9F for c in shown)
    assert shown.encode().decode() == shown
    assert display_text(shown, limit) == shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.safetensors", "model-0a1b2c3d.safetensors"),
        ("llm-00001-of-00003.gguf", "llm-0a1b2c3d-00001-of-00003.gguf"),
        ("folder", "folder-0a1b2c3d"),
    ],
)
def test_a_name_takes_an_ending_before_what_tells_its_format_and_shard(
    name: str, expected: str
) -> None:
    assert name_with(name, "0a1b2c3d") == expected


def test_a_name_with_an_ending_is_never_too_long() -> None:
    long = name_with("x" * 250 + ".gguf", "0a1b2c3d")
    assert len(long.encode()) <= MAX_NAME_BYTES
    assert long.endswith("-0a1b2c3d.gguf")
