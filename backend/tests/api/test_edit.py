"""What a person says about a model can be taken back, and is never said of the wrong one of two."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from model_library import Library
from model_library.api.shapes import ModelJson
from model_library.errors import InvalidValueError, ModelTwiceError
from tests.factory import lora, tree


@pytest.fixture
def two(library: Library, tmp_path: Path) -> tuple[str, str]:
    """Ids of two models, `alpha` and `beta`."""
    for number, name in enumerate(("alpha", "beta")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=number)
    imported = library.import_models([tmp_path / "in"])["imported"]
    first, second = sorted(model["model_id"] for model in imported)
    return first, second


def without_time(model: ModelJson) -> dict[str, object]:
    return {name: value for name, value in model.items() if name != "updated"}


def metadata_of(library: Library, model_id: str) -> Path:
    return Path(library.show(model_id)["path"]).parent / "metadata.json"


def test_what_was_set_by_hand_can_be_taken_back(library: Library, two: tuple[str, str]) -> None:
    before = library.show(two[0])
    library.edit(two[0], ["kind=vae", "family=flux1", "official_name=Mine", "tags=a,b"])
    changed = library.edit(two[0], ["family=sdxl", "tags="])
    assert changed["automatic"]["family"]["value"] == before["family"]
    half = library.edit(two[0], unset=["kind", "tags"])
    assert (half["kind"], half["adapter_type"], half["tags"]) == ("adapter", "lora", [])
    assert half["user_set"] == ["family", "official_name"]
    after = library.edit(two[0], ["notes=x"], unset=["family", "official_name"])
    assert after.pop("updated") >= before.pop("updated")
    assert after.pop("automatic") == {"notes": {"value": None, "evidence": None}}
    assert (after.pop("notes"), after.pop("user_set")) == ("x", ["notes"])
    assert after == {name: before[name] for name in after}, "evidence and place are as they were"
    assert library.search("alpha", filters={"family": before["family"]})["total"] == 1


def test_what_was_said_at_the_import_can_be_taken_back(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "a.safetensors")
    (model,) = library.import_models([path], kind="vae", family="flux1")["imported"]
    assert (model["kind"], model["adapter_type"], model["user_set"]) == (
        "vae",
        None,
        ["family", "kind"],
    )
    library.delete(model["model_id"])
    (again,) = library.import_models([path])["imported"]
    assert (again["kind"], again["adapter_type"], again["family"]) == ("vae", None, "flux1")
    found = library.edit(again["model_id"], unset=["kind", "family"])
    assert (found["kind"], found["adapter_type"], found["family"]) == ("adapter", "lora", "sd1")
    assert found["evidence"]["kind"]["method"] == "tensor_keys"
    assert (found["user_set"], found["automatic"]) == ([], {})


def test_only_what_was_set_by_hand_can_be_taken_back(
    library: Library, two: tuple[str, str]
) -> None:
    library.edit(two[0], ["notes=x"])
    for unset, assignments in ((["family"], []), (["nonsense"], []), (["notes"], ["notes=y"])):
        with pytest.raises(InvalidValueError):
            library.edit(two[0], assignments, unset=unset)
    assert library.show(two[0])["notes"] == "x"


def test_a_word_of_an_older_program_is_taken_back_to_unknown(
    library: Library, two: tuple[str, str]
) -> None:
    """It did not keep what had been found."""
    path = metadata_of(library, two[0])
    document = json.loads(path.read_text())
    del document["automatic"]
    document |= {"family": "sdxl", "official_name": "Mine", "license": "mit"}
    document["user_set"] = ["family", "license", "official_name"]
    path.write_text(json.dumps(document))
    shown = library.edit(two[0], unset=document["user_set"])
    assert (shown["family"], shown["license"]) == ("unknown", None)
    assert (shown["official_name"], shown["user_set"]) == ("Mine", [])


@pytest.mark.parametrize("scanned", [False, True])
@pytest.mark.parametrize("place", ["adapter/sd1/zz-copy", "my/own/much/deeper/copy"])
def test_nothing_is_done_to_one_of_two_directories_with_one_id(
    library: Library, two: tuple[str, str], scanned: bool, place: str
) -> None:
    original = metadata_of(library, two[0]).parent
    shutil.copytree(original, library.path / "models" / place)
    if scanned:
        library.scan()
    before = tree(library.path / "models")
    for act in (
        lambda: library.delete(two[0]),
        lambda: library.delete(two[0], purge=True),
        lambda: library.edit(two[0], ["notes=x"]),
    ):
        with pytest.raises(ModelTwiceError, match=place):
            act()
    assert tree(library.path / "models") == before
    library.edit(two[1], ["notes=x"])
    shutil.rmtree(library.path / "models" / place)
    assert library.delete(two[0])["trash"]


def test_tags_are_added_and_removed_beside_those_that_each_model_has(
    library: Library, two: tuple[str, str]
) -> None:
    library.edit(two[0], ["tags=anime,old"])
    done = library.edit_models(two, add_tags=["Line Art, Anime"], remove_tags=["OLD"])
    assert [model["tags"] for model in done["edited"]] == [
        ["anime", "Line Art"],
        ["Line Art", "Anime"],
    ]
    assert done["failed"] == []
    assert library.search(filters={"tag": "line art"})["total"] == 2
    one = library.edit(two[0], ["notes=x"], add_tags=["new"], remove_tags=["anime"])
    assert (one["tags"], one["notes"]) == (["Line Art", "new"], "x")


BEFORE: Sequence[dict[str, list[str]]] = (
    {},
    {"assignments": ["family=flux1", "tags=mine,old", "license=mit"]},
    {"assignments": ["kind=vae", "trigger_words=", "notes=a, b=c", "official_name=My = one"]},
    {"assignments": ["kind=lora", "variant=", "description=two\nlines", "preview=a b.png"]},
    {"assignments": ["adapter_type=lora", "license="]},
)
EDITS: Sequence[dict[str, list[str]]] = (
    {"assignments": ["kind=checkpoint", "family=sdxl"]},
    {"assignments": ["adapter_type=loha", "trigger_words=x,y"]},
    {"add_tags": ["new"], "remove_tags": ["OLD"]},
    {"assignments": ["notes=", "license=apache-2.0", "description=", "official_name=Other"]},
    {"unset": ["kind", "family", "tags", "license", "notes", "official_name", "preview"]},
)


@pytest.mark.parametrize("before", BEFORE)
def test_the_edit_of_many_can_be_undone(
    library: Library, two: tuple[str, str], before: dict[str, list[str]]
) -> None:
    """Also of models of which other things had been said before."""
    if before:
        library.edit_models([two[0]], **before)
    known = [without_time(library.show(model_id)) for model_id in two]
    for words in EDITS:
        done = library.edit_models([*two, two[0]], **words)
        assert len(done["edited"]) == 2
        for undo in done["undo"]:
            assert not library.edit_models(**undo)["failed"]
        assert [without_time(library.show(model_id)) for model_id in two] == known
        named = [model_id for undo in done["undo"] for model_id in undo["model_ids"]]
        assert len(named) == len(set(named))


def test_models_that_need_the_same_words_are_undone_together(
    library: Library, two: tuple[str, str]
) -> None:
    assert library.edit_models(two, ["family=flux1"])["undo"] == [
        {
            "model_ids": [*two],
            "assignments": [],
            "unset": ["family"],
            "as_left": ["family=flux1"],
        }
    ]
    assert library.edit_models(two, ["family=flux1"])["undo"] == [], "they were so already"
    library.edit(two[1], ["family=sdxl"])
    assert library.edit_models([two[1]], ["family=sd1"])["undo"] == [
        {
            "model_ids": [two[1]],
            "assignments": ["family=sdxl"],
            "unset": [],
            "as_left": ["family=sd1"],
        }
    ]


def test_undo_leaves_what_came_after(library: Library, two: tuple[str, str]) -> None:
    """Of the same fields; other fields are no reason to keep a wrong family."""
    first = library.edit_models(two, ["family=sdxl"], add_tags=["a"])["undo"]
    library.edit(two[0], ["family=flux1"])
    library.edit(two[1], ["notes=mine"])
    later = library.show(two[0])
    failed = [one for undo in first for one in library.edit_models(**undo)["failed"]]
    assert [(one["model_id"], one["error"]["code"]) for one in failed] == [(two[0], "edited-since")]
    assert library.show(two[0]) == later
    undone = library.show(two[1])
    assert (undone["family"], undone["tags"], undone["notes"]) == ("sd1", [], "mine")


@pytest.mark.parametrize("words", [["nonsense=1"], ["size=3"], ["family"], ["=x"], [""]])
def test_odd_words_for_what_is_to_be_so_change_nothing(
    library: Library, two: tuple[str, str], words: list[str]
) -> None:
    before = [library.show(model_id) for model_id in two]
    try:
        done = library.edit_models(two, ["notes=x"], as_left=words)
    except InvalidValueError:
        pass
    else:
        assert [one["model_id"] for one in done["failed"]] == [*two]
    assert [library.show(model_id) for model_id in two] == before


def test_what_is_already_so_is_not_written_again(library: Library, two: tuple[str, str]) -> None:
    paths = [metadata_of(library, model_id) for model_id in two]
    before = [path.read_bytes() for path in paths]
    done = library.edit_models(two, remove_tags=["never had"], unset=["notes"])
    assert [model["user_set"] for model in done["edited"]] == [[], []]
    assert [path.read_bytes() for path in paths] == before


def test_of_many_models_those_that_fail_stop_no_other(
    library: Library, two: tuple[str, str]
) -> None:
    original = metadata_of(library, two[0]).parent
    shutil.copytree(original, original.parent / "zz-copy")
    done = library.edit_models(["no-such", *two, two[1]], ["kind=vae", "license=mit"])
    assert [model["model_id"] for model in done["edited"]] == [two[1]]
    assert [(one["model_id"], one["error"]["code"]) for one in done["failed"]] == [
        ("no-such", "model-not-found"),
        (two[0], "model-twice"),
    ]
    changed = library.show(two[1])
    assert (changed["kind"], changed["license"]) == ("vae", "mit")
    assert "/vae/" in changed["path"], "its folder follows"
    assert library.show(two[0])["kind"] == "adapter"


def test_of_many_models_only_words_that_were_set_by_hand_are_taken_back(
    library: Library, two: tuple[str, str]
) -> None:
    library.edit(two[1], ["family=flux1"])
    done = library.edit_models(two, unset=["family"])
    assert [(one["family"], one["user_set"]) for one in done["edited"]] == [("sd1", [])] * 2


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"assignments": ["kind=spaceship"]},
        {"assignments": ["family=Not a family"]},
        {"unset": ["nonsense"]},
        {"assignments": ["notes=x"], "unset": ["notes"]},
        {"add_tags": ["a"], "unset": ["tags"]},
        {"add_tags": ["Anime"], "remove_tags": ["anime"]},
        {"add_tags": ["a\0b"]},
    ],
    ids=str,
)
def test_a_word_that_cannot_be_said_is_one_error_and_changes_no_model(
    library: Library, two: tuple[str, str], words: dict[str, list[str]]
) -> None:
    before = tree(library.path / "models")
    for act in (lambda: library.edit_models(two, **words), lambda: library.edit(two[0], **words)):
        with pytest.raises(InvalidValueError):
            act()
    assert tree(library.path / "models") == before


def test_an_index_that_is_lost_is_rebuilt_for_all_of_them(
    library: Library, two: tuple[str, str]
) -> None:
    for path in library.path.glob("models.db*"):
        path.unlink()
    library.close()
    with Library.open(library.path) as again:
        done = again.edit_models(two, add_tags=["a"])
        assert [model["tags"] for model in done["edited"]] == [["a"], ["a"]]
