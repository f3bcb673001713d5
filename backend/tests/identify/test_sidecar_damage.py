"""Sidecars that are broken, huge, of wrong types or made to do harm: a warning, never an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_library.identify.grouping import group
from model_library.identify.sidecar_facts import MAX_ITEMS, MAX_NAME, MAX_TEXT
from model_library.identify.sidecars import MAX_SIDECAR_BYTES, SidecarFacts, read_sidecars
from model_library.identify.walk import walk
from tests.identify.sidecar_layouts import civitai_version, facts_of, facts_of_files, lora_manager

JSON_SUFFIXES = ["civitai.info", "metadata.json", "cm-info.json", "swarm.json", "json"]


@pytest.mark.parametrize("suffix", JSON_SUFFIXES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b'"text"',
        b"\xff\xfe\xfd",
        b'{"a":' * 200_000,
        b"[" * 200_000,
        b'{"a": ' + b"1" * 10_000 + b"}",
    ],
)
def test_a_broken_sidecar_is_one_warning_that_names_it(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    facts = facts_of_files(tmp_path, {f"x.{suffix}": content})
    assert len(facts.warnings) == 1
    assert facts.warnings[0].startswith(f"x.{suffix}: ")
    assert SidecarFacts(warnings=facts.warnings) == facts


def test_a_huge_sidecar_is_a_warning(tmp_path: Path) -> None:
    for suffix in (*JSON_SUFFIXES, "txt", "html", "yaml"):
        with (tmp_path / f"x.{suffix}").open("wb") as stream:
            stream.truncate(MAX_SIDECAR_BYTES + 1)
    facts = facts_of(tmp_path)
    assert len(facts.warnings) == 8
    assert all("is larger than" in warning for warning in facts.warnings)


def test_a_sidecar_that_disappeared_is_a_warning(tmp_path: Path) -> None:
    facts_of(tmp_path, x__json={}, x__yaml="")
    (model,) = group(walk([tmp_path])).groups
    (tmp_path / "x.json").unlink()
    (tmp_path / "x.yaml").unlink()
    assert len(read_sidecars(model).warnings) == 2


WRONG: list[object] = [
    None,
    True,
    0,
    -1,
    1e308,
    float("inf"),
    10**400,
    "text",
    [],
    [[]],
    {},
    {"a": 1},
]


@pytest.mark.parametrize("value", WRONG, ids=lambda v: str(v)[:8])
@pytest.mark.parametrize("suffix", JSON_SUFFIXES)
def test_values_of_wrong_types_are_ignored(tmp_path: Path, suffix: str, value: object) -> None:
    whole = {**civitai_version(), **lora_manager(), "modelVersions": [], "Hashes": {}}
    kept = {key: whole[key] for key in ("modelId", "files")} if suffix == "json" else {}
    facts = facts_of_files(tmp_path, {f"x.{suffix}": {**dict.fromkeys(whole, value), **kept}})
    assert all(warning.startswith(f"x.{suffix}: ") for warning in facts.warnings)
    assert not any(h.is_trusted for h in facts.hashes) or kept


def test_a_wrong_type_is_named(tmp_path: Path) -> None:
    info = civitai_version(name=8, trainedWords="w", files={}, nsfwLevel="x", id=[], model=3)
    facts = facts_of(tmp_path, x__civitai__info=info)
    assert set(facts.warnings) == {
        "x.civitai.info: 'name' is not text and was ignored",
        "x.civitai.info: 'trainedWords' is not a list and was ignored",
        "x.civitai.info: 'files' is not a list and was ignored",
        "x.civitai.info: 'nsfwLevel' is not a number and was ignored",
        "x.civitai.info: 'id' is not an id and was ignored",
        "x.civitai.info: 'model' is not an object and was ignored",
    }


def test_everything_has_a_bound(tmp_path: Path) -> None:
    long = "word " * 100_000
    info = civitai_version(
        name=long,
        trainedWords=[f"{i} {long[:2000]}" for i in range(1000)],
        model={"name": long, "tags": [str(i) for i in range(1000)], "description": long},
    )
    manager = {f"k{i}": "v" for i in range(1000)}
    facts = facts_of_files(
        tmp_path,
        {
            "x.civitai.info": info,
            "x.metadata.json": {"usage_tips": json.dumps(manager)[:9990], "notes": long},
            "x.json": {"description": 1, "notes": [1]},
        },
    )
    assert facts.official_name is not None
    assert facts.description is not None
    assert facts.notes is not None
    assert len(facts.official_name) <= MAX_NAME
    assert len(facts.description) <= MAX_TEXT
    assert len(facts.notes) <= MAX_TEXT
    assert len(facts.trigger_words) == len(facts.tags) == MAX_ITEMS
    assert len(facts.source_labels) <= MAX_ITEMS
    assert len(facts.warnings) == 3


texts = st.text(alphabet=st.characters(codec=None), max_size=30) | st.sampled_from(
    ["<p>x</p>", "&lt;script&gt;", "9" * 64, "a, b; c", "\ud800", "\u202e\x1b[0m", "LORA", "Pony"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        *sorted({*civitai_version(), *civitai_version()["model"], *lora_manager()}),
        *("modelVersions", "ModelName", "ModelId", "Hashes", "hashes", "sizeKB", "modelspec.title"),
        *("modelspec.tags", "description", "sd version", "activation text", "sources", "kind"),
    ]
)
documents = st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=4), max_size=8)


@given(document=documents, suffix=st.sampled_from(JSON_SUFFIXES))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_gives_clean_facts(
    tmp_path: Path, document: dict[str, Any], suffix: str
) -> None:
    facts = facts_of_files(tmp_path, {f"x.{suffix}": document, "metadata.json": document})
    shown = [facts.official_name, facts.description, facts.notes, facts.license, facts.family]
    shown += [*facts.tags, *facts.trigger_words, *facts.base_models, *facts.warnings]
    shown += [*facts.source_labels, *facts.source_labels.values()]
    for text in shown:
        if text is not None:
            text.encode()
            assert not any(c < " " and c not in "\n\t" for c in text)
            assert text
    for suffix_used in JSON_SUFFIXES:
        (tmp_path / f"x.{suffix_used}").unlink(missing_ok=True)
