"""Every verb of the program: where it is and what help says about it. What a verb needs is imported when it is
called; help and completion know all of them by this list and import none."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from model_library.cli.exits import exiting

HELP: Final = {"help_option_names": ["-h", "--help"]}


class Verb(NamedTuple):
    place: str
    """Module of this package and the name in it."""
    summary: str
    """The first paragraph of its help; a test holds them equal."""


VERBS: Final[Mapping[str, Verb]] = {
    "init": Verb(
        "init_cmd:init",
        "Begin a library in a directory, or take the one that is there; later commands find it by themselves.",
    ),
    "import": Verb("import_cmd:import_", "Bring model files and folders into the library."),
    "samples": Verb(
        "samples_cmd:samples",
        "Add small sample models to look around with; `search tag:sample` finds them again.",
    ),
    "inspect": Verb("inspect_cmd:inspect", "Identify model files and folders where they are."),
    "list": Verb("list_cmd:list_", "List models."),
    "search": Verb("search_cmd:search", "Find models by name, tag, description and more."),
    "show": Verb(
        "show_cmd:show",
        "Show one model: what it is and why we think so, its files and their hashes.",
    ),
    "edit": Verb(
        "edit_cmd:edit",
        "Set fields of models by hand. No scan or lookup overwrites them afterwards.",
    ),
    "delete": Verb(
        "delete_cmd:delete", "Move models to the trash, from where `restore` brings them back."
    ),
    "restore": Verb(
        "restore_cmd:restore",
        "Bring models back from the trash; `list --trash` shows what is there.",
    ),
    "verify": Verb(
        "verify_cmd:verify", "Hash model files again and compare them with what was imported."
    ),
    "scan": Verb(
        "scan_cmd:scan",
        "Look at what changed on disk. No model file and nothing set by hand is changed.",
    ),
    "find": Verb(
        "find_cmd:find",
        "Search the Hugging Face Hub, or show what one of its models has to download.",
    ),
    "lookup": Verb(
        "lookup_cmd:lookup", "Find out where models come from: name, licence, tags and source."
    ),
    "download": Verb(
        "download_cmd:download", "Fetch a model with proof of every byte, and take it in."
    ),
    "jobs": Verb("jobs_cmd:app", "Imports, downloads and other long work: what runs, what waits."),
    "root": Verb("root_cmd:app", "Directories and drives that hold model files."),
    "settings": Verb(
        "settings_cmd:app", "What is set once: how imports place files, the network, the token."
    ),
    "storage": Verb(
        "storage_cmd:storage",
        "Show what takes the space, by kind, family and root. Nothing is changed.",
    ),
    "app": Verb(
        "app_cmd:app", "Applications that use the models: ComfyUI, A1111, Forge, llama.cpp ..."
    ),
    "link": Verb("link_cmd:app", "The links of the models in applications."),
    "status": Verb(
        "status_cmd:status", "Show how much the library holds, where, and what needs attention."
    ),
    "health": Verb(
        "health_cmd:health",
        "Check models, links, applications and drives, and say what to do about each finding.",
    ),
    "doctor": Verb("doctor_cmd:doctor", "Check the system, the library and its roots."),
    "serve": Verb(
        "serve_cmd:serve",
        "Serve the pages and the HTTP API until interrupted, and do the queue meanwhile.",
    ),
    "gui": Verb("gui_cmd:gui", "Open the window. When it is open already, bring it to the front."),
}


class Verbs(TyperGroup):
    """The verbs as a group that looks each one up when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        del ctx
        return Named(cmd_name) if cmd_name in VERBS else None


class Named(TyperCommand):
    """A verb by its name and summary, which becomes the verb itself when it is called."""

    def __init__(self, name: str) -> None:
        super().__init__(name, help=VERBS[name].summary)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        return self.verb().make_context(info_name, args, parent, **extra)

    def verb(self) -> TyperCommand | TyperGroup:
        """The verb itself, imported."""
        name = str(self.name)
        module, attribute = VERBS[name].place.split(":")
        verb = getattr(import_module(f"model_library.cli.{module}"), attribute)
        if isinstance(verb, typer.Typer):
            group: Any = typer.main.get_command(verb)
            group.name = name
            return group  # type: ignore[no-any-return] # a TyperGroup
        alone = typer.Typer(add_completion=False, context_settings=HELP, rich_markup_mode=None)
        alone.command(name)(exiting(verb))
        return typer.main.get_command(alone)  # type: ignore[return-value] # one command: no group
