"""Links have the ending of what they lead to, also where the file itself has none."""

from __future__ import annotations

from typing import Any

import pytest

from model_library.link_names import telling_names

BLOB = f"blobs/sha256-{'0' * 64}"


def document(
    *files: tuple[str, str, str], container: str = "gguf", form: str = "single-file"
) -> dict[str, Any]:
    """A model with files of (path, name it was found under, role)."""
    found = [
        {"path": path, "original_name": original, "role": role} for path, original, role in files
    ]
    return {"files": found, "container": container, "form": form}


def test_what_says_its_format_keeps_its_name() -> None:
    files = [
        ("model.gguf", "other.gguf", "weight"),
        ("config", "config", "config"),
        ("mmproj", "mmproj", "companion"),
    ]
    assert telling_names(document(*files)) == {}


def test_what_is_called_by_its_hash_has_the_name_that_it_was_found_under() -> None:
    files = [
        (BLOB, "tiny-1b.gguf", "weight"),
        (BLOB.replace("0", "1"), "mmproj-tiny-1b.gguf", "companion"),
        ("LICENSE", "LICENSE", "companion"),
    ]
    assert telling_names(document(*files)) == {
        BLOB: "tiny-1b.gguf",
        BLOB.replace("0", "1"): "mmproj-tiny-1b.gguf",
    }


@pytest.mark.parametrize(
    ("container", "name", "expected"),
    [
        ("gguf", "weights", "weights.gguf"),
        ("gguf", "deep/er/Llama-3.2", "deep/er/Llama-3.2.gguf"),
        ("safetensors", "model.old", "model.old.safetensors"),
        ("onnx", "model", "model.onnx"),
        ("gguf", ".hidden", ".hidden.gguf"),
        ("gguf", "moDEL.GGUF", "moDEL.GGUF"),
    ],
)
def test_another_gets_the_ending_of_its_format(container: str, name: str, expected: str) -> None:
    names = telling_names(document((name, name, "weight"), container=container))
    assert names.get(name, name) == expected


@pytest.mark.parametrize("container", ["pickle_zip", "pickle_legacy", "torchscript", "other"])
def test_of_what_has_no_ending_of_its_own_none_is_guessed(container: str) -> None:
    assert telling_names(document(("weights", "weights", "weight"), container=container)) == {}


def test_the_data_of_an_onnx_model_keeps_the_name_that_the_model_knows() -> None:
    files = [("model.onnx", "model.onnx", "weight"), ("weights", "weights", "weight")]
    assert telling_names(document(*files, container="onnx")) == {}


def test_no_name_is_unsafe_or_too_long() -> None:
    files = [("w" * 255, "w" * 255, "weight"), (BLOB, "con.gguf", "weight")]
    long, reserved = telling_names(document(*files)).values()
    assert long.endswith(".gguf")
    assert len(long) <= 255
    assert reserved != "con.gguf"
    assert reserved.endswith(".gguf")
