/** An application for tests, and what a sync of it would do. */
import type { App, AppPreview, Conflict, Link } from "@/types/shapes";

export const APP: App = {
  app_id: "comfyui",
  kind: "comfyui",
  name: "ComfyUI",
  version: "0.6.0",
  variant: "",
  path: "/comfy",
  state: "online",
  links: 3,
  links_off: false,
  installed: false,
  added: "2026-11-01T00:00:00Z",
};

export const link = (name: string): Link => ({
  app: "comfyui",
  model_id: `${name}-0ac3165b`,
  file: `${name}.safetensors`,
  target: `models/loras/${name}.safetensors`,
  path: `/comfy/models/loras/${name}.safetensors`,
  source: `/models/${name}.safetensors`,
  method: "relative-symlink",
  external: false,
});

export const conflict = (name: string, reason = "other-file"): Conflict => ({
  ...link(name),
  size: 10,
  reason,
  detail: "A file with another content",
  existing: { kind: "file", link_text: null, size: 20 },
});

export const PREVIEW: AppPreview = {
  app: "comfyui",
  profile: "comfyui",
  create: [{ ...link("new"), size: 10 }],
  keep: [link("kept")],
  conflicts: [conflict("taken")],
  remove: [],
  forget: [],
  excluded: [
    {
      model_id: "llm-1",
      name: "Llama",
      reason: "kind",
      detail: "ComfyUI has no place for the kind LLM",
      value: "llm",
    },
  ],
  warnings: [],
  discovered: [
    { directory: "models/facedetection", kinds: ["detector"], known: true },
    { directory: "models/mystery", kinds: [], known: false },
  ],
};
