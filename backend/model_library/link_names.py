"""What the files of a model are called in applications. Pure.

As in the library, but where that name does not say what the file is: applications list files by their endings, and
a file that is only referenced may have none. Ollama's are called by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from model_library.identify.file_roles import weight_extension
from model_library.naming import safe_file_name
from model_library.taxonomy import Container, FileRole

_ENDINGS: Final[Mapping[str, str]] = {
    Container.GGUF: ".gguf",
    Container.SAFETENSORS: ".safetensors",
    Container.ONNX: ".onnx",
}
"""Of the formats that have one. That of a pickle says what it is for, which nobody can know here."""
_OWN_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def telling_names(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Names, by their paths, for those files of a model whose own have no ending of a format.

    It is the name that the file was found under, which for Ollama's is the one that a copy gets as well; else the own
    one, with the ending of the format if it is a weight. `document`: a parsed metadata.json.
    """
    weights = [file for file in document["files"] if file["role"] == FileRole.WEIGHT]
    if any(_says_format(file["path"]) for file in weights):
        return _OWN_NAMES  # one that lies beside it is known to that by its very name (ONNX)
    ending = _ENDINGS.get(document["container"], "")
    return dict(_named(document["files"], ending))


def _named(files: Sequence[Mapping[str, Any]], ending: str) -> Iterator[tuple[str, str]]:
    for file in files:
        if _says_format(file["path"]):
            continue
        found_as = PurePosixPath(file["original_name"]).name
        if _says_format(found_as):
            yield file["path"], safe_file_name(found_as)
        elif ending and file["role"] == FileRole.WEIGHT:
            own = PurePosixPath(file["path"])
            yield file["path"], str(own.with_name(safe_file_name(own.name + ending)))


def _says_format(path: str) -> bool:
    return weight_extension(path.rpartition("/")[2]) is not None
