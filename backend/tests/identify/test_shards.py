"""Which names are shards, which belong together and which are missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model_library.errors import (
    BrokenModelError,
    HeaderLimitError,
    SourceUnreadableError,
    UnsafeNameError,
)
from model_library.identify.shards import (
    MAX_INDEX_BYTES,
    MAX_SHARDS,
    ShardPattern,
    ShardSet,
    are_pieces,
    index_stem,
    is_plain_name,
    parse_shard_name,
    read_shard_index,
    shard_sets,
)

NOWHERE = Path("/nowhere")
"""A folder for questions about names only: nothing is read in it."""


def sets(*names: str) -> list[ShardSet]:
    found = shard_sets(NOWHERE, names)
    assert found.problems == {}
    return list(found.sets)


def only_set(*names: str) -> ShardSet:
    (found,) = sets(*names)
    return found


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pattern", "stem", "index", "total", "extension"),
    [
        ("model-00002-of-00005.safetensors", "OF", "model", 2, 5, ".safetensors"),
        ("pytorch_model-00001-of-00002.bin", "OF", "pytorch_model", 1, 2, ".bin"),
        ("Llama-3.1-Q4_K_M-00003-of-00003.GGUF", "OF", "Llama-3.1-Q4_K_M", 3, 3, ".gguf"),
        ("model.fp16-00001-of-00002.safetensors", "OF", "model.fp16", 1, 2, ".safetensors"),
        ("model-00001-of-00002.fp16.safetensors", "OF", "model", 1, 2, ".safetensors"),
        ("big.gguf.part1", "PART", "big", 1, None, ".gguf"),
        ("big.part01.gguf", "PART", "big", 1, None, ".gguf"),
        ("big.Part2of3.gguf", "PART", "big", 2, 3, ".gguf"),
        ("big.part1of3", "PART", "big", 1, 3, ""),
        ("big v1.5.part1", "PART", "big v1.5", 1, None, ""),
        ("big_00001.safetensors", "NUMBERED", "big", 1, None, ".safetensors"),
    ],
)
def test_the_known_patterns_are_read(
    name: str, pattern: str, stem: str, index: int, total: int | None, extension: str
) -> None:
    parsed = parse_shard_name(name)
    assert parsed is not None
    assert parsed.pattern is ShardPattern[pattern]
    assert (parsed.stem, parsed.index, parsed.total) == (stem, index, total)
    assert parsed.extension == extension


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "model-of-00005.safetensors",
        "model-00006-of-00005.safetensors",
        "model-00001-of-00000.safetensors",
        "model-00001-of-99999.safetensors",
        "model_99999.safetensors",
        "model.part99999",
        "mylora-000010.safetensors",
        "mylora_0001.safetensors",
        "model_00001",
        "model.partition1.gguf",
        "model-00001-of-00002.a.b.c.bin",
        "model-\uff10\uff10\uff10\uff10\uff11-of-\uff10\uff10\uff10\uff10\uff12.bin",
    ],
)
def test_other_names_are_no_shards(name: str) -> None:
    assert parse_shard_name(name) is None


@given(st.text(max_size=300))
def test_any_text_is_parsed_without_error(name: str) -> None:
    parsed = parse_shard_name(name)
    assert parsed is None or parsed.head + parsed.digits + parsed.tail == name


# --- sets ----------------------------------------------------------------------------------------


def test_a_whole_set_knows_its_members_and_misses_nothing() -> None:
    found = only_set("m-00002-of-00002.gguf", "m-00001-of-00002.gguf")
    assert found.stem == "m"
    assert found.members == {"m-00001-of-00002.gguf": 1, "m-00002-of-00002.gguf": 2}
    assert (found.total, found.missing) == (2, ())


def test_missing_shards_are_named_exactly() -> None:
    assert only_set("m-00002-of-00004.bin", "m-00003-of-00004.bin").missing == (
        "m-00001-of-00004.bin",
        "m-00004-of-00004.bin",
    )
    assert only_set("m.part2of3.gguf").missing == ("m.part1of3.gguf", "m.part3of3.gguf")
    assert only_set("m.gguf.part2", "m.gguf.part4").missing == ("m.gguf.part1", "m.gguf.part3")


def test_unpadded_parts_count_past_nine_and_padded_ones_keep_their_width() -> None:
    unpadded = [f"m.part{i}.gguf" for i in (*range(1, 9), 10, 12)]
    assert only_set(*unpadded).missing == ("m.part9.gguf", "m.part11.gguf")
    assert only_set("m.part01.gguf", "m.part03.gguf").missing == ("m.part02.gguf",)


def test_a_set_may_count_from_zero() -> None:
    from_zero = only_set("m-00000-of-00003.bin", "m-00002-of-00003.bin")
    assert from_zero.members == {"m-00000-of-00003.bin": 1, "m-00002-of-00003.bin": 3}
    assert from_zero.missing == ("m-00001-of-00003.bin",)
    numbered = only_set("m_00000.bin", "m_00001.bin", "m_00003.bin")
    assert numbered.members == {"m_00000.bin": 1, "m_00001.bin": 2, "m_00003.bin": 4}
    assert numbered.missing == ("m_00002.bin",)


def test_a_number_beyond_the_total_of_a_set_from_one_is_no_member() -> None:
    found = only_set("m-00000-of-00002.bin", "m-00001-of-00002.bin", "m-00002-of-00002.bin")
    assert list(found.members) == ["m-00001-of-00002.bin", "m-00002-of-00002.bin"]


def test_a_number_in_two_spellings_counts_once() -> None:
    found = only_set("m.part01.gguf", "m.part1.gguf", "m.part02.gguf")
    assert found.members == {"m.part01.gguf": 1, "m.part02.gguf": 2}


def test_sets_differ_by_stem_total_and_extension() -> None:
    names = ("a-00001-of-00002.bin", "b-00001-of-00002.bin", "a-00001-of-00003.bin")
    assert len(sets(*names, "a-00001-of-00002.gguf")) == 4


def test_numbered_names_need_two_in_a_row() -> None:
    assert sets("m_00001.bin") == []
    assert sets("m_00001.bin", "m_00003.bin") == []
    assert only_set("m_00001.bin", "m_00002.bin").pattern is ShardPattern.NUMBERED


def test_parts_of_other_things_are_no_models() -> None:
    assert sets("film.part1.rar", "film.part2.rar", "a.zip.part1", "img_00001.png") == []
    assert only_set("anything.part1").stem == "anything"


stems = st.from_regex(r"[A-Za-z][A-Za-z0-9. \-]{0,20}[A-Za-z]", fullmatch=True)


@given(
    stem=stems,
    count=st.integers(2, 40),
    dropped=st.sets(st.integers(1, 40)),
    shape=st.sampled_from(["of", "part", "partof", "part_ext", "part_padded", "numbered"]),
)
def test_whatever_is_dropped_from_a_set_is_named(
    stem: str, count: int, dropped: set[int], shape: str
) -> None:
    names = {
        i: {
            "of": f"{stem}-{i:05d}-of-{count:05d}.safetensors",
            "part": f"{stem}.part{i}",
            "partof": f"{stem}.part{i}of{count}.bin",
            "part_ext": f"{stem}.gguf.part{i}",
            "part_padded": f"{stem}.part{i:03d}.gguf",
            "numbered": f"{stem}_{i:05d}.safetensors",
        }[shape]
        for i in range(1, count + 1)
    }
    present = {i: name for i, name in names.items() if i not in dropped}
    assume(present)
    in_a_row = any(i + 1 in present for i in present)
    assume(shape != "numbered" or in_a_row)
    found = sets(*present.values())
    if shape == "part" and parse_shard_name(names[1]).extension:  # type: ignore[union-attr]  # it is one
        assume(found)  # "a.b.part1" may be a part of something that is no model
    (only,) = found
    known_end = count if shape in ("of", "partof") else max(present)
    assert only.members == {name: i for i, name in present.items()}
    assert list(only.missing) == [names[i] for i in range(1, known_end + 1) if i not in present]


# --- pieces or epochs ----------------------------------------------------------------------------

PATHS = [Path("m_00001.bin"), Path("m_00002.bin"), Path("m_00003.bin")]


def judge(sizes: list[int], tensors: dict[str, set[str]] | None = None, first: int = 1) -> bool:
    def names_of(path: Path) -> frozenset[str] | None:
        found = (tensors or {}).get(path.name)
        return None if found is None else frozenset(found)

    return are_pieces(sizes, PATHS[: len(sizes)], first, names_of if tensors else None)


def test_headers_decide_where_they_can_be_read() -> None:
    disjoint = {"m_00001.bin": {"a", "b"}, "m_00002.bin": {"c"}}
    shared = {"m_00001.bin": {"a", "b"}, "m_00002.bin": {"b", "c"}}
    assert judge([100, 100], disjoint)
    assert judge([100, 100], disjoint, first=7)
    assert not judge([100, 40], shared)
    assert judge([100, 100, 100], {**disjoint, "m_00003.bin": set()})
    assert not judge([100, 100, 40], {**disjoint, "m_00003.bin": {"a"}})


def test_sizes_decide_where_no_header_can_be_read() -> None:
    assert judge([100, 98, 30])
    assert judge([100, 30])
    assert not judge([100, 100, 100]), "files of one size are saved epochs"
    assert not judge([1000, 1001, 999])
    assert not judge([100, 10, 90]), "no limit cuts like that"
    assert not judge([30, 100]), "only the last piece is small"
    assert not judge([100, 30], first=7)
    assert not judge([0, 0])
    assert judge([100, 30], {"m_00001.bin": {"a"}}), "one header alone compares with nothing"


# --- index files ---------------------------------------------------------------------------------


def put_index(path: Path, weight_map: object) -> Path:
    path.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))
    return path


def test_index_files_are_known_by_name() -> None:
    assert index_stem("model.safetensors.index.json") == "model"
    assert index_stem("pytorch_model.bin.index.json") == "pytorch_model"
    assert index_stem("model.safetensors.index.fp16.json") == "model"
    assert index_stem("MODEL.SAFETENSORS.INDEX.JSON") == "MODEL"
    assert index_stem("model_index.json") is None
    assert index_stem("index.json") is None


def test_an_index_names_all_shards(tmp_path: Path) -> None:
    path = put_index(
        tmp_path / "model.safetensors.index.json",
        {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"},
    )
    assert read_shard_index(path).shards == (
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    )


def test_a_set_with_an_index_is_described_by_it(tmp_path: Path) -> None:
    index = "model.safetensors.index.json"
    put_index(tmp_path / index, {"a": "one.safetensors", "b": "two.safetensors"})
    (found,) = shard_sets(tmp_path, [index, "two.safetensors", "three.safetensors"]).sets
    assert found.members == {"two.safetensors": 2}
    assert (found.total, found.missing) == (2, ("one.safetensors",))
    assert found.indexes == (index,)
    assert found.stem == "model"


def test_index_and_numbers_add_up(tmp_path: Path) -> None:
    """An index of two of three shards does not hide that the third is missing, or there."""
    index = "m.safetensors.index.json"
    names = [f"m-{i:05d}-of-00003.safetensors" for i in (1, 2, 3)]
    put_index(tmp_path / index, {"a": names[0], "b": names[1]})
    (found,) = shard_sets(tmp_path, [index, names[0], names[2]]).sets
    assert found.members == {names[0]: 1, names[2]: 3}
    assert found.missing == (names[1],)
    assert found.total == 3


def test_an_index_turns_numbered_names_into_a_set_for_certain(tmp_path: Path) -> None:
    index = "m.safetensors.index.json"
    put_index(tmp_path / index, {"a": "m_00001.safetensors", "b": "m_00002.safetensors"})
    (found,) = shard_sets(tmp_path, [index, "m_00001.safetensors", "m_00002.safetensors"]).sets
    assert found.pattern is None


def test_an_index_without_any_of_its_shards_is_idle(tmp_path: Path) -> None:
    index = "pytorch_model.bin.index.json"
    put_index(tmp_path / index, {"a": "pytorch_model-00001-of-00001.bin"})
    found = shard_sets(tmp_path, [index, "model.safetensors"])
    assert found.sets == ()
    assert [i.name for i in found.idle] == [index]


@pytest.mark.parametrize(
    "name",
    [
        "../model-00001-of-00002.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "..",
        "",
        "a\\b.bin",
        "C:model.bin",
        "a\0.bin",
        "\ud800.bin",
    ],
)
def test_an_index_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = put_index(tmp_path / "model.safetensors.index.json", {"a": "ok.bin", "b": name})
    with pytest.raises(UnsafeNameError) as caught:
        read_shard_index(path)
    assert caught.value.path == str(path)
    assert not is_plain_name(name)
    assert list(shard_sets(tmp_path, [path.name, "ok.bin"]).problems) == [path.name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'{"weight_map": []}',
        b'{"weight_map": {}}',
        b'{"weight_map": {"a": 1}}',
        b'{"weight_map": {"a": null}}',
        b'{"a":' * 100_000,
        b'{"weight_map": {"a": ' + b"9" * 5000 + b"}}",
    ],
)
def test_what_is_no_index_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_bytes(content)
    with pytest.raises(BrokenModelError) as caught:
        read_shard_index(path)
    assert caught.value.path == str(path)


def test_an_index_beyond_every_limit_is_refused(tmp_path: Path) -> None:
    path = put_index(
        tmp_path / "a.bin.index.json", {str(i): f"{i}.bin" for i in range(MAX_SHARDS + 1)}
    )
    with pytest.raises(HeaderLimitError):
        read_shard_index(path)
    with path.open("wb") as stream:
        stream.truncate(MAX_INDEX_BYTES + 1)
    with pytest.raises(HeaderLimitError):
        read_shard_index(path)


def test_an_index_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadableError):
        read_shard_index(tmp_path / "model.safetensors.index.json")


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_an_index_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors.index.json"
    path.write_bytes(content)
    found = shard_sets(path.parent, [path.name, "model.safetensors"])
    assert list(found.problems) in ([], [path.name])
    assert all(is_plain_name(shard) for index in found.idle for shard in index.shards)
