"""Prints the OpenAPI document of the server, always the same for the same code.

The types of the pages are generated from it. `--check FILE` compares instead, and fails when the file is
another one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from model_library.api.http.app import schema


def main() -> int:
    options = argparse.ArgumentParser(description="Print the OpenAPI document of the server.")
    options.add_argument("--check", metavar="FILE", type=Path, help="compare with this file")
    file: Path | None = options.parse_args().check
    text = json.dumps(schema(), indent=2, sort_keys=True) + "\n"
    if file is None:
        sys.stdout.write(text)
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{file} is not what the server says: write it anew with {sys.argv[0]}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
