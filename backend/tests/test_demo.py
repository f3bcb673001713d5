"""The demo does what the README says: a person sees every step, and nothing of theirs is touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from model_library import Library
from model_library.samples.collection import write_collection
from tests.io.mounts import uncounted

DEMO = Path(__file__).resolve().parents[2] / "scripts" / "demo.py"


def test_the_demo_shows_every_step(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(DEMO), str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=240,
        env=uncounted(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (
        "$ model-library import downloads",
        "(checkpoint, sd1, F16, 2.0 GiB)",
        "(llm, llama, Q4_K_M",
        "duplicate of vae-ft-mse-840000-",
        "not a model file",
        "can run code: os.system",
        "restored easy-negative-",
        "0 damaged, 0 offline",
    ):
        assert text in done.stdout


def test_every_sample_is_known(tmp_path: Path) -> None:
    write_collection(tmp_path)
    models = Library.inspect([tmp_path])["models"]
    assert {model["name"]: model["kind"] for model in models} == {
        "v1-5-pruned-emaonly": "checkpoint",
        "pixel-art-sd15": "adapter",
        "flux-realism": "adapter",
        "vae-ft-mse-840000": "vae",
        "easy-negative": "embedding_ti",
        "RealESRGAN_x4plus": "upscaler",
        "4x-old-style": "upscaler",
        "tinyllama-1.1b-chat.Q4_K_M": "llm",
        "small-llm": "llm",
    }
