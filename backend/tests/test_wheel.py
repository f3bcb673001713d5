"""What a user gets: the built wheel, in an empty environment, with the locked requirements."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

TOP = Path(__file__).resolve().parents[2]
RUNTIME_LOCK = TOP / "requirements" / "runtime.lock"
VERSION = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
WHEELS = Path(sys.prefix) / "wheels"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The result of a command, run away from the checkout's settings and within four minutes."""
    environment = {name: value for name, value in os.environ.items() if "PYTHON" not in name}
    return subprocess.run(
        command,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked backend."""
    place = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    result = run(*build, "--outdir", place, TOP)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture
def programs(wheel: Path, tmp_path: Path) -> Path:
    """The directory of commands of an environment that holds the wheel and its requirements."""
    venv.create(tmp_path / "environment", with_pip=False)
    programs = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--no-input", "--python", str(programs / "python")]
    locked = ["--require-hashes", "--requirement", str(RUNTIME_LOCK)]
    if WHEELS.exists():  # made by the set-up; another environment asks the index
        locked += ["--no-index", "--find-links", str(WHEELS)]
    for words in (
        ["install", "--no-compile", *locked],
        ["install", "--no-deps", str(wheel)],
        ["check"],
    ):
        result = run(*pip, *words)
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


def test_a_user_installs_the_wheel_and_has_a_library(
    programs: Path, model: Path, tmp_path: Path
) -> None:
    """One test for the whole way, so that the environment is made once."""
    home = {"MODEL_LIBRARY": str(tmp_path / "library")}

    def answer(*words: str | Path) -> Any:
        result = run(programs / "model-library", *words, "--json", **home)
        assert result.returncode == 0, result.stderr
        assert result.stderr.startswith("note: A new library was begun") or not result.stderr
        return json.loads(result.stdout)

    for name in ("model-library", "mlib"):
        version = run(programs / name, "--version")
        assert (version.returncode, version.stderr) == (0, "")
        assert version.stdout == f"model-library {VERSION}\n"
        assert "import" in run(programs / name, "--help").stdout
    outcome = answer("import", model)
    counts = [len(outcome[name]) for name in ("imported", "duplicates", "skipped", "failed")]
    assert counts == [1, 0, 0, 0]
    found = answer("search", "tiny")
    assert found["total"] == 1
    assert Path(found["models"][0]["path"]).is_relative_to(home["MODEL_LIBRARY"])
    again = answer("import", model)
    assert [len(again[name]) for name in ("imported", "duplicates")] == [0, 1]
    assert answer("verify")
    assert answer("status")
    serves_the_pages(programs / "model-library", home)


def serves_the_pages(program: Path, home: dict[str, str]) -> None:
    """They are in the wheel: nothing is built, and there is no Node on this path."""
    command = [str(program), "serve", "--json", "--port", "0"]
    environment = {"PATH": str(program.parent), "HOME": home["MODEL_LIBRARY"]} | home
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            index = urlopen(told["url"], timeout=30).read().decode()  # noqa: S310 # ours
            (script,) = re.findall(r'src="/(assets/[^"]+\.js)"', index)
            assert len(urlopen(told["url"] + script, timeout=30).read()) > 100_000  # noqa: S310
            (icon,) = re.findall(r'href="/([^"]+\.svg)"', index)
            assert urlopen(told["url"] + icon, timeout=30).read().startswith(b"<svg")  # noqa: S310
        finally:
            process.terminate()
            process.wait(timeout=120)
