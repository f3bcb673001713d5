"""The drawing in docs/architecture.md is what the imports of the package really look like."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PACKAGE = TOP / "backend" / "model_library"


def test_imports_point_down_the_layers() -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(
        command,
        cwd=TOP,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    "module",
    sorted(path.stem for path in PACKAGE.glob("[!_]*") if path.suffix in {"", ".py"}),
)
def test_every_module_has_its_place_in_the_architecture(module: str) -> None:
    """A new module or folder of the package appears in docs/architecture.md."""
    drawn = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{module}(?:\.py|/)", drawn)
