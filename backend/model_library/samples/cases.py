"""True headers of known models, and what each of them is.

`headers.json.gz` holds the key names, dtypes and shapes of the files of a number of models, taken from
the model classes with their published configurations. A file written from a case looks to a probe
like the real file and takes no space: its body is a hole.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from model_library.errors import InvalidValueError
from model_library.samples.safetensors_file import TensorSpec, write_safetensors
from model_library.taxonomy import Kind


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case is; any of the families is right, and none given means that none is known."""

    kind: Kind
    families: tuple[str, ...]
    detail: str
    comfyui_folder: str | None
    precision: str


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file of a case: a safetensors header, or a text when `text` is given."""

    path: str
    tensors: tuple[TensorSpec, ...] = ()
    metadata: Mapping[str, str] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SampleCase:
    expected: Expected
    files: tuple[SampleFile, ...]


@cache
def sample_cases() -> Mapping[str, SampleCase]:
    """All cases by name, read once in a process (about 25,000 tensors)."""
    packed = (files("model_library.samples") / "headers.json.gz").read_bytes()
    raw = json.loads(gzip.decompress(packed))
    return MappingProxyType({name: _case(case) for name, case in raw.items()})


def _case(raw: Mapping[str, object]) -> SampleCase:
    match raw:
        case {
            "expected": {
                "kind": str(kind),
                "family": list(families),
                "detail": str(detail),
                "comfyui_folder": str() | None as folder,
                "precision": str(precision),
            },
            "files": list(entries),
        }:
            expected = Expected(Kind(kind), tuple(families), detail, folder, precision)
            return SampleCase(expected, tuple(_file(entry) for entry in entries))
        case _:
            raise InvalidValueError("headers.json.gz holds a case of an unknown shape")


def _file(raw: Mapping[str, object]) -> SampleFile:
    match raw:
        case {"path": str(path), "kind": "text", "text": str(text)}:
            return SampleFile(path, text=text)
        case {"path": str(path), "tensors": list(tensors), "metadata": dict() | None as metadata}:
            specs = tuple((str(n), str(dtype), tuple(shape)) for n, dtype, shape in tensors)
            return SampleFile(path, specs, metadata)
        case _:
            raise InvalidValueError("headers.json.gz holds a file of an unknown shape")


def write_case(case_name: str, directory: Path, *, seed: int | None = None) -> list[Path]:
    """Write the files of a case into `directory` and return their paths, in the case's order.

    Different seeds give different bytes behind equal headers. Raises InvalidValueError for a name
    that is not a case.
    """
    case = sample_cases().get(case_name)
    if case is None:
        raise InvalidValueError(
            f"there is no sample case {case_name!r}", hint=f"One of: {', '.join(sample_cases())}"
        )
    written = []
    for file in case.files:
        path = directory / file.path
        if file.text is None:
            write_safetensors(path, file.tensors, file.metadata, seed=seed)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
        written.append(path)
    return written
