"""What people find, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_library.search import finder, match, tally, vocabulary
from model_library.search.fts5 import ModelIndex, Sort, rebuild
from model_library.search.query import parse_query
from tests.search.library import OTHER_ROOT, document, filled, found, model, names, record

LLAMA = model(
    "Llama-3.1-8B-Instruct",
    kind="llm",
    family="llama",
    container="gguf",
    precision="Q4_K_M",
    tags=["text-generation", "conversational"],
    sources=[{"provider": "huggingface", "repo": "bartowski/Llama-3.1-8B-Instruct-GGUF"}],
    size=5_000_000_000,
)
JUGGERNAUT = model(
    "JuggernautXL_v9",
    family="sdxl",
    container="safetensors",
    precision="fp16",
    tags=["photo realistic", "SDXL"],
    description="Café portraits with naïve light, best at 30 steps.",
    size=7_000_000_000,
    security={"tier": "safe-format"},
)
VAE = model("sdxl_vae", kind="vae", family="sdxl", size=300_000_000, license="MIT")
LORA = model(
    "Pixel Art Style",
    kind="adapter",
    adapter_type="lora",
    family="sdxl",
    tags=["anime", "pixel art"],
    trigger_words=["pxlart"],
    notes="made for the juggernaut",
    size=200_000_000,
)
DREAM = model("Dream Shaper 8", family="sd1", tags=["anime"], size=2_000_000_000)
PRUNED = model("v1-5-pruned-emaonly", family="sd1", size=4_000_000_000)
CHINESE = model("麦橘写实 MajicMIX v7", family="sd1", tags=["❤"], size=1)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelIndex]:
    path = tmp_path_factory.mktemp("index") / "models.db"
    index = filled(path, LLAMA, JUGGERNAUT, VAE, LORA, DREAM, PRUNED, CHINESE)
    yield index
    index.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("llama 3.1 q4", ["Llama-3.1-8B-Instruct"]),
        ("Llama-3.1", ["Llama-3.1-8B-Instruct"]),
        ("llama3", ["Llama-3.1-8B-Instruct"]),
        ("llama3.1", ["Llama-3.1-8B-Instruct"]),
        ("LLAMA INSTR", ["Llama-3.1-8B-Instruct"]),
        ("q4km", ["Llama-3.1-8B-Instruct"]),
        ("bartowski", ["Llama-3.1-8B-Instruct"]),
        ("gguf lla", ["Llama-3.1-8B-Instruct"]),
        ("cafe", ["JuggernautXL_v9"]),
        ("café", ["JuggernautXL_v9"]),
        ("cafe\u0301 NAIVE", ["JuggernautXL_v9"]),
        ("sdxl_vae", ["sdxl_vae"]),
        ("sdxl vae", ["sdxl_vae"]),
        ("vae", ["sdxl_vae"]),
        ("sdxlvae", ["sdxl_vae"]),
        ("juggernaut v9", ["JuggernautXL_v9"]),
        ("juggernaut xl", ["JuggernautXL_v9"]),
        ("xl v", ["JuggernautXL_v9"]),
        ("dreamshaper", ["Dream Shaper 8"]),
        ("DreamSh", ["Dream Shaper 8"]),
        ("1.5 pruned", ["v1-5-pruned-emaonly"]),
        ("v1.5", ["v1-5-pruned-emaonly"]),
        ("pxlart", ["Pixel Art Style"]),
        ("写实", ["麦橘写实 MajicMIX v7"]),
        ("majic mix", ["麦橘写实 MajicMIX v7"]),
        ("0a1b2c3d pixel", ["Pixel Art Style"]),
        ("30 ste", ["JuggernautXL_v9"]),
        ("shaper dream", ["Dream Shaper 8"]),
        ("nothing-like-it", []),
        ("llama juggernaut", []),
    ],
)
def test_words_find_models(index: ModelIndex, query: str, expected: list[str]) -> None:
    assert found(index, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"pixel art"', ["Pixel Art Style"]),
        ('"art pixel"', []),
        ('"photo realistic"', ["JuggernautXL_v9"]),
        ('"naïve light"', ["JuggernautXL_v9"]),
        ('"naive lig', ["JuggernautXL_v9"]),
        ('"naive lig"', []),
        ("anime -pixel", ["Dream Shaper 8"]),
        ('anime -"pixel art"', ["Dream Shaper 8"]),
        ("anime -pix", ["Dream Shaper 8", "Pixel Art Style"]),
        ("-anime family:sdxl", ["sdxl_vae", "JuggernautXL_v9"]),
        ("kind:checkpoint -family:sd1", ["JuggernautXL_v9"]),
        ("kind:lora family:sdxl tag:anime size:<4GB", ["Pixel Art Style"]),
        ("kind:adapter", ["Pixel Art Style"]),
        ("kind:lora,vae", ["Pixel Art Style", "sdxl_vae"]),
        ("kind:lora kind:vae", []),
        ("quant:q4_k_m", ["Llama-3.1-8B-Instruct"]),
        ("quant:Q4-K-M", ["Llama-3.1-8B-Instruct"]),
        ("quant:q4*", ["Llama-3.1-8B-Instruct"]),
        ("quant:q4", []),
        ("tag:pixel", []),
        ('tag:"pixel art"', ["Pixel Art Style"]),
        ("tag:pixel-art,conversational", ["Pixel Art Style", "Llama-3.1-8B-Instruct"]),
        ("tag:❤", ["麦橘写实 MajicMIX v7"]),
        ("tag:anime -tag:pixel_art", ["Dream Shaper 8"]),
        ("-tag:unknown vae", ["sdxl_vae"]),
        ("format:gguf", ["Llama-3.1-8B-Instruct"]),
        ("license:mit", ["sdxl_vae"]),
        ("tier:safe-format", ["JuggernautXL_v9"]),
        ("adapter:lora", ["Pixel Art Style"]),
        ("name:juggernaut", ["JuggernautXL_v9"]),
        ("-name:dream,jugg,lla,pix,sdxl,v1", ["麦橘写实 MajicMIX v7"]),
        ("name:❤", []),
        ("file:sdxl_vae.safetensors", ["sdxl_vae"]),
        ("file:shaper_8", ["Dream Shaper 8"]),
        ("file:❤", []),
        ("-file:safetensors", []),
        ("id:PIXEL", ["Pixel Art Style"]),
        ("id:pixel*,sdxl", ["Pixel Art Style", "sdxl_vae"]),
        ("root:5f0c vae", ["sdxl_vae"]),
        ("root:77aa", []),
        ("state:online vae", ["sdxl_vae"]),
        ("state:missing", []),
        ("size:>4.5GB", ["JuggernautXL_v9", "Llama-3.1-8B-Instruct"]),
        ("size:7GB", ["JuggernautXL_v9"]),
        ("size:<1kb,>6GB", ["麦橘写实 MajicMIX v7", "JuggernautXL_v9"]),
        ("-size:<6GB", ["JuggernautXL_v9"]),
        ("size:>99999999TB", []),
    ],
)
def test_phrases_exclusions_and_filters(index: ModelIndex, query: str, expected: list[str]) -> None:
    assert sorted(found(index, query)) == sorted(expected)


def test_a_half_typed_last_word_is_enough_and_only_the_last(index: ModelIndex) -> None:
    assert found(index, "jug") == ["JuggernautXL_v9", "Pixel Art Style"]
    assert found(index, "pix sty") == []
    assert found(index, "pixel sty") == ["Pixel Art Style"]
    assert found(index, "pix* sty") == ["Pixel Art Style"]


def test_a_name_outranks_a_tag_and_a_tag_a_description(tmp_path: Path) -> None:
    index = filled(
        tmp_path / "models.db",
        model("Dragon Tale"),
        model("A Tale", tags=["dragon"]),
        model("B Tale", description="dragon"),
        model("Wyvern and Dragonfly"),
        model("The Dragon"),
        model("Old News"),
        model("Notes", notes="dragons and a dragon"),
    )
    assert found(index, "dragon") == [
        "Dragon Tale",  # begins with it
        "The Dragon",  # a whole word of the name
        "Wyvern and Dragonfly",  # a beginning in the name
        "A Tale",  # a tag
        "Notes",  # anywhere, the latest first
        "B Tale",
    ]


@pytest.mark.parametrize("query", ["vae", "VAE", "va-e", "vae.safetensors", "renamed file"])
def test_an_exact_name_comes_first_however_many_others_match(tmp_path: Path, query: str) -> None:
    exact = document("vae", slug="va-e")
    exact["files"] = [{"path": "weights/renamed_file.gguf", "role": "weight"}]
    others = [model(f"vae number {i}", tags=["renamed", "file"]) for i in range(60)]
    index = filled(tmp_path / "models.db", record(exact), *others)
    page = index.search(parse_query(query), limit=3)
    assert names(page.rows)[0] == "vae"


def test_a_model_id_is_an_exact_name(index: ModelIndex) -> None:
    assert found(index, "sdxl-vae-0a1b2c3d") == ["sdxl_vae"]


def test_results_come_in_pages(tmp_path: Path) -> None:
    models = [model(f"Model {i:03}", added=f"2026-01-01T00:{i:02}:00Z") for i in range(40)]
    index = filled(tmp_path / "models.db", *models)
    for query in ("model", "", "kind:checkpoint", "-kind:vae"):
        everything = found(index, query)
        assert len(everything) == 40
        assert everything[0] == "Model 039"
        pages = [found(index, query, limit=7, offset=start) for start in range(0, 42, 7)]
        assert [name for page in pages for name in page] == everything
        assert found(index, query, offset=40) == []
        page = index.search(parse_query(query), limit=0)
        assert (page.total, page.total_is_exact, page.rows) == (40, True, ())


@pytest.mark.parametrize("query", ["", "anime", "kind:checkpoint", "-kind:llm", "size:>1kb"])
@pytest.mark.parametrize(
    ("sort", "field", "descending"),
    [
        (Sort.NAME, "official_name", False),
        (Sort.NAME_DESC, "official_name", True),
        (Sort.SIZE, "size", True),
        (Sort.SIZE_ASC, "size", False),
        (Sort.ADDED, "added", True),
        (Sort.ADDED_ASC, "added", False),
        (Sort.UPDATED, "updated", True),
        (Sort.UPDATED_ASC, "updated", False),
    ],
)
def test_sorting(tmp_path: Path, query: str, sort: Sort, field: str, descending: bool) -> None:
    documents = [
        document(
            name,
            size=10_000 + i * 7 % 5,
            added=f"2026-02-0{1 + i * 3 % 5}T00:00:00+00:00",
            updated=f"2026-03-01T00:00:00.00000{i * 2 % 5}Z",
            tags=["anime"],
        )
        for i, name in enumerate(("delta", "Alpha", "charlie", "Écho", "bravo"))
    ]
    index = filled(tmp_path / "models.db", *map(record, documents))

    def key(one: dict[str, Any]) -> Any:
        value = one[field]
        return value.lower().replace("é", "e") if field == "official_name" else value

    expected = [d["official_name"] for d in sorted(documents, key=key, reverse=descending)]
    assert found(index, query, sort=sort) == expected
    assert found(index, query, sort=sort, limit=2, offset=1) == expected[1:3]


def test_the_walk_of_an_index_finds_what_gathering_finds(tmp_path: Path) -> None:
    models = [
        model(f"M{i}", size=i * 37 % 101, tags=["even"] if i % 2 == 0 else ["odd", "rare"])
        for i in range(100)
    ]
    index = filled(tmp_path / "models.db", *models)
    for query in ("tag:even", "tag:odd -tag:rare", "tag:even,odd -tag:x", "size:>50", "-tag:even"):
        few = [found(index, query, sort=Sort.SIZE, limit=1, offset=i) for i in range(100)]
        everything = found(index, query, sort=Sort.SIZE, limit=10_000)
        assert [name for page in few for name in page] == everything


def test_totals_are_exact_until_counting_costs_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = filled(tmp_path / "models.db", *[model(f"M {i}", tags=["t"]) for i in range(30)])
    monkeypatch.setattr(finder, "TOTAL_CAP", 10)
    monkeypatch.setattr(finder, "CONDITION_CAP", 10)
    page = index.search(parse_query("m"), limit=5)
    assert (page.total, page.total_is_exact) == (10, False)
    assert index.search(parse_query("m"), limit=50).total == 30  # all were on the page
    assert index.search(parse_query("tag:t"), limit=5).total == 30  # counted as they were put in
    page = index.search(parse_query("m size:>1"), limit=8, offset=4)
    assert (page.total, page.total_is_exact) == (12, False)


def test_counting_stops_where_everything_is_frequent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_SAMPLED", 1)
    monkeypatch.setattr(tally, "_FREQUENT", 5)
    monkeypatch.setattr(finder, "MANY", 10)
    models = [model(f"Common {i}", description="words", tags=["t"]) for i in range(40)]
    rebuild(tmp_path / "models.db", [*models, model("Common rare word", description="words")])
    index = ModelIndex.open(tmp_path / "models.db")
    for query in ("common words", "common tag:t", "kind:checkpoint tag:t"):
        page = index.search(parse_query(query), limit=3)
        assert 8 <= page.total <= 11
        assert not page.total_is_exact
        assert index.search(parse_query(query), limit=3, offset=37).total == 40
    ranked = found(index, "common wor")  # the latest are put in order, the others follow
    assert ranked[0] == "Common rare word"
    assert len(set(ranked)) == 41
    page = index.search(parse_query("common rare"), limit=0)
    assert (page.total, page.total_is_exact) == (1, True)


def test_facets_count_the_result(index: ModelIndex) -> None:
    counts = index.search(parse_query("anime"), limit=1, facets=True).facets
    assert counts["kind"] == {"checkpoint": 1, "adapter": 1}
    assert counts["family"] == {"sd1": 1, "sdxl": 1}
    assert counts["tags"] == {"anime": 2, "pixel art": 1}
    assert counts["state"] == {"online": 2}
    assert list(counts["root"].values()) == [2]
    assert counts["container"] == {}


def test_facets_of_everything_and_of_nothing(index: ModelIndex) -> None:
    counts = index.search(parse_query(""), limit=1, facets=True).facets
    assert counts["kind"] == {"checkpoint": 4, "adapter": 1, "llm": 1, "vae": 1}
    assert counts["tier"] == {"safe-format": 1}
    assert counts["precision"] == {"Q4_K_M": 1, "fp16": 1}
    filtered = index.search(parse_query("size:>4.5GB"), limit=1, facets=True).facets
    assert filtered["kind"] == {"checkpoint": 1, "llm": 1}
    nothing = index.search(parse_query("tag:none"), limit=1, facets=True).facets
    assert nothing.keys() == counts.keys()
    assert not any(nothing.values())
    assert index.search(parse_query("anime"), limit=1).facets == {}


def test_facets_name_the_most_frequent_values(tmp_path: Path) -> None:
    models = [model(f"M{i}", tags=[f"t{j}" for j in range(i, 40)]) for i in range(40)]
    index = filled(tmp_path / "models.db", *models)
    for query in ("", "m"):
        counts = index.search(parse_query(query), limit=1, facets=True).facets["tags"]
        assert list(counts.items())[:2] == [("t39", 40), ("t38", 39)]
        assert len(counts) == 20


def test_states_and_roots_are_filters(tmp_path: Path) -> None:
    index = filled(
        tmp_path / "models.db",
        model("here"),
        record(document("gone"), state="missing"),
        record(document("away"), root_id=OTHER_ROOT, state="offline"),
    )
    assert found(index, "state:missing,offline") == ["away", "gone"]
    assert found(index, "-state:online") == ["away", "gone"]
    assert found(index, "root:77AA") == ["away"]
    assert found(index, "-root:77aa") == ["gone", "here"]
    index.set_state("gone-0a1b2c3d", "online")
    assert found(index, "state:missing") == []


def test_frequent_words_are_asked_for_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_SAMPLED", 1)
    monkeypatch.setattr(tally, "_FREQUENT", 20)
    models = [model(f"style{i:02} Portrait", description="styled", tags=["x"]) for i in range(30)]
    rebuild(tmp_path / "models.db", [*models, model("Stylish"), model("Styles")])
    index = ModelIndex.open(tmp_path / "models.db")
    queries = ("style", "styles", "portr", "styli", "style07", "stylex", "styl portr", "-styled")
    before = [found(index, query) for query in queries]
    monkeypatch.setattr(vocabulary, "MANY_ENTRIES", 0)
    monkeypatch.setattr(match, "INDEXED_PREFIX", 4)
    after = [found(index, query) for query in queries]
    monkeypatch.setattr(vocabulary, "_MAX_EXPANSION", 2)
    assert before == after == [found(index, query) for query in queries]
    assert [len(names) for names in after] == [31, 1, 30, 1, 1, 0, 0, 2]


def test_took_ms_is_the_time_of_the_search(index: ModelIndex) -> None:
    assert 0 < index.search(parse_query("anime"), limit=5).took_ms < 60_000
