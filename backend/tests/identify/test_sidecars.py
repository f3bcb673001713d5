"""What is read from the files beside a model: one real layout a test, then everything that is wrong
with such files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model_library.identify.civitai_labels import adapter_type_of, family_of, kind_of
from model_library.identify.grouping import group
from model_library.identify.sidecars import (
    ExpectedHash,
    SidecarFacts,
    SidecarSource,
    read_sidecars,
)
from model_library.identify.walk import walk
from model_library.taxonomy import AdapterType, Kind
from tests.identify.sidecar_layouts import (
    COMMIT,
    HASH,
    MTIME,
    SIZE,
    civitai_version,
    facts_of,
    facts_of_files,
    lora_manager,
)


def trusted(name: str = "x.safetensors", sha256: str = HASH, *, origin: str) -> ExpectedHash:
    return ExpectedHash(name, sha256.lower(), True, origin)


# --- the layouts ---------------------------------------------------------------------------------


def test_a_model_without_sidecars_has_no_facts(tmp_path: Path) -> None:
    assert facts_of(tmp_path) == SidecarFacts()


def test_civitai_info_is_the_version_response(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, x__civitai__info=civitai_version(), x__preview__png="")
    assert facts.official_name == "DreamShaper 8"
    assert facts.description == "A general model.\nSecond line & more"
    assert facts.trigger_words == ("dreamy", "a <lora:x:1> b")
    assert facts.tags == ("anime", "photorealistic")
    assert facts.base_models == ("SD 1.5",)
    assert (facts.family, facts.lineage, facts.kind) == ("sd1", None, Kind.CHECKPOINT)
    assert facts.is_nsfw is True
    assert facts.preview == "x.preview.png"
    assert facts.sources == (
        SidecarSource(
            "civitai",
            model_id="4384",
            version_id="128713",
            file="dreamshaper_8.safetensors",
            url="https://civitai.com/models/4384?modelVersionId=128713",
        ),
    )
    assert facts.hashes == (trusted(origin="x.civitai.info"),)
    assert facts.expected_sha256("x.safetensors") == HASH.lower()
    assert facts.source_labels == {
        "civitai.air": "urn:air:sd1:checkpoint:civitai:4384@128713",
        "civitai.allowCommercialUse": "Image, Sell",
        "civitai.allowNoCredit": "True",
        "civitai.baseModel": "SD 1.5",
        "civitai.baseModelType": "Standard",
        "civitai.creator": "Lykon",
        "civitai.type": "Checkpoint",
    }
    assert facts.warnings == ()


def test_an_empty_civitai_info_says_that_nothing_was_found(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, x__civitai__info={})
    assert facts.source_labels == {"civitai.lookup": "not found"}
    assert facts.sources == ()


def test_a_hash_of_another_size_is_a_hint_only(tmp_path: Path) -> None:
    version = civitai_version()
    for file in version["files"]:
        file["sizeKB"] = SIZE / 1024 + 0.001
    facts = facts_of(tmp_path, x__civitai__info=version)
    assert [(h.sha256, h.is_trusted) for h in facts.hashes] == [("c" * 64, False)]
    assert facts.expected_sha256("x.safetensors") is None
    version["files"][1]["name"] = "x.safetensors"
    facts = facts_of(tmp_path, x__civitai__info=version)
    assert [(h.sha256, h.is_trusted) for h in facts.hashes] == [(HASH.lower(), False)]


def test_trusted_hashes_that_contradict_each_other_are_no_expectation(tmp_path: Path) -> None:
    other = {"sha256": "e" * 64, "size": SIZE, "modified": MTIME}
    facts = facts_of(tmp_path, x__civitai__info=civitai_version(), x__metadata__json=other)
    assert [h.is_trusted for h in facts.hashes] == [True, True]
    assert facts.expected_sha256("x.safetensors") is None


def test_a1111_user_metadata(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        x__json={
            "description": "Mine, use <lora:x:0.7>",
            "notes": "good at 0.7",
            "sd version": "SDXL",
            "activation text": "alpha, beta,, alpha",
            "preferred weight": 0.7,
            "negative text": "blurry",
        },
    )
    assert facts.description == "Mine, use <lora:x:0.7>"
    assert facts.notes == "good at 0.7"
    assert facts.trigger_words == ("alpha", "beta")
    assert facts.family == "sdxl"
    assert facts.source_labels == {
        "a1111.negative text": "blurry",
        "a1111.preferred weight": "0.7",
        "a1111.sd version": "SDXL",
    }


def test_a1111_of_an_unknown_version_and_weight_zero_says_nothing_about_them(
    tmp_path: Path,
) -> None:
    info = {"sd version": "Unknown", "preferred weight": 0, "notes": "", "vae": "a.pt"}
    facts = facts_of(tmp_path, x__json=info)
    assert (facts.base_models, facts.family, facts.notes) == ((), None, None)
    assert facts.source_labels == {"a1111.sd version": "Unknown", "a1111.vae": "a.pt"}
    assert facts_of(tmp_path, x__json={"sd_version_str": "SdVersion.XL", "vae": None}).family == (
        "sdxl"
    )


def test_sdnext_saves_the_model_and_the_version_is_found_by_its_file(tmp_path: Path) -> None:
    own = civitai_version()
    model = {**own.pop("model"), "id": 4384, "nsfw": True}
    del own["modelId"]
    other = {"id": 1, "name": "7", "files": [{"name": "x.safetensors", "sizeKB": 7}]}
    facts = facts_of(tmp_path, x__json={**model, "modelVersions": [other, own]})
    assert facts.official_name == "DreamShaper 8"
    assert facts.is_nsfw is True
    assert [(s.model_id, s.version_id) for s in facts.sources] == [
        (None, "128713"),
        ("4384", "128713"),
    ]
    by_name = facts_of(tmp_path, x__json={**model, "modelVersions": [other]})
    assert by_name.official_name == "DreamShaper 7"
    none = facts_of(tmp_path, x__json={**model, "modelVersions": []})
    assert none.official_name == "DreamShaper"
    assert none.kind is Kind.CHECKPOINT
    assert [s.url for s in none.sources] == ["https://civitai.com/models/4384"]


def test_a_version_or_modelspec_saved_as_plain_json_is_known_too(tmp_path: Path) -> None:
    assert facts_of(tmp_path, x__json=civitai_version()).official_name == "DreamShaper 8"
    assert facts_of(tmp_path, x__json={"modelspec.title": "T"}).official_name == "T"
    unknown = facts_of(tmp_path, x__json={"nodes": [], "links": []})
    assert unknown.warnings == ("x.json: no layout that is known, and was ignored",)


def test_lora_manager(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, x__metadata__json=lora_manager())
    assert facts.official_name == "Nice LoRA"
    assert facts.description == "- one\n- two"
    assert facts.notes == "my note"
    assert (facts.family, facts.lineage) == ("sdxl", "pony")
    assert facts.base_models == ("Pony", "SD 1.5")
    assert (facts.kind, facts.adapter_type) == (Kind.ADAPTER, AdapterType.LOCON)
    assert facts.source_labels["lora-manager.usage_tips.strength"] == "0.8"
    assert facts.hashes == (trusted(origin="x.metadata.json"),)
    assert [s.model_id for s in facts.sources] == ["4384"]


@pytest.mark.parametrize(
    "changes",
    [{"size": SIZE + 1}, {"modified": MTIME + 60}, {"size": None}, {"modified": float("nan")}],
)
def test_a_lora_manager_hash_counts_if_size_and_time_agree(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    facts = facts_of(tmp_path, x__metadata__json=lora_manager(**changes))
    expected = "modified" in changes and changes["modified"] != changes["modified"]
    assert [h.is_trusted for h in facts.hashes] == [expected], "without a time the size decides"


def test_stability_matrix(tmp_path: Path) -> None:
    facts = facts_of_files(
        tmp_path,
        {
            "x.cm-info.json": {
                "ModelId": 4384,
                "VersionId": 128713,
                "ModelName": "DreamShaper",
                "VersionName": "8",
                "ModelDescription": "<p>text</p>",
                "Nsfw": False,
                "Tags": ["anime"],
                "ModelType": "TextualInversion",
                "BaseModel": "Illustrious",
                "RemoteFileName": "x.safetensors",
                "Hashes": {"SHA256": HASH, "BLAKE3": "D" * 64},
                "TrainedWords": ["w"],
                "AuthorUsername": "Lykon",
                "Source": "Civitai",
            }
        },
    )
    assert facts.official_name == "DreamShaper 8"
    assert (facts.kind, facts.family, facts.lineage) == (Kind.EMBEDDING_TI, "sdxl", "illustrious")
    assert facts.is_nsfw is False
    assert facts.sources[0].file == "x.safetensors"
    assert [(h.sha256, h.is_trusted) for h in facts.hashes] == [(HASH.lower(), False)]
    other = {"x.cm-info.json": {"UserTitle": "Mine", "Source": "OpenModelDb", "ModelId": 3}}
    facts = facts_of_files(tmp_path, other)
    assert (facts.official_name, facts.sources) == ("Mine", ())


def test_swarm_writes_modelspec_keys(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        x__swarm__json={
            "modelspec.title": "Swarmed",
            "modelspec.description": "d",
            "modelspec.license": "MIT",
            "modelspec.tags": ["a", "b"],
            "modelspec.trigger_phrase": "one; two",
            "modelspec.usage_hint": "hint",
            "modelspec.prediction_type": "v",
            "modelspec.architecture": "stable-diffusion-v1/lora",
            "modelspec.thumbnail": "data:image/jpeg;base64,AAAA",
        },
    )
    assert (facts.official_name, facts.license) == ("Swarmed", "MIT")
    assert facts.tags == ("a", "b")
    assert facts.trigger_words == ("one", "two")
    assert facts.prediction == "v_prediction"
    assert facts.notes == "hint"
    assert facts.source_labels == {"modelspec.architecture": "stable-diffusion-v1/lora"}
    bare = facts_of(tmp_path, x__swarm__json={"title": "Bare", "tags": "x, y"})
    assert (bare.official_name, bare.tags) == ("Bare", ("x", "y"))


def test_the_records_of_model_libraries(tmp_path: Path) -> None:
    ours = {
        "model_id": "x-00000000",
        "official_name": "From another library",
        "kind": "checkpoint",
        "family": "sdxl",
        "lineage": "pony",
        "license": "openrail",
        "files": [{"path": "x.safetensors", "size": SIZE, "sha256": HASH.lower()}],
        "sources": [
            {"provider": "huggingface", "repo": "o/n", "url": "javascript:alert(1)"},
            {"provider": "elsewhere"},
        ],
    }
    facts = facts_of_files(tmp_path, {"metadata.json": ours})
    assert facts.official_name == "From another library"
    assert (facts.kind, facts.family, facts.lineage) == (Kind.CHECKPOINT, "sdxl", "pony")
    assert facts.sources == (SidecarSource("huggingface", repo="o/n"),)
    assert facts.hashes == (trusted(origin="metadata.json"),)
    pumas = {
        "official_name": "Pumas model",
        "family": "SDXL stuff",
        "model_type": "diffusion",
        "hashes": {"sha256": HASH, "blake3": "x"},
        "size_bytes": SIZE,
        "repo_id": "o/n",
        "upstream_revision": COMMIT,
    }
    facts = facts_of_files(tmp_path, {"metadata.json": pumas})
    assert (facts.official_name, facts.family) == ("Pumas model", None)
    assert facts.sources == (SidecarSource("huggingface", repo="o/n", revision=COMMIT),)
    assert facts.hashes == (trusted(origin="metadata.json"),)
    assert facts.source_labels["library.model_type"] == "diffusion"
    odd = {"metadata.json": {"kind": "spaceship", "family": "Not A Family/.."}}
    facts = facts_of_files(tmp_path, odd)
    assert (facts.kind, facts.family) == (None, None)


def test_text_files(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        x__html="<h1>Title</h1><script>alert(1)</script>text",
        x__txt="ignored: there is a description",
        x__prompt="a cat",
        x__tags="one, two\nthree",
    )
    assert facts.description == "Title\ntext"
    assert facts.notes == "a cat"
    assert facts.tags == ("one", "two", "three")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("\ufeffcafé".encode("utf-16-le"), "café"),
        (b"caf\xe9", "caf\ufffd"),
        (b"a\x00b\x1b[31m\r\nc", "ab[31m\nc"),
        ("\u202egnp.exe".encode(), "gnp.exe"),
    ],
)
def test_text_in_any_encoding_loses_only_what_is_no_text(
    tmp_path: Path, data: bytes, text: str
) -> None:
    assert facts_of(tmp_path, x__md=data).description == text


@pytest.mark.parametrize(
    ("line", "prediction"),
    [
        ('    parameterization: "v"', "v_prediction"),
        ("parameterization: v  # comment", "v_prediction"),
        ("prediction_type: 'v_prediction'", "v_prediction"),
        ("  target: sgm.modules.diffusionmodules.denoiser_scaling.VScaling", "v_prediction"),
        ("parameterization: eps", "epsilon"),
        ("parameterization: x0", None),
        ('# parameterization: "v"', None),
        ("\x00\xff", None),
    ],
)
def test_a_yaml_tells_the_prediction_only(
    tmp_path: Path, line: str, prediction: str | None
) -> None:
    text = f"model:\n  params:\n{line}\n    timesteps: 1000\n"
    assert facts_of(tmp_path, x__yaml=text).prediction == prediction


# --- Hugging Face --------------------------------------------------------------------------------

NOTE = ".cache/huggingface/download/x.safetensors.metadata"


def test_a_download_note_gives_revision_and_hash(tmp_path: Path) -> None:
    facts = facts_of_files(tmp_path, {NOTE: f"{COMMIT}\n{HASH.lower()}\n{MTIME + 3.5}\n"})
    assert facts.sources == (SidecarSource("huggingface", revision=COMMIT, file="x.safetensors"),)
    assert facts.hashes == (trusted(origin="x.safetensors.metadata"),)


def test_a_note_above_the_model_counts_for_it(tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    note = "../.cache/huggingface/download/loras/x.safetensors.metadata"
    facts = facts_of_files(tmp_path / "loras", {note: f"{COMMIT}\n{HASH.lower()}\n{MTIME}\n"})
    assert facts.sources[0].file == "loras/x.safetensors"
    assert facts.expected_sha256("x.safetensors") == HASH.lower()


def test_a_note_older_than_the_file_is_a_hint_only(tmp_path: Path) -> None:
    facts = facts_of_files(tmp_path, {NOTE: f"{COMMIT}\n{HASH.lower()}\n{MTIME - 60}\n"})
    assert facts.sources == ()
    assert [h.is_trusted for h in facts.hashes] == [False]


def test_a_small_files_etag_is_no_sha256(tmp_path: Path) -> None:
    facts = facts_of_files(tmp_path, {NOTE: f"{COMMIT}\n{'a' * 40}\n{MTIME}\n"})
    assert facts.hashes == ()
    assert facts.sources[0].revision == COMMIT


@pytest.mark.parametrize(
    "note", ["", "a\nb", "a\nb\nnever", "a\nb\ninf", "a\nb\nnan", b"\xff\n\n1", "x" * 5000]
)
def test_a_broken_note_is_a_warning(tmp_path: Path, note: str | bytes) -> None:
    facts = facts_of_files(tmp_path, {NOTE: note})
    assert facts.warnings == ("x.safetensors.metadata: no note of a download, and was ignored",)
    assert (facts.sources, facts.hashes) == ((), ())


def test_the_hub_cache_tells_repository_commit_and_hash(tmp_path: Path) -> None:
    repo = tmp_path / "models--org--name"
    (repo / "blobs").mkdir(parents=True)
    (repo / "blobs" / HASH.lower()).write_bytes(bytes(SIZE))
    snapshot = repo / "snapshots" / COMMIT
    (snapshot / "sub").mkdir(parents=True)
    (snapshot / "sub" / "x.gguf").symlink_to(Path("../../../blobs") / HASH.lower())
    (snapshot / "real.gguf").write_bytes(b"real")
    (snapshot / "odd.gguf").symlink_to(snapshot / "real.gguf")
    models = {g.name: read_sidecars(g) for g in group(walk([tmp_path])).groups}
    facts = models["x"]
    assert facts.sources == (
        SidecarSource(
            "huggingface",
            repo="org/name",
            revision=COMMIT,
            file="sub/x.gguf",
            url="https://huggingface.co/org/name",
        ),
    )
    assert facts.expected_sha256("x.gguf") == HASH.lower()
    assert models["real"].hashes == ()


def test_a_folder_model_has_one_source_and_a_hash_for_each_file(tmp_path: Path) -> None:
    repo = tmp_path / "models--org--name"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repo / "blobs").mkdir()
    (snapshot / "config.json").write_text('{"model_type": "llama"}')
    for number, blob in ((1, "a" * 64), (2, "b" * 64)):
        (repo / "blobs" / blob).write_bytes(bytes(number))
        name = f"model-0000{number}-of-00002.safetensors"
        (snapshot / name).symlink_to(Path("../../blobs") / blob)
    (model,) = group(walk([tmp_path])).groups
    facts = read_sidecars(model)
    assert [(s.repo, s.file) for s in facts.sources] == [("org/name", None)]
    assert facts.expected_sha256("model-00002-of-00002.safetensors") == "b" * 64


def test_hashes_of_a_set_go_to_their_own_files(tmp_path: Path) -> None:
    names = [f"m-0000{i}-of-00002.safetensors" for i in (1, 2)]
    files = []
    for number, name in enumerate(names, 1):
        (tmp_path / name).write_bytes(bytes(number))
        files.append(
            {"name": name, "sizeKB": number / 1024, "hashes": {"SHA256": f"{number}" * 64}}
        )
    files.append({"name": "other", "primary": True, "hashes": {"SHA256": "f" * 64}})
    info = civitai_version(files=files)
    (tmp_path / "m.civitai.info").write_text(json.dumps(info))
    manager = {"sha256": "e" * 64, "size": 3, "Hashes": {"SHA256": "e" * 64}, "hashes": {}}
    for suffix in ("metadata.json", "cm-info.json"):
        (tmp_path / f"m.{suffix}").write_text(json.dumps(manager))
    (model,) = group(walk([tmp_path])).groups
    facts = read_sidecars(model)
    assert [(h.name, h.sha256[0], h.is_trusted) for h in facts.hashes] == [
        (names[0], "1", True),
        (names[1], "2", True),
    ]


# --- labels --------------------------------------------------------------------------------------


def test_labels_of_kinds_and_families() -> None:
    assert kind_of("LORA") is Kind.ADAPTER
    assert kind_of("diffusion_model") is Kind.DIFFUSION_MODEL
    assert kind_of("Motion Module") is Kind.MOTION_MODULE
    assert kind_of("Other") is None
    assert adapter_type_of("DoRA") is AdapterType.DORA
    assert adapter_type_of("Checkpoint") is None
    assert family_of("SDXL 1.0") == ("sdxl", None)
    assert family_of("Pony V7") == ("auraflow", None)
    assert family_of("NoobAI") == ("sdxl", "noobai")
    assert family_of("Flux.1 D") == ("flux1", None)
    assert family_of("Flux.2 Klein 9B") == ("flux2", None)
    assert family_of("Wan Video 2.2 I2V-A14B") == ("wan", None)
    assert family_of("SdVersion.SD1") == ("sd1", None)
    assert family_of("Sora 2") == (None, None)
