"""The checkout's own checks find what they are for; a check that cannot fail protects nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap, check_exceptions, check_leaks
from scripts.bench.measure import Measurement, in_turns, percentile

TOP = Path(__file__).resolve().parents[2]

HANDLERS = """\
try:
    work()
except {caught}:{comment}
    pass
"""


def complaints(tmp_path: Path, source: str) -> list[str]:
    path = tmp_path / "sample.py"
    path.write_text(source, encoding="utf-8")
    return [line.removeprefix(f"{path}:") for line in check_exceptions.complaints(path)]


@pytest.mark.parametrize(
    "caught",
    [
        "Exception",
        "BaseException as error",
        "(OSError, Exception)",
        "builtins.Exception",
        "(ValueError, *(OSError, BaseException))",
    ],
)
def test_a_blanket_handler_is_found_with_its_line(tmp_path: Path, caught: str) -> None:
    (complaint,) = complaints(tmp_path, HANDLERS.format(caught=caught, comment=""))
    assert complaint.startswith("3: except ")


def test_bare_handlers_groups_and_suppress_are_found(tmp_path: Path) -> None:
    source = (
        "try:\n    work()\nexcept:\n    pass\n"
        "try:\n    work()\nexcept* Exception:\n    pass\n"
        "with contextlib.suppress(OSError, Exception):\n    work()\n"
    )
    lines = [complaint.split(";")[0] for complaint in complaints(tmp_path, source)]
    assert sorted(lines) == [
        "3: bare except",
        "7: except Exception",
        "9: contextlib.suppress(OSError, Exception)",
    ]


def test_specific_handlers_and_reasoned_ones_pass(tmp_path: Path) -> None:
    specific = HANDLERS.format(caught="(OSError, errors.ExceptionalFile)", comment="")
    reasoned = HANDLERS.format(
        caught="BaseException", comment="  # catches-all: handed to the waiting thread"
    )
    unreasoned = HANDLERS.format(caught="BaseException", comment="  # catches-all:")
    assert complaints(tmp_path, specific) == []
    assert complaints(tmp_path, reasoned) == []
    assert len(complaints(tmp_path, unreasoned)) == 1


def test_a_file_that_does_not_parse_is_a_complaint(tmp_path: Path) -> None:
    assert complaints(tmp_path, "def broken(:\n")[0].startswith("1: ")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small git checkout with the leak check in it."""
    top = tmp_path / "checkout"
    for name in ("scripts", "requirements", "docs"):
        (top / name).mkdir(parents=True)
    shutil.copy(check_leaks.__file__, top / "scripts")
    subprocess.run(["git", "init", "--quiet", top], check=True)
    return top


def leaks(checkout: Path, **variables: str) -> list[str]:
    command = [sys.executable, "scripts/check_leaks.py"]
    environment = os.environ | variables
    result = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    lines = result.stderr.splitlines()
    assert result.returncode == (1 if lines else 0), result.stderr
    return lines


def test_a_clean_checkout_names_no_machine(checkout: Path) -> None:
    text = (
        "`/home/you/Downloads`, `<library>/roots/models`, https://example.org, /tmp/x, a/home/b/c\n"
    )
    (checkout / "docs" / "guide.md").write_text(text, encoding="utf-8")
    (checkout / "requirements" / "runtime.lock").write_text(
        "rich==15.0.0 \\\n    --hash=sha256:00\n"
    )
    assert leaks(checkout) == []


def test_places_of_this_machine_are_found(checkout: Path) -> None:
    (checkout / "docs" / "guide.md").write_text(
        f"fine\ncd {checkout}/docs\nls /home/{'somebody'}/models\nls {checkout.parent}/other\n",
        encoding="utf-8",
    )
    found = [line.split(": ")[0] for line in leaks(checkout)]
    assert found == ["docs/guide.md:2", "docs/guide.md:3", "docs/guide.md:4"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url pypi",
        "--extra-index-url mirror",
        "--find-links wheels",
        "rich @ https://example.org/rich.whl",
        "rich @ file:///rich.whl",
    ],
)
def test_addresses_in_a_lock_are_found(checkout: Path, line: str) -> None:
    (checkout / "requirements" / "dev.lock").write_text(f"# made\n{line}\n", encoding="utf-8")
    assert [found.split(": ")[0] for found in leaks(checkout)] == ["requirements/dev.lock:2"]


