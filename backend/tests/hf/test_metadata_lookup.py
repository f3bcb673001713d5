"""What one repository's listing has to do with a model, and in which order the Hub is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.errors import (
    AccessDeniedError,
    ConnectionFailedError,
    ModelLibraryError,
    RepositoryNotFoundError,
    TokenInvalidError,
)
from model_library.hf.metadata_lookup import CALL_BUDGET, compared, look_up
from model_library.metadata import ModelMetadata
from model_library.providers import Answer, Freshness, RemoteFile, RemoteModel, SearchRequest
from model_library.taxonomy import FileRole, MatchMethod, ModelForm
from tests.models import described, file_fields, sha256_of

EXACT, FUZZY = MatchMethod.FILENAME_EXACT, MatchMethod.FILENAME_FUZZY


def remote(
    path: str, size: int | None = 1000, content: str | None = None, **more: Any
) -> RemoteFile:
    return RemoteFile(path, size, None if content is None else sha256_of(content), **more)


def page(*files: RemoteFile, repo: str = "org/flux", **facts: Any) -> RemoteModel:
    return RemoteModel("huggingface", repo, f"https://hf.example/{repo}", files=files, **facts)


class Shelf:
    """Repositories by name, asked as the Hub is; it answers from memory and counts."""

    def __init__(self, *pages: RemoteModel, errors: dict[str, ModelLibraryError] | None = None):
        self._pages = {one.repo: one for one in pages}
        self._errors = errors or {}
        self.asked: list[str] = []

    @property
    def calls(self) -> int:
        return len(self.asked)

    def search(self, request: SearchRequest) -> Answer[tuple[RemoteModel, ...]]:
        self.asked.append(f"?{request.text}")
        words = request.text.lower().split()
        hits = [one for one in self._pages.values() if all(w in one.repo.lower() for w in words)]
        return Answer(tuple(hits), Freshness.LIVE, 0.0)

    def details(self, repo: str, revision: str | None = None) -> Answer[RemoteModel]:
        assert revision is None
        self.asked.append(repo)
        if repo in self._errors:
            raise self._errors[repo]
        if repo not in self._pages:
            raise RepositoryNotFoundError(f"No {repo}")
        return Answer(self._pages[repo], Freshness.LIVE, 0.0)


def source(repo: str) -> dict[str, str]:
    return {"provider": "huggingface", "repo": repo}


@pytest.mark.parametrize(
    ("file", "method", "sure", "modified"),
    [
        (remote("x/other.bin", 1000, "ours"), MatchMethod.HASH, 1.0, False),
        (remote("flux1-dev.safetensors", 1000), EXACT, 0.9, False),
        (remote("sub/FLUX1-dev.safetensors", 1000, "theirs"), EXACT, 0.75, True),
        (remote("flux1-dev.safetensors", None, "theirs"), EXACT, 0.65, True),
        (remote("flux1-dev.safetensors", 7, "theirs"), EXACT, 0.65, True),
        (remote("flux1-dev-Q4_K_M.gguf", 7, "theirs"), FUZZY, 0.643, False),
        (remote("zebra.safetensors", 7, "theirs"), MatchMethod.NONE, 0.0, False),
    ],
)
def test_one_file_against_one(
    file: RemoteFile, method: MatchMethod, sure: float, modified: bool
) -> None:
    found = compared(described(), page(file, repo="org/zoo"))
    assert (found.method, found.confidence, found.modified) == (method, sure, modified)
    assert (found.remote is None) == (method is MatchMethod.NONE)


def test_a_name_that_every_repository_has_proves_nothing() -> None:
    model = described(file_fields("model.safetensors"), official_name="Kokoro-82M")
    other = compared(model, page(remote("model.safetensors", 5, "theirs"), repo="org/zoo"))
    assert other.method is MatchMethod.NONE
    alike = compared(model, page(remote("model.safetensors", 5, "theirs"), repo="org/Kokoro-82M"))
    assert (alike.method, alike.modified) == (FUZZY, False)
    same_size = compared(model, page(remote("model.safetensors", 1000), repo="org/zoo"))
    assert (same_size.method, same_size.confidence) == (EXACT, 0.9)


def test_all_shards_must_come_from_the_repository() -> None:
    names = [f"llm-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    model = described(
        *(file_fields(name, content=name) for name in names[:2]), missing_files=[names[2]]
    )
    whole = compared(model, page(*(remote(name, 1000, name) for name in names)))
    assert whole.method is MatchMethod.HASH
    assert [file.path for file in whole.missing] == names[2:]
    half = [remote(names[0], 1000, names[0]), remote(names[1], 1000, "another")]
    assert compared(model, page(*half)).modified


def test_a_folder_counts_its_files_by_their_relative_names() -> None:
    names = ["unet/model.safetensors", "vae/model.safetensors"]
    model = described(
        *(file_fields(name, content=name) for name in names),
        file_fields("unet/config.json", 10, role=FileRole.CONFIG),
        form=ModelForm.DIFFUSERS_FOLDER,
        missing_files=["vae/config.json"],
        official_name="pipe",
    )
    files = [remote(name, 1000, name) for name in names]
    files += [remote("unet/config.json", 10), remote("vae/config.json", 12), remote(".hidden", 1)]
    files += [remote("text/tokenizer.json", 5), remote("LICENSE", 5), remote("run.py", 5)]
    found = compared(model, page(*files))
    assert found.method is MatchMethod.HASH
    assert [file.path for file in found.missing] == ["vae/config.json"]
    assert [file.path for file in found.related] == [
        "LICENSE",
        "text/tokenizer.json",
        "vae/config.json",
    ]


def test_related_are_the_files_beside_it_with_its_vae_and_projector() -> None:
    beside = ["q/ae-vae.safetensors", "q/mmproj-f16.gguf", "q/preview.png", "README.md"]
    apart = ["other/config.json", "q/other.gguf"]
    found = compared(
        described(),
        page(remote("q/flux.gguf", 1000, "ours"), *(remote(path, 3) for path in beside + apart)),
    )
    assert sorted(file.path for file in found.related) == sorted(beside)


def test_a_repository_without_files_is_no_match() -> None:
    assert compared(described(), page()).method is MatchMethod.NONE


def test_a_stated_repository_that_has_it_is_the_only_question() -> None:
    shelf = Shelf(page(remote("a.safetensors", 1000, "ours"), repo="org/a"))
    found = look_up(shelf, described(sources=[source("org/a")]))
    assert (found.method, found.calls, shelf.asked) == (MatchMethod.HASH, 1, ["org/a"])


def test_the_search_goes_on_until_the_hash_is_found() -> None:
    shelf = Shelf(
        page(remote("flux1-dev.safetensors", 7, "theirs"), repo="a/flux1-dev", downloads=9),
        page(remote("flux1-dev.safetensors", 1000, "ours"), repo="b/flux1-dev", downloads=5),
        page(remote("flux1-dev.safetensors", 1000, "ours"), repo="c/flux1-dev", downloads=1),
    )
    found = look_up(shelf, described())
    assert found.remote is not None
    assert (found.remote.repo, found.calls) == ("b/flux1-dev", 3)


def test_wrong_hints_leave_room_for_a_search() -> None:
    shelf = Shelf(page(remote("flux1-dev.safetensors", 1000, "ours"), repo="right/flux1-dev"))
    model = described(sources=[source(f"wrong/{number}") for number in range(5)])
    found = look_up(shelf, model)
    assert (found.method, found.calls) == (MatchMethod.HASH, CALL_BUDGET)
    assert found.warnings == ("No wrong/0", "No wrong/1")


def test_a_parent_is_the_origin_only_of_the_very_bytes() -> None:
    parent = page(remote("flux1-dev.safetensors", 7, "theirs"), repo="org/base")
    assert look_up(Shelf(parent), described(lineage="org/base")).method is MatchMethod.NONE
    same = page(remote("base.safetensors", 1000, "ours"), repo="org/base")
    assert look_up(Shelf(same), described(lineage="org/base")).method is MatchMethod.HASH


@pytest.mark.parametrize("error", [ConnectionFailedError("away"), TokenInvalidError("bad")])
def test_a_network_that_fails_is_no_answer(error: ModelLibraryError) -> None:
    shelf = Shelf(errors={"org/a": error})
    with pytest.raises(type(error)):
        look_up(shelf, described(sources=[source("org/a")]))


def test_a_repository_that_is_not_for_us_is_skipped_and_said() -> None:
    shelf = Shelf(errors={"org/a": AccessDeniedError("not for you")})
    found = look_up(shelf, described(sources=[source("org/a")]))
    assert (found.method, found.warnings) == (MatchMethod.NONE, ("not for you",))


names = st.sampled_from(
    ["flux1-dev", "flux1-schnell", "model", "flux", "zebra-7b", "zebra-13b", "a b", "x"]
)
files = st.builds(
    remote,
    st.builds("{}.{}".format, names, st.sampled_from(["safetensors", "gguf", "json"])),
    st.sampled_from([None, 7, 1000]),
    st.sampled_from([None, "ours", "theirs"]),
)
pages = st.builds(
    lambda owner, name, held, downloads: page(
        *{file.path: file for file in held}.values(),
        repo=f"{owner}/{name.replace(' ', '-')}",
        downloads=downloads,
    ),
    st.sampled_from("abc"),
    names,
    st.lists(files, max_size=4),
    st.integers(0, 3),
)
models = st.builds(
    lambda name, repos, lineage: described(
        file_fields(f"{name}.safetensors"), sources=[source(r) for r in repos], lineage=lineage
    ),
    names,
    st.lists(st.sampled_from(["a/flux", "b/model", "no/such"]), max_size=3),
    st.sampled_from([None, "a/flux1-dev"]),
)


@given(models, st.lists(pages, max_size=6))
def test_no_lookup_asks_more_than_its_budget_or_the_same_twice(
    model: ModelMetadata, many: list[RemoteModel]
) -> None:
    shelf = Shelf(*many)
    found = look_up(shelf, model)
    assert found.calls == len(shelf.asked) == len(set(shelf.asked)) <= CALL_BUDGET
    if found.method is MatchMethod.HASH:
        assert found.remote is not None
        assert sha256_of("ours") in {file.sha256 for file in found.remote.files or ()}
