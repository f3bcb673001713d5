"""A model file with sidecars beside it, as other programs write them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from model_library.identify.grouping import group
from model_library.identify.sidecars import SidecarFacts, read_sidecars
from model_library.identify.walk import walk

SIZE = 5000
HASH = "AB" * 32
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MTIME = 1_750_000_000


def facts_of(folder: Path, **files: Any) -> SidecarFacts:
    """The facts about `x.safetensors` (SIZE bytes) with these files beside it: keyword `x__json`
    is the file x.json; values that are no text are written as JSON."""
    return facts_of_files(folder, {name.replace("__", "."): v for name, v in files.items()})


def facts_of_files(folder: Path, files: dict[str, Any]) -> SidecarFacts:
    model = folder / "x.safetensors"
    model.write_bytes(bytes(SIZE))
    os.utime(model, (MTIME, MTIME))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
    models = [g for g in group(walk([folder])).groups if g.name == "x"]
    return read_sidecars(models[0])


def civitai_version(**changes: Any) -> dict[str, Any]:
    return {
        "id": 128713,
        "modelId": 4384,
        "name": "8",
        "baseModel": "SD 1.5",
        "baseModelType": "Standard",
        "description": "<p>Minor changes</p>",
        "trainedWords": ["dreamy", " dreamy", "None", "a <lora:x:1> b"],
        "nsfwLevel": 5,
        "air": "urn:air:sd1:checkpoint:civitai:4384@128713",
        "model": {
            "name": "DreamShaper",
            "type": "Checkpoint",
            "nsfw": False,
            "tags": ["anime", "photorealistic"],
            "description": "<p>A <b>general</b> model.<br>Second line &amp; more</p>",
            "creator": {"username": "Lykon"},
            "allowCommercialUse": ["Image", "Sell"],
            "allowNoCredit": True,
        },
        "files": [
            {
                "name": "dreamshaper_8_other.safetensors",
                "sizeKB": 1.0,
                "primary": True,
                "hashes": {"SHA256": "C" * 64},
            },
            {
                "name": "dreamshaper_8.safetensors",
                "sizeKB": SIZE / 1024,
                "hashes": {"AutoV2": "879DB523C3", "SHA256": HASH},
            },
        ],
        **changes,
    }


def lora_manager(**changes: Any) -> dict[str, Any]:
    return {
        "file_name": "x",
        "model_name": "Nice LoRA",
        "size": SIZE,
        "modified": MTIME + 0.5,
        "sha256": HASH.lower(),
        "base_model": "Pony",
        "notes": "my note",
        "tags": ["style"],
        "modelDescription": "<ul><li>one</li><li>two</li></ul>",
        "usage_tips": '{"strength": 0.8, "nested": {}}',
        "sub_type": "locon",
        "civitai": civitai_version(model={"name": "Other", "type": "LORA"}, files=[]),
        **changes,
    }
