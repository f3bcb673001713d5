"""Prints what people call kinds, adapter types and families, as JSON.

The pages have the same names: `frontend/src/strings/names.json` is written from it by `npm run types`.
"""

from __future__ import annotations

import json
import sys

from model_library.display_names import TABLES


def main() -> int:
    sys.stdout.write(json.dumps(TABLES, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
