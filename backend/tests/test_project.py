"""The checkout keeps its own rules: files present, codes unique, locks exact, files small."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import model_library
from model_library.errors import ModelLibraryError

TOP = Path(__file__).resolve().parents[2]
LOCKS = sorted((TOP / "requirements").glob("*.lock"))
DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"]
DOCUMENTS += ["docs/architecture.md", "docs/library-format.md"]
LONGEST_FILE = 700  # lines; the ideal is 300
PINNED = re.compile(r"^([a-z0-9.-]+)==\S+ \\$", re.MULTILINE | re.IGNORECASE)
HASHED = re.compile(r"^([a-z0-9.-]+)==\S+ \\\n    --hash=sha256:", re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_a_reader_expects_are_there(name: str) -> None:
    assert (TOP / name).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize(
    "document",
    [
        path.relative_to(TOP).as_posix()
        for place in (TOP, TOP / "docs")
        for path in place.glob("*.md")
    ],
)
def test_links_between_the_documents_lead_somewhere(document: str) -> None:
    text = (TOP / document).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert [name for name in targets if not (TOP / document).parent.joinpath(name).exists()] == []


def test_the_public_surface_is_this_short_list() -> None:
    assert sorted(model_library.__all__) == ["Library", "ModelLibraryError"]
    assert all(hasattr(model_library, name) for name in model_library.__all__)


def test_the_changelog_has_a_section_for_the_current_version() -> None:
    changelog = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[(?:Unreleased|{re.escape(version())})\]", changelog, re.MULTILINE)


def version() -> str:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def error_classes(base: type[ModelLibraryError]) -> Iterator[type[ModelLibraryError]]:
    yield base
    for child in base.__subclasses__():
        yield from error_classes(child)


def test_every_error_has_a_code_of_its_own() -> None:
    """Scripts tell errors apart by code, so no two classes share one or inherit it."""
    codes = Counter(each.code for each in error_classes(ModelLibraryError))
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.parametrize(
    "error", list(error_classes(ModelLibraryError)), ids=lambda each: each.code
)
def test_an_error_can_be_shown_and_ends_a_command(error: type[ModelLibraryError]) -> None:
    """The code is kebab-case, the JSON is complete, the exit code is one that is documented."""
    shown = error("what happened", path="where").to_json()
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", shown["code"])
    assert shown["message"] == "what happened"
    assert shown["hint"] == error.default_hint
    assert error.exit_code in {1, 2, 3, 130}


def test_there_is_a_lock_for_users_and_one_for_developers() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.lock", "runtime.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_exact_versions_with_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert PINNED.findall(text)
    assert PINNED.findall(text) == HASHED.findall(text)
    other = [
        line for line in text.splitlines() if not re.match(r"$|#|    --hash=|\S+==\S+ \\$", line)
    ]
    assert other == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_index_and_no_place(lock: Path) -> None:
    assert not re.search(r"://|index|find-links|@ ", lock.read_text(encoding="utf-8"))


def test_the_locks_agree_with_each_other_and_with_pyproject() -> None:
    """What users get is what is tested, and nothing that pyproject.toml asks for is missing."""
    runtime, dev = (set(pins(TOP / "requirements" / name)) for name in ("runtime.lock", "dev.lock"))
    assert runtime < dev
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    tools = project["dependency-groups"]["dev"] + project["build-system"]["requires"]
    assert names(project["project"]["dependencies"]) <= {name for name, _ in runtime}
    assert names(tools) <= {name for name, _ in dev}


def pins(lock: Path) -> list[tuple[str, str]]:
    found = re.findall(r"^(\S+)==(\S+) \\$", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return [(name, pinned) for name, pinned in found]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement)[0].lower() for requirement in requirements}


def test_no_file_grows_past_the_limit() -> None:
    sources = [path for place in ("backend", "scripts") for path in (TOP / place).rglob("*.py")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_make_target_is_explained_to_contributors() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    guide = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)
    assert targets
    assert [target for target in targets if f"make {target}" not in guide] == []
