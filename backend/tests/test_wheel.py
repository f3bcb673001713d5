"""What a user gets: the built wheel, in an empty environment, with the locked requirements."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

TOP = Path(__file__).resolve().parents[2]
RUNTIME_LOCK = TOP / "requirements" / "runtime.lock"
WHEELS = Path(sys.prefix) / "wheels"

pytestmark = pytest.mark.xdist_group("wheel")  # one worker builds once for all of them


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The result of a command, run away from the checkout's settings and within two minutes."""
    environment = {name: value for name, value in os.environ.items() if "PYTHON" not in name}
    return subprocess.run(
        command,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked backend."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    result = run(*build, "--outdir", target, TOP)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of commands of an environment that holds the wheel and its requirements."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--no-input", "--python", str(programs / "python")]
    locked = ["--require-hashes", "--requirement", str(RUNTIME_LOCK)]
    if WHEELS.exists():  # made by the set-up; another environment asks the index
        locked += ["--no-index", "--find-links", str(WHEELS)]
    for what in (locked, ["--no-deps", str(wheel)]):
        result = run(*pip, "install", *what)
        assert result.returncode == 0, result.stdout + result.stderr
    return programs


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The smallest true safetensors file: one tensor of four half-precision numbers."""
    tensor = {"weight": {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}}
    header = json.dumps(tensor).encode()
    header += b" " * (-len(header) % 8)
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    return path


def test_the_wheel_holds_the_package_with_its_data_and_licence_and_no_tests(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    package = TOP / "backend" / "model_library"
    expected = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]


def test_the_requirements_of_the_wheel_are_consistent(programs: Path) -> None:
    result = run(sys.executable, "-m", "pip", "--python", programs / "python", "check")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ["model-library", "mlib"])
def test_both_commands_say_their_version_and_help(programs: Path, name: str) -> None:
    version = run(programs / name, "--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.split()[-1] == "0.1.0"
    shown = run(programs / name, "--help")
    assert shown.returncode == 0
    assert "import" in shown.stdout


def test_a_model_is_imported_and_found_in_a_new_library(
    programs: Path, model: Path, tmp_path: Path
) -> None:
    library = {"MODEL_LIBRARY": str(tmp_path / "library")}
    imported = run(programs / "model-library", "import", model, "--json", **library)
    assert imported.returncode == 0, imported.stdout + imported.stderr
    outcome = {name: len(entries) for name, entries in json.loads(imported.stdout).items()}
    assert outcome == {"imported": 1, "duplicates": 0, "skipped": 0, "failed": 0}
    found = json.loads(run(programs / "mlib", "search", "tiny", "--json", **library).stdout)
    assert found["total"] == 1
    assert Path(found["models"][0]["path"]).exists()
