"""How much a header may claim before reading it could hurt.

Each number says its unit, who uses it and why it is enough: well above what real models need, and low
enough that a hostile file costs seconds and some hundred megabytes at the most.
"""

from __future__ import annotations

MAX_TENSORS = 500_000
"""Tensors of one file, every format. The largest published models have about 200,000."""

MAX_DIMENSIONS = 64
"""Dimensions of one tensor in pickles and ONNX; NumPy and PyTorch cannot make more."""

MAX_TEXT = 65_536
"""Characters kept of one metadata text (GGUF, ONNX). A long chat template has about 20,000."""

# --- safetensors -----------------------------------------------------------------------------------

SAFETENSORS_MAX_HEADER = 100_000_000
"""Bytes of the JSON header. The cap of the reference library: what is larger loads nowhere."""

SAFETENSORS_MAX_OBJECTS = MAX_TENSORS + 500_000
"""Opening braces in a header, those inside of training metadata included."""

SAFETENSORS_MAX_ARRAYS = 2 * MAX_TENSORS + 500_000
"""Opening brackets in a header: two a tensor, and those inside of training metadata."""

SAFETENSORS_MAX_COMMAS = 12 * MAX_TENSORS
"""Commas in a header: about eight a tensor. Bounds the numbers that the JSON parser makes."""

# --- GGUF ------------------------------------------------------------------------------------------

GGUF_MAX_KEYS = 100_000
"""Keys of one file, as the GGUF reader of huggingface.js limits them."""

GGUF_MAX_KEY_BYTES = 65_535
"""Bytes of one key, from the specification (2^16 - 1)."""

GGUF_MAX_STRING = 10_000_000
"""Bytes of one string, as huggingface.js limits them; ggml itself allows 1 GiB."""

GGUF_MAX_ARRAY = 1_000_000
"""Elements of one array of strings or arrays. The largest vocabulary has about 260,000."""

GGUF_MAX_ELEMENTS = 3_000_000
"""Strings and nested arrays of all arrays of a file together: they are walked one by one."""

GGUF_MAX_NESTING = 4
"""Arrays in arrays, as huggingface.js limits them."""

GGUF_MAX_HEADER = 256 << 20
"""Bytes before the tensor data. The largest seen are about 30 MB, vocabulary and merges."""

GGUF_MAX_DIMENSIONS = 8
"""Dimensions of one tensor, as huggingface.js limits them; ggml itself stops at 4."""

GGUF_MAX_NAME = 1024
"""Bytes of a tensor name. ggml stops at 63, builds for image models at 127."""

# --- pickles and the archives that hold them -------------------------------------------------------

PICKLE_MAX_BYTES = 64 << 20
"""Bytes of one pickle without its tensors. Full training checkpoints have about 10 MB."""

PICKLE_MAX_OPCODES = 2_000_000
"""Opcodes of all pickles of a file. 35 a tensor: 57,000 tensors, or some seconds."""

PICKLE_MAX_LINE = 65_536
"""Bytes of one line of a text opcode (protocols 0 and 1)."""

PICKLE_MAX_STACK = 500_000
"""Values on the stack and in the memo; a real pickle holds some thousands."""

PICKLE_MAX_IN_A_ROW = 64
"""Pickles one after another in one file; the legacy format of PyTorch has five."""

PICKLE_MAX_DEPTH = 64
"""Containers in containers when tensors are looked for; deep networks nest about 20."""

PICKLE_MAX_NODES = 500_000
"""Values visited when tensors are looked for: shared parts are visited again at each place."""

PICKLE_MAX_NAME = 4096
"""Characters of a tensor name with all its prefixes."""

ZIP_MAX_MEMBERS = 500_000
"""Members of one archive: PyTorch writes one a tensor."""

ZIP_MAX_DIRECTORY = 128 << 20
"""Bytes of an archive's directory: about 100 a member."""

TAR_MAX_MEMBERS = 64
"""Members looked at; the format of PyTorch 0.1 has four."""

# --- ONNX ------------------------------------------------------------------------------------------

ONNX_MAX_FIELDS = 2_000_000
"""Protobuf fields walked; a graph of 20,000 nodes has about 300,000."""

ONNX_MAX_NESTING = 16
"""Graphs in the nodes of graphs (If, Loop); real models nest two or three."""

ONNX_MAX_NAME = 4096
"""Bytes of one name: tensor, graph, operator domain, file."""

ONNX_MAX_STRING = 1 << 20
"""Bytes of one metadata text."""

ONNX_MAX_TEXT = 64 << 20
"""Bytes of all names and texts of a file together."""

ONNX_MAX_PROPERTIES = 1000
"""Metadata properties, and operator domains; real models have some dozens."""

ONNX_MAX_FILES = 100_000
"""Files of external data; some exporters write one a tensor."""
