"""The demo: small models in real formats go through the whole program, as a person would do it.

Everything happens in `.demo/` of the checkout, or in the directory that is given, which is emptied first; the
user's library is not touched.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from model_library.samples.collection import write_collection

HERE = Path(__file__).resolve().parent.parent / ".demo"
DANGEROUS = b"\x80\x02cos\nsystem\nX\x09\x00\x00\x00echo pwnd\x85R."


def run(demo: Path, *arguments: str, expected: int = 0) -> None:
    """Show a command as a person would type it, run it and show what it prints."""
    sys.stdout.write(f"\n$ model-library {shlex.join(arguments)}\n")
    sys.stdout.flush()
    environment = os.environ | {"MODEL_LIBRARY": str(demo / "library"), "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", "model_library", *arguments],
        cwd=demo,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    if done.returncode != expected:
        sys.exit(f"the command ended with {done.returncode} instead of {expected}")


def main(demo: Path) -> None:
    shutil.rmtree(demo, ignore_errors=True)
    downloads = demo / "downloads"
    write_collection(downloads)
    copy = downloads / "xx old folder" / "model_v3_final.safetensors"
    copy.parent.mkdir()
    shutil.copyfile(downloads / "vae" / "vae-ft-mse-840000.safetensors", copy)
    (downloads / "checkpoints" / "broken.safetensors").write_bytes(
        b"not a model, whatever its name"
    )
    (downloads / "checkpoints" / "gift.ckpt").write_bytes(DANGEROUS)

    sys.stdout.write(f"Sample models, made as they would be downloaded: {downloads}\n")
    run(demo, "inspect", "downloads/loras/pixel-art-sd15.safetensors")
    run(demo, "import", "downloads", expected=1)
    run(demo, "import", "downloads/loras", "downloads/llm")
    run(demo, "list")
    run(demo, "search", "flux", "real")
    run(demo, "search", "kind:lora", "family:sd1")
    run(demo, "edit", "pixel-art", "--set", "tags=pixel art,retro", "--set", "notes=My favourite")
    run(demo, "show", "pixel-art")
    run(demo, "delete", "easy-negative")
    run(demo, "restore", "easy-negative")
    run(demo, "scan")
    run(demo, "verify")
    run(demo, "status")
    sys.stdout.write(
        f"\nThe library of this demo is {demo / 'library'}; `make clean` removes it.\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
