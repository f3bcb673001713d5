"""The demo: small models in real formats go through the whole program, as a person would do it.

Everything happens in `.demo/` of the checkout, which is emptied first; the user's library is not touched.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from model_library.samples.collection import write_collection

DEMO = Path(__file__).resolve().parent.parent / ".demo"
DANGEROUS = b"\x80\x02cos\nsystem\nX\x09\x00\x00\x00echo pwnd\x85R."


def run(*arguments: str, expected: int = 0) -> str:
    """Show a command as a person would type it, run it and show what it prints."""
    sys.stdout.write(f"\n$ model-library {shlex.join(arguments)}\n")
    sys.stdout.flush()
    environment = os.environ | {"MODEL_LIBRARY": str(DEMO / "library"), "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", "model_library", *arguments],
        cwd=DEMO,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    if done.returncode != expected:
        sys.exit(f"the command ended with {done.returncode} instead of {expected}")
    return done.stdout


def main() -> None:
    shutil.rmtree(DEMO, ignore_errors=True)
    downloads = DEMO / "downloads"
    write_collection(downloads)
    copy = downloads / "xx old folder" / "model_v3_final.safetensors"
    copy.parent.mkdir()
    shutil.copyfile(downloads / "vae" / "vae-ft-mse-840000.safetensors", copy)
    (downloads / "checkpoints" / "broken.safetensors").write_bytes(
        b"not a model, whatever its name"
    )
    (downloads / "checkpoints" / "gift.ckpt").write_bytes(DANGEROUS)

    sys.stdout.write(f"Sample models, made as they would be downloaded: {downloads}\n")
    run("inspect", "downloads/loras/pixel-art-sd15.safetensors")
    run("import", "downloads", expected=1)
    run("import", "downloads/loras", "downloads/llm")
    run("list")
    run("search", "flux", "real")
    run("search", "kind:lora", "family:sd1")
    run("edit", "pixel-art", "--set", "tags=pixel art,retro", "--set", "notes=My favourite")
    run("show", "pixel-art")
    run("delete", "easy-negative")
    run("restore", "easy-negative")
    run("scan")
    run("verify")
    run("status")
    sys.stdout.write(
        f"\nThe library of this demo is {DEMO / 'library'}; `make clean` removes it.\n"
    )


if __name__ == "__main__":
    main()
