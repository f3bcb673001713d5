"""Which rule takes a model, and which reason is told when none does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model_library.identify.rules.families import diffusion_families
from model_library.profiles.choosing import choose_profile
from model_library.profiles.matching import Refusal, RuleBook, facts_of, questions

NOWHERE = Path("no-such-directory")


def book(app: str = "comfyui", variant: str = "", *existing: str) -> RuleBook:
    return RuleBook(choose_profile(app, None, variant, NOWHERE), existing, diffusion_families)


def model(kind: str, *files: str, **more: Any) -> dict[str, Any]:
    """A metadata document with what decides."""
    weights = [{"path": path} for path in files or ("model.safetensors",)]
    form = "single-file" if len(weights) == 1 else "sharded-set"
    document = {"kind": kind, "form": form, "container": "safetensors", "size": 1000}
    return document | {"weights": weights} | more


def place(document: dict[str, Any], rules: RuleBook | None = None) -> str:
    """The target directory, or the code of the refusal."""
    found = (rules or book()).choose(facts_of(document), document["weights"])
    return found.reason if isinstance(found, Refusal) else found[0].target


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (model("llm"), "llm"),
        (model("adapter", family="llama"), "llama"),
        (model("adapter", family="unknown", tasks=["text-generation"]), "text-generation"),
        (model("checkpoint", "a.gguf"), ".gguf"),
        (model("checkpoint", "a.safetensors", "b.safetensors"), "2"),
    ],
)
def test_a_refusal_names_what_of_the_model_it_is_about(
    document: dict[str, Any], value: str
) -> None:
    found = book().choose(facts_of(document), document["weights"])
    assert isinstance(found, Refusal)
    assert found.value == value


@pytest.mark.parametrize(
    ("document", "directory"),
    [
        (model("checkpoint", family="sdxl"), "models/checkpoints"),
        (model("diffusion_model", family="flux1"), "models/diffusion_models"),
        (model("adapter", family="sdxl"), "models/loras"),
        (model("adapter", family="unknown"), "models/loras"),
        (model("adapter", family="llama"), "family"),
        (model("adapter", family="unknown", tasks=["text-generation"]), "task"),
        (model("adapter", family="unknown", form="transformers-folder"), "form"),
        (model("vae"), "models/vae"),
        (model("vae_approx"), "models/vae_approx"),
        (model("text_encoder", family="qwen2"), "models/text_encoders"),
        (model("vision_encoder"), "models/clip_vision"),
        (model("audio_encoder"), "models/audio_encoders"),
        (model("controlnet"), "models/controlnet"),
        (model("t2i_adapter"), "models/controlnet"),
        (model("embedding_ti"), "models/embeddings"),
        (model("hypernetwork"), "models/hypernetworks"),
        (model("style_model"), "models/style_models"),
        (model("model_patch"), "models/model_patches"),
        (model("model_patch", variant="text_GLIGEN"), "models/gligen"),
        (model("ip_adapter"), "models/ipadapter"),
        (model("ip_adapter", variant="photomaker"), "models/photomaker"),
        (model("ip_adapter", variant="pulid"), "models/ipadapter"),
        (model("upscaler", "x4.pth"), "models/upscale_models"),
        (model("upscaler", variant="latent"), "models/latent_upscale_models"),
        (model("detector"), "models/detection"),
        (model("detector", "face.pt"), "models/ultralytics/bbox"),
        (model("segmenter", "person-seg.pt"), "models/ultralytics/segm"),
        (model("segmenter", "sam_vit_b.pth", family="sam"), "models/sams"),
        (model("segmenter", family="birefnet"), "models/background_removal"),
        (model("classifier", tasks=["image-classification"]), "models/classifiers"),
        (model("classifier", tasks=["text-classification"]), "task"),
        (model("other", tasks=["depth-estimation"]), "models/geometry_estimation"),
        (model("other", family="raft"), "models/optical_flow"),
        (model("other", family="rife"), "models/frame_interpolation"),
        (model("other", tags=["Prompt-Expansion"]), "models/prompt_expansion"),
        (model("motion_module"), "requires"),
        (model("face_restorer", "g.pth"), "requires"),
        (model("pipeline", form="diffusers-folder"), "models/diffusers"),
        (model("checkpoint", "a-00001.safetensors", "a-00002.safetensors"), "shards"),
        (model("checkpoint", "a.onnx"), "container"),
        (model("diffusion_model", "a.gguf"), "requires"),
        (model("vae", "a.gguf"), "container"),
        *((model(kind), "kind") for kind in ("llm", "vlm", "embedding_model", "reranker")),
        *((model(kind), "kind") for kind in ("mmproj", "draft", "asr", "tts", "unknown")),
    ],
)
def test_comfyui_has_its_place_for_every_kind_and_none_for_language_models(
    document: dict[str, Any], directory: str
) -> None:
    assert place(document) == directory


@pytest.mark.parametrize(
    ("existing", "kind", "directory"),
    [
        ("custom_nodes/*gguf*", "diffusion_model", "models/diffusion_models"),
        ("custom_nodes/*gguf*", "text_encoder", "models/text_encoders"),
        ("models/unet_gguf", "diffusion_model", "models/unet_gguf"),
        ("models/clip_gguf", "text_encoder", "models/clip_gguf"),
        ("models/clip_gguf", "diffusion_model", "requires"),
        ("custom_nodes/*gguf*", "llm", "kind"),
    ],
)
def test_gguf_goes_where_something_reads_it(existing: str, kind: str, directory: str) -> None:
    assert place(model(kind, "a.gguf"), book("comfyui", "", existing)) == directory


def test_a_variant_leaves_out_what_its_filter_does_not_name() -> None:
    rules = book("comfyui", "sdxl-only")
    assert place(model("checkpoint", family="sdxl"), rules) == "models/checkpoints"
    assert place(model("checkpoint", family="sd1"), rules) == "filter-family"
    assert place(model("llm", family="sdxl"), rules) == "kind"
    rules = book("comfyui", "size-limited")
    assert place(model("checkpoint", size=8_000_000_000), rules) == "models/checkpoints"
    assert place(model("checkpoint", size=8_000_000_001), rules) == "filter-size"


@pytest.mark.parametrize(
    ("app", "document", "directory"),
    [
        ("a1111", model("adapter", family="sd1", adapter_type="lora"), "models/Lora"),
        ("a1111", model("adapter", family="sd1", adapter_type="lokr"), "models/LyCORIS"),
        ("a1111", model("adapter", family="llama", adapter_type="lora"), "family"),
        ("a1111", model("upscaler", family="swinir"), "models/SwinIR"),
        ("a1111", model("diffusion_model", "a.gguf"), "container"),
        ("forge", model("diffusion_model", "a.gguf"), "models/Stable-diffusion/unet"),
        ("forge", model("face_restorer", "c.pth", family="codeformer"), "models/Codeformer"),
        ("sdnext", model("pipeline", form="diffusers-folder"), "models/Diffusers"),
        ("swarmui", model("text_encoder"), "Models/clip"),
        ("fooocus", model("embedding_ti", "e.pt"), "models/embeddings"),
        ("llama_cpp", model("llm", "a.gguf"), "."),
        ("llama_cpp", model("llm", "a.safetensors"), "container"),
        ("llama_cpp", model("checkpoint"), "kind"),
        ("lmstudio", model("llm", "a.gguf"), "."),
        ("lmstudio", model("llm", "a.safetensors"), "container"),
        ("text_generation_webui", model("llm", "a.gguf"), "user_data/models"),
        (
            "text_generation_webui",
            model("adapter", family="llama", form="transformers-folder"),
            "user_data/loras",
        ),
        (
            "text_generation_webui",
            model("adapter", family="sdxl", form="transformers-folder"),
            "family",
        ),
    ],
)
def test_other_applications_are_served_by_data_alone(
    app: str, document: dict[str, Any], directory: str
) -> None:
    assert place(document, book(app)) == directory


def test_of_one_model_in_several_formats_the_preferred_file_is_linked() -> None:
    files = ("model.bin", "model.safetensors", "flax_model.msgpack")
    document = model("text_encoder", *files, form="transformers-folder")
    chosen = book().choose(facts_of(document), document["weights"])
    assert not isinstance(chosen, Refusal)
    assert [file["path"] for file in chosen[1]] == ["model.safetensors"]


def test_a_link_tells_by_its_directory_whether_the_model_was_something_else() -> None:
    rules = book("a1111")
    lora, checkpoint = facts_of(model("adapter")), facts_of(model("checkpoint"))
    assert rules.moved_away(lora, "models/Stable-diffusion/a.safetensors")
    assert not rules.moved_away(checkpoint, "models/Stable-diffusion/a.safetensors")
    assert rules.moved_away(checkpoint, "models/Stable-diffusion/unet/a.safetensors")
    assert not rules.moved_away(lora, "somewhere/else/a.safetensors")


def test_an_installation_is_asked_for_what_the_rules_require() -> None:
    patterns, targets = questions(choose_profile("comfyui", None, "", NOWHERE).rules)
    assert "custom_nodes/*gguf*" in patterns
    assert "models/unet_gguf" in targets
