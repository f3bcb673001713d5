/** The words for values of the library: states, kinds, placements. */
import names from "./names.json";

export const words = {
  methods: {
    user: "your own word",
    hash_lookup: "these exact bytes at a provider",
    tensor_keys: "the tensors in the file",
    gguf_kv: "the GGUF header",
    config_json: "its config.json",
    metadata: "metadata inside the file",
    sidecar: "a file beside it",
    name_lookup: "a published file of this name",
    folder: "the folder it was in",
    filename: "its file name",
  },

  trust: {
    verified: "Verified",
    high: "High confidence",
    low: "Low confidence",
    modified: "Modified",
    none: "No match",
    pending: "Not looked up",
    manual: "Chosen by you",
    why: {
      verified: "A provider publishes exactly these bytes.",
      high: "A published file of this name and size is known, or the file names its source.",
      low: "A published file has a similar name; its bytes were not compared.",
      modified: "A published model has this name, but these bytes are different.",
      none: "No published model is known for these bytes.",
      pending: "It waits for a look-up, which needs the network.",
      manual: "You said which published model this is.",
    },
  },

  tiers: {
    "safe-format": ["Safe format", "Holds numbers only. Opening it cannot run anything."],
    "pickle-allowlisted": [
      "Pickle, known calls",
      "A pickle can run code when it is opened. Every call in this one is on the list of harmless ones.",
    ],
    "pickle-unknown": [
      "Pickle, unknown calls",
      "Opening it runs calls that are not on the list of harmless ones. Open it only when you trust its author.",
    ],
    "pickle-dangerous": [
      "Dangerous pickle",
      "Opening it runs calls that can change your system. Do not open it.",
    ],
    executable: [
      "Holds code",
      "The model contains code that runs when it is used. Use it only when you trust its author.",
    ],
    unreadable: [
      "Not readable",
      "The file could not be read completely, so nothing can be said of it.",
    ],
  },

  states: {
    online: ["Online", "Its files are there."],
    offline: ["Offline", "The drive it is on is not connected. Nothing is lost."],
    missing: ["Missing", "Its files are no longer where they were. Health says what can be done."],
    modified: ["Modified", "Its files were changed after they came in."],
    invalid: [
      "Unreadable record",
      "Its metadata.json cannot be read; this is what was known before.",
    ],
  },

  kinds: { ...names.kind, ...names.adapter_type } as Record<string, string>,

  containers: {
    safetensors: "safetensors",
    gguf: "GGUF",
    pickle_zip: "pickle",
    pickle_legacy: "pickle (old)",
    onnx: "ONNX",
    coreml: "Core ML",
    diffusers_dir: "diffusers",
    transformers_dir: "transformers",
    mlx_dir: "MLX",
    torchscript: "TorchScript",
    keras: "Keras",
    other: "other",
  } as Record<string, string>,

  matches: {
    hash: "Hash",
    filename_exact: "Exact file name",
    filename_fuzzy: "Similar file name",
    metadata: "Metadata",
    modified: "Modified",
    none: "Not recognised",
    pending: "Waits for look-up",
  } as Record<string, string>,

  placements: {
    reflink: "reflink (shares its space with the original)",
    copy: "copy",
    move: "move",
    reference: "reference (left in place)",
    shared: "link to a file the library already had",
    download: "download",
  } as Record<string, string>,
} as const;
