"""The command line before a test Hub: as a program of its own, or in this process with less patience.

Also the small repositories that are on that Hub, and what has to be true after whatever went wrong.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from model_library import Library
from model_library.api import core
from model_library.config import NetworkSettings, Settings
from model_library.hf import file_download, part_file, range_fetching
from model_library.hf.environment import network_settings
from model_library.hf.file_download import Patience
from model_library.network import manager
from model_library.samples.formats import write_gguf, write_safetensors
from model_library.store import STAGING
from tests.cli.program import Result, document, run_here
from tests.factory import lora, shards
from tests.hub import Hub, HubRepo, HubUser, hub_repo

GGUF, LORA, SHARDED, PIPELINE, GATED = (
    "org/tiny-chat-GGUF",
    "org/pixel-art",
    "org/small-llm",
    "org/picture-maker",
    "org/gated-model",
)
QUANT = "tiny-chat.Q4_K_M.gguf"
TOKEN = "hf_SecretOfThisTest"  # noqa: S105 - of the test Hub
FRIEND = HubUser("friend", TOKEN)
IMPATIENT = Patience(stalled_after=0.6, slow_after=0.4, slow_rate=2000, tries=3, backoff=0.01)
HURRIED = {"call_budget": 3.5, "read_timeout": 0.8, "connect_timeout": 0.8}


def tiny_repos(scratch: Path) -> list[HubRepo]:
    """A repository of each shape; some 100 KB together."""
    readme = b"---\nlicense: apache-2.0\n---\n# A model\n"
    chat = _chat(scratch / "chat.gguf")
    art = lora(scratch / "pixel-art.safetensors").read_bytes()
    parts = {path.name: path.read_bytes() for path in shards(scratch / "llm", 3)}
    return [
        hub_repo(
            GGUF,
            {"README.md": readme, QUANT: chat, "tiny-chat.Q8_0.gguf": chat[:-1] + b"\x01"},
            licence="apache-2.0",
            downloads=1200,
            pipeline_tag="text-generation",
            tags=("gguf",),
        ),
        hub_repo(
            LORA,
            {"README.md": readme, "pixel-art.safetensors": art},
            licence="openrail",
            downloads=300,
            pipeline_tag="text-to-image",
            tags=("lora",),
            card={"instance_prompt": "pixel art"},
        ),
        hub_repo(
            SHARDED,
            {"README.md": readme, "config.json": b'{"model_type": "llama"}', **parts},
            licence="apache-2.0",
            library_name="transformers",
        ),
        hub_repo(PIPELINE, _pipeline(scratch / "pipeline"), library_name="diffusers"),
        hub_repo(GATED, {"gated.safetensors": art[:-1] + b"\x02"}, gated="manual"),
    ]


def _chat(path: Path) -> bytes:
    tensors = [
        ("token_embd.weight", "F16", (64, 256)),
        ("blk.0.attn_q.weight", "Q4_K", (64, 256)),
        ("output.weight", "Q6_K", (64, 256)),
    ]
    facts = {"general.architecture": "llama", "general.name": "Tiny", "general.file_type": 15}
    write_gguf(path, facts, tensors, seed=2)  # type: ignore[arg-type] # an invariant dict
    return path.read_bytes()


def _pipeline(folder: Path) -> dict[str, bytes]:
    """A diffusers folder."""
    (folder / "unet").mkdir(parents=True)
    (folder / "vae").mkdir()
    unet = [("down_blocks.0.attentions.0.proj_in.weight", "F16", (32, 32))]
    vae = [("decoder.conv_in.weight", "F16", (32, 16)), ("encoder.conv_in.weight", "F16", (32, 16))]
    write_safetensors(folder / "unet/diffusion_pytorch_model.safetensors", unet, seed=5)
    write_safetensors(folder / "vae/diffusion_pytorch_model.safetensors", vae, seed=6)
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "unet/config.json").write_text('{"_class_name": "UNet2DConditionModel"}')
    (folder / "vae/config.json").write_text('{"_class_name": "AutoencoderKL"}')
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@dataclass(frozen=True)
class Terminal:
    """A library and the Hub that its environment names."""

    home: Path
    hub: Hub
    more: Mapping[str, str] = field(default_factory=dict)
    children: list[subprocess.Popen[str]] = field(default_factory=list)
    """What was started, to be ended with the test."""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if "OFFLINE" not in name}
        set_here = {
            "MODEL_LIBRARY": str(self.home),
            "HF_ENDPOINT": self.hub.endpoint,
            "COLUMNS": "200",
        }
        if self.hub.ca_file is not None:
            set_here["SSL_CERT_FILE"] = str(self.hub.ca_file)
        return kept | set_here | dict(self.more)

    def having(self, **variables: str) -> Terminal:
        return replace(self, more={**self.more, **variables})

    def start(self, *arguments: str, script: str | None = None) -> subprocess.Popen[str]:
        """The program, or Python code that calls it, beside the test; to be waited for."""
        program = ("-m", "model_library") if script is None else ("-c", script)
        child = subprocess.Popen(
            [sys.executable, *program, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children.append(child)
        return child

    def mlib(self, *arguments: str, script: str | None = None) -> Result:
        """The program in a process of its own."""
        with self.start(*arguments, script=script) as child:
            stdout, stderr = child.communicate(timeout=60)
        return Result(child.args, child.returncode, stdout, stderr)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one JSON document of a command, from a process of its own."""
        return document(self.mlib(*arguments, "--json"), code)

    def here(self, *arguments: str, **network: Any) -> Result:
        """The same command in this process; `network` are fields of NetworkSettings."""
        settings = replace(network_settings(self.environment), **{**HURRIED, **network})
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MODEL_LIBRARY", str(self.home))
            patch.setenv("COLUMNS", "200")
            patch.setattr(core, "Settings", lambda: Settings(network=settings))
            return run_here(*arguments)

    def json_here(self, *arguments: str, code: int = 0, **network: Any) -> Any:
        return document(self.here(*arguments, "--json", **network), code)

    def end(self) -> None:
        """Nothing that was started goes on."""
        for child in self.children:
            child.kill()
            child.communicate()

    # --- what is there afterwards

    def staged(self) -> list[str]:
        """Names in the staging directory."""
        return sorted(path.name for path in (self.home / "models" / STAGING).glob("*"))

    def parts(self) -> list[str]:
        """Names of files that have not arrived whole."""
        return sorted(path.name for path in (self.home / "models" / STAGING).rglob("*.part"))

    def models(self) -> list[dict[str, Any]]:
        settings = Settings(network=NetworkSettings(offline=True))
        with Library.open(self.home, settings=settings) as library:
            return [dict(model) for model in library.list(limit=1000)["models"]]

    def check_every_file(self) -> None:
        """What is in the library has the hash that the library says, and one that the Hub knows."""
        settings = Settings(network=NetworkSettings(offline=True))
        with Library.open(self.home, settings=settings) as library:
            assert library.verify()["damaged"] == []
        repos = self.hub.holdings().repos.values()
        known = {
            one.sha256 for repo in repos for commit in repo.commits for one in commit.files.values()
        }
        for model in self.models():
            place = Path(model["path"])
            folder = place if place.is_dir() else place.parent
            for file in model["files"]:
                held = (folder / file["path"]).read_bytes()
                assert hashlib.sha256(held).hexdigest() == file["sha256"]
                assert file["sha256"] in known


