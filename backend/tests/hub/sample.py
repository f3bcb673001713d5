"""A Hub with a handful of repositories to try the program on by hand: `python -m tests.hub.sample`.

It prints the variable to set, and serves until Ctrl-C.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

from model_library.samples.collection import write_collection
from model_library.samples.formats import GgufValue, write_gguf
from tests.hub.repos import HubRepo, hub_repo
from tests.hub.server import running_hub


def sample_repos(scratch: Path) -> list[HubRepo]:
    """Repositories of the shapes that people meet; the large files are written below `scratch`."""
    write_collection(scratch)
    gguf = _gguf(scratch / "small.gguf")
    lora = (scratch / "loras" / "pixel-art-sd15.safetensors").read_bytes()
    readme = b"---\nlicense: apache-2.0\n---\n# A model\n"
    shards = {path.name: path for path in sorted((scratch / "llm").glob("small-llm-*"))}
    upscaler = scratch / "upscalers" / "4x-old-style.pth"
    return [
        hub_repo(
            "sample/TinyLlama-1.1B-Chat-GGUF",
            {
                "README.md": readme,
                "tinyllama-1.1b-chat.Q4_K_M.gguf": gguf,
                "tinyllama-1.1b-chat.Q8_0.gguf": gguf[:-1] + b"\x01",
            },
            licence="apache-2.0",
            downloads=120_000,
            likes=300,
            pipeline_tag="text-generation",
            tags=("gguf",),
            base_model="TinyLlama/TinyLlama-1.1B-Chat-v1.0",
            base_relation="quantized",
        ),
        hub_repo(
            "sample/pixel-art",
            {"README.md": readme, "pixel-art-sd15.safetensors": lora},
            licence="creativeml-openrail-m",
            downloads=4_500,
            likes=77,
            pipeline_tag="text-to-image",
            tags=("lora", "diffusers"),
            base_model="runwayml/stable-diffusion-v1-5",
            base_relation="adapter",
            card={"instance_prompt": "pixel art"},
        ),
        hub_repo(
            "sample/small-llm",
            {"README.md": readme, "config.json": b'{"model_type": "llama"}', **shards},
            licence="apache-2.0",
            downloads=900,
            pipeline_tag="text-generation",
            library_name="transformers",
        ),
        hub_repo(
            "sample/upscaler",
            {"4x-old-style.pth": upscaler},
            downloads=10,
        ),
        hub_repo(
            "sample/gated-model",
            {"README.md": readme, "gated.safetensors": lora[:-1] + b"\x02"},
            gated="manual",
            downloads=5,
        ),
    ]


def _gguf(path: Path) -> bytes:
    """A language model of some 18 MB in the true format."""
    tensors = [
        ("token_embd.weight", "F16", (8000, 1024)),
        ("blk.0.attn_q.weight", "Q4_K", (1024, 1024)),
        ("output.weight", "Q6_K", (2048, 1024)),
    ]
    facts: dict[str, GgufValue] = {
        "general.architecture": "llama",
        "general.name": "TinyLlama 1.1B Chat",
        "general.file_type": 15,
    }
    write_gguf(path, facts, tensors, seed=2)
    return path.read_bytes()


def padded_gguf(path: Path, size: int) -> Path:
    """A language model of at least `size` bytes whose weights are a hole."""
    blocks = size // (4096 * 1024 * 2) + 1
    tensors = [(f"blk.{number}.ffn_down.weight", "F16", (4096, 1024)) for number in range(blocks)]
    facts: dict[str, GgufValue] = {"general.architecture": "llama", "general.file_type": 1}
    write_gguf(path, facts, tensors)
    return path


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch, running_hub(sample_repos(Path(scratch))) as hub:
        sys.stdout.write(f"export HF_ENDPOINT={hub.endpoint}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    sys.exit(main())
