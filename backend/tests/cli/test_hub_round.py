"""A whole round at the Hub as people and scripts make it: find, look, download, import, look up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.at_the_hub import (
    FRIEND,
    GGUF,
    LORA,
    PIPELINE,
    QUANT,
    SHARDED,
    Terminal,
    is_one_clear_message,
    tiny_repos,
)
from tests.factory import lora
from tests.hub import running_hub


@pytest.fixture(params=["http1", "http2"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    secure = request.param == "http2"
    repos = tiny_repos(tmp_path / "made")
    with running_hub(repos, users=[FRIEND], tls=secure, http2=secure) as hub:
        yield Terminal(tmp_path / "library", hub)


def test_a_script_makes_the_whole_round(terminal: Terminal, tmp_path: Path) -> None:
    found = terminal.json("find", "tiny", "chat", "--tag", "gguf")
    assert [model["repo"] for model in found["models"]] == [GGUF]
    assert (found["freshness"], found["age"]) == ("live", 0.0)
    page = terminal.json("find", GGUF)
    assert [choice["name"] for choice in page["choices"]] == ["Q4_K_M", "Q8_0"]
    assert {file["path"] for file in page["files"]} >= {QUANT, "README.md"}
    again = terminal.json("find", GGUF)
    assert again["freshness"] == "cached"
    planned = terminal.json("download", GGUF, "--quant", "q4_k_m", "--dry-run")
    assert [file["path"] for file in planned["files"]] == [QUANT]
    assert terminal.models() == []
    done = terminal.json("download", GGUF, "--quant", "q4_k_m")
    (model,) = done["imported"]
    assert (model["license"], model["match"]["method"]) == ("apache-2.0", "hash")
    assert terminal.json("download", GGUF, QUANT)["duplicates"][0]["model_id"] == model["model_id"]
    imported = terminal.json("import", str(lora(tmp_path / "in" / "old name.safetensors")))
    model_id = imported["imported"][0]["model_id"]
    terminal.json("lookup", model_id, "--repo", LORA)
    shown = terminal.json("show", model_id)
    assert (shown["match"]["method"], shown["license"]) == ("hash", "openrail")
    assert shown["sources"][0]["repo"] == LORA
    assert "pixel art" in shown["trigger_words"]
    assert terminal.json("lookup", "--all")["pending"] == 0
    status = terminal.json("status")
    (host,) = [one for one in status["network"]["hosts"] if one["host"] == terminal.hub.endpoint]
    assert (host["state"], status["models"]) == ("closed", 2)
    assert {quota["bucket"] for quota in host["quotas"]} == {"api", "resolvers"}
    jobs = terminal.json("jobs", "list", "--all")["jobs"]
    assert {job["kind"] for job in jobs} == {"download", "import", "lookup"}
    assert {job["state"] for job in jobs} == {"done"}
    assert terminal.staged() == []
    terminal.check_every_file()
    versions = {one.http_version for one in terminal.hub.requests}
    assert versions == ({"2"} if terminal.hub.ca_file else {"1.1"})


def test_people_read_what_happens(terminal: Terminal, tmp_path: Path) -> None:
    assert "A new library was begun" in terminal.here("status").stderr
    for command, expected in (
        (["find", "pixel"], "org/pixel-art"),
        (["find", "pixel"], "kept answer"),
        (["find", "nothing-like-it"], "Nothing was found"),
        (["find", GGUF], "Q4_K_M"),
        (["find", GGUF, "--files"], "tiny-chat.Q8_0.gguf"),
        (["download", GGUF, "--quant", "Q8_0", "--dry-run"], "1 file"),
        (["download", GGUF, "--quant", "Q8_0"], "downloaded  tiny"),
        (["download", GGUF, "--quant", "Q8_0"], "duplicate of tiny"),
        (["download", PIPELINE], "downloaded  picture-maker"),
        (["import", str(lora(tmp_path / "in" / "pixel-art.safetensors"))], "imported  pixel-art"),
        (["lookup", "pixel-art"], "matched"),
        (["lookup", "pixel-art"], "100%"),
        (["lookup"], "0 models"),
        (["show", "pixel-art"], LORA),
        (["status"], "answered 20"),
        (["jobs", "list", "--all"], "download"),
    ):
        done = terminal.here(*command)
        assert expected in done.stdout, (command, done)
        assert (done.returncode, done.stderr) == (0, ""), (command, done)
    terminal.check_every_file()


def test_the_exit_code_says_how_it_ended(terminal: Terminal) -> None:
    for command, code, error in (
        (["find", "org/nothing-there"], 1, "repository-not-found"),
        (["find", GGUF, "--revision", "v9"], 1, "revision-not-found"),
        (["find", "two", "words", "--revision", "v9"], 2, "usage"),
        (["find", "x", "--sort", "beauty"], 2, "invalid-value"),
        (["download", GGUF], 2, "choice-needed"),
        (["download", GGUF, "--quant", "Q2_K"], 2, "invalid-value"),
        (["download", GGUF, "nothing.gguf"], 2, "invalid-value"),
        (["download", "no repository"], 2, "invalid-value"),
        (["lookup", "nothing-like-it"], 1, "model-not-found"),
        (["lookup", "a", "b", "--repo", LORA], 2, "invalid-value"),
        (["jobs", "resume", "ffff"], 1, "job-not-found"),
    ):
        done = terminal.here(*command, "--json")
        assert done.returncode == code, (command, done)
        assert f'"code": "{error}"' in done.stdout, (command, done)
        is_one_clear_message(done)


def test_a_folder_and_a_set_of_shards_come_whole(terminal: Terminal) -> None:
    (folder,) = terminal.json_here("download", PIPELINE, "--all")["imported"]
    assert folder["form"] == "diffusers-folder"
    assert {file["path"] for file in folder["files"]} >= {
        "model_index.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }
    (model,) = terminal.json_here("download", SHARDED)["imported"]
    assert sum(file["role"] == "weight" for file in model["files"]) == 3
    assert "missing_files" not in model or not model["missing_files"]
    assert terminal.staged() == []
    terminal.check_every_file()


def test_what_goes_with_a_model_is_put_beside_it(terminal: Terminal) -> None:
    (model,) = terminal.json("download", LORA)["imported"]
    told = terminal.mlib("download", LORA, "README.md", "--beside", model["model_id"][:6])
    assert told.returncode == 0, told
    assert f"put beside {model['model_id']}: README.md" in told.stdout
    held = terminal.json("show", model["model_id"])["files"]
    assert "README.md" in {file["path"] for file in held}
    assert terminal.mlib("download", LORA, "README.md", "--beside", "nothing").returncode != 0
