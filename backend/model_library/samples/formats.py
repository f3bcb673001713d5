"""Every writer of a format-true sample file, in one place to import from."""

from __future__ import annotations

from model_library.samples.gguf_file import GgufValue, write_gguf
from model_library.samples.onnx_file import write_onnx
from model_library.samples.safetensors_file import TensorSpec, write_safetensors
from model_library.samples.torch_file import State, write_torch_legacy, write_torch_zip

__all__ = [
    "GgufValue",
    "State",
    "TensorSpec",
    "write_gguf",
    "write_onnx",
    "write_safetensors",
    "write_torch_legacy",
    "write_torch_zip",
]