def is_one_clear_message(
    done: Result, secrets: tuple[str, ...] = (TOKEN, "X-Amz", "Signature")
) -> str:
    """What the command complains of: one message with a hint, without what nobody may see. Returns it."""
    text = done.stderr
    assert "Traceback" not in text
    assert not any(secret in text + done.stdout for secret in secrets)
    errors = [line for line in text.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, text
    rest = text[text.index(errors[0]) :].splitlines()
    assert len(rest) >= 2, f"no hint: {text}"
    assert all(len(line) < 700 for line in rest), text
    return errors[0].removeprefix("error: ")


@contextmanager
def hurried() -> Iterator[None]:
    """Downloads in this process give a connection up soon, and small files are fetched in several ranges."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(_defaults(), "patience", IMPATIENT)
        patch.setattr(manager, "DOWNLOAD_READ_TIMEOUT", 0.6)
        patch.setattr(range_fetching, "PIECE", 8 * 1024)
        patch.setattr(range_fetching, "PARALLEL_FROM", 1024)
        patch.setattr(part_file, "CHECKPOINT_PAUSE", 0.0)
        patch.setattr(part_file, "CHECKPOINT_BYTES", 0)
        yield


def _defaults() -> dict[str, Any]:
    found = file_download.fetch.__kwdefaults__
    assert found is not None
    return found
