"""Fails on handlers that catch more than their author can have thought of.

Found are, in the files and directories given: `except:`, and `Exception` or `BaseException`,
alone, in a tuple or with a module before it, in `except`, `except*` and `contextlib.suppress`.
Where a thread must hand on whatever stopped it, the line says so, with its reason:

    except BaseException as error:  # catches-all: raised again in the thread that waits
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

BLANKET = {"Exception", "BaseException", "ExceptionGroup", "BaseExceptionGroup"}
ALLOWED = re.compile(r"# catches-all: \S")


def main() -> int:
    options = argparse.ArgumentParser(description="Look for handlers that catch too much.")
    options.add_argument("places", nargs="+", type=Path, help="files and directories")
    places: list[Path] = options.parse_args().places
    found = [line for path in python_files(places) for line in complaints(path)]
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def python_files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def complaints(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    try:
        tree = ast.parse(source, filename=str(path))
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"
        return
    for line, what in blanket_handlers(tree):
        if not ALLOWED.search(lines[line - 1]):
            yield f"{path}:{line}: {what}; name the exceptions that are expected"


def blanket_handlers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and description of each handler that catches everything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif is_blanket(node.type):
                yield node.lineno, f"except {ast.unparse(node.type)}"
        elif (
            isinstance(node, ast.Call)
            and name_of(node.func) == "suppress"
            and any(is_blanket(argument) for argument in node.args)
        ):
            yield node.lineno, ast.unparse(node)


def is_blanket(caught: ast.expr) -> bool:
    if isinstance(caught, ast.Starred):
        return is_blanket(caught.value)
    if isinstance(caught, ast.Tuple):
        return any(is_blanket(each) for each in caught.elts)
    return name_of(caught) in BLANKET


def name_of(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


if __name__ == "__main__":
    sys.exit(main())