def test_an_index_that_pip_is_set_up_with_is_found_anywhere(checkout: Path) -> None:
    index = "https://packages.example.org/simple"
    (checkout / "docs" / "guide.md").write_text(f"pip install -i {index} x\n", encoding="utf-8")
    assert leaks(checkout, PIP_INDEX_URL=index)[0].startswith("docs/guide.md:1: ")


def test_set_up_is_done_again_only_when_something_it_depends_on_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stamp of an environment fits exactly the state that it was made from."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "set-up.json")
    wanted = bootstrap.state_wanted()
    assert not bootstrap.is_ready(wanted)
    bootstrap.STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    assert not bootstrap.is_ready(wanted)  # the interpreter is gone
    bootstrap.python().parent.mkdir()
    bootstrap.python().touch()
    assert bootstrap.is_ready(wanted)
    for name in wanted:
        assert not bootstrap.is_ready(wanted | {name: "changed"})
    bootstrap.STAMP.write_text("{", encoding="utf-8")
    assert not bootstrap.is_ready(wanted)


def test_a_file_below_the_floor_or_never_imported_fails_the_coverage_check(tmp_path: Path) -> None:
    package = tmp_path / "backend" / "model_library"
    package.mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(TOP / "scripts" / "check_coverage.py", tmp_path / "scripts")
    (package / "__init__.py").touch()
    (package / "good.py").write_text("a = 1\n", encoding="utf-8")
    check = [sys.executable, "scripts/check_coverage.py"]
    measure = [sys.executable, "-m", "coverage", "run", "--source=backend", "use.py"]

    def outcome() -> tuple[int, str]:
        subprocess.run(measure, cwd=tmp_path, check=True, env=environment())
        result = subprocess.run(
            check, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment()
        )
        return result.returncode, result.stdout + result.stderr

    (tmp_path / "use.py").write_text("import backend.model_library.good\n", encoding="utf-8")
    code, text = outcome()
    assert (code, "all 2 files" in text) == (0, True), text
    (package / "poor.py").write_text("def f():\n" + "    a = 1\n" * 9, encoding="utf-8")
    (package / "unknown.py").write_text("a = 1\n", encoding="utf-8")
    (tmp_path / "use.py").write_text(
        "import backend.model_library.good, backend.model_library.poor\n", encoding="utf-8"
    )
    code, text = outcome()
    assert code == 1
    assert "0.0 %  backend/model_library/unknown.py" in text
    assert "10.0 %  backend/model_library/poor.py" in text
    assert "good.py" not in text


def environment() -> dict[str, str]:
    """Without the settings by which coverage measures this very test."""
    return {name: value for name, value in os.environ.items() if "COV" not in name}


def test_a_measurement_is_met_up_to_its_target() -> None:
    assert Measurement("copy", 1.0, "x openssl", target=1.0).met
    assert not Measurement("copy", 1.01, "x openssl", target=1.0).met
    assert Measurement("rsync", 9.0, "x openssl").met


def test_benchmarks_take_turns_and_percentiles_are_samples() -> None:
    order: list[str] = []
    times = in_turns([lambda: order.append("ours"), lambda: order.append("theirs")], rounds=2)
    assert order == ["ours", "theirs", "ours", "theirs"]
    assert len(times) == 2
    assert percentile([4, 1, 3, 2], 50) == 2
    assert percentile([4, 1, 3, 2], 99) == 4
    assert percentile([7], 1) == 7
