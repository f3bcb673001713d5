"""A store as Ollama writes it (model-facts 3.1)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from model_library.samples.gguf_file import write_gguf

TENSORS = [("token_embd.weight", "Q4_K", (64, 256)), ("blk.0.attn_q.weight", "Q4_K", (256, 256))]
HUB = "hf.co/owner/Small-GGUF/Q4_K_M"
OWN = "registry.ollama.ai/library/tiny"


class Ollama:
    """The directory `~/.ollama/models`."""

    def __init__(self, top: Path) -> None:
        self.top = top
        (top / "blobs").mkdir(parents=True)

    def blob(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        (self.top / "blobs" / f"sha256-{digest}").write_bytes(data)
        return f"sha256:{digest}"

    def gguf(self, seed: int, architecture: str = "llama", title: str = "") -> str:
        path = self.top / "new"
        said = {"general.architecture": architecture} | ({"general.name": title} if title else {})
        write_gguf(path, said, TENSORS, seed=seed)
        data = path.read_bytes()
        path.unlink()
        return self.blob(data)

    def manifest(self, name: str, *layers: tuple[str, Any]) -> Path:
        path = self.top / "manifests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        media = "application/vnd.ollama.image."
        named = [{"mediaType": media + end, "digest": digest, "size": 1} for end, digest in layers]
        path.write_text(json.dumps({"schemaVersion": 2, "layers": named}))
        return path
