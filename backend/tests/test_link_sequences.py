"""Whatever a person does to an application's directory between our syncs: no byte of theirs is lost.

Random sequences of user actions and of ours. Everything the user put somewhere has its own content, and at any
time each of these contents that the user did not remove is where he put it, or was moved aside inside the
application because he asked for that. The library's own files are always whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from model_library import Library
from model_library.errors import ModelLibraryError
from model_library.samples.comfyui import listed, write_installation
from tests.factory import lora

SEQUENCES = 1000 if os.environ.get("CI") else 160
PARTS = 8
MODELS = 4
FOLDERS = ("models/loras", "models/vae", "models/checkpoints")
NAMES = (*(f"lora-{number}.safetensors" for number in range(MODELS)), "mine.safetensors", "notes")
PLACES = st.sampled_from([f"{folder}/{name}" for folder in FOLDERS for name in NAMES])
CHOICES = st.sampled_from(["skip", "rename", "overwrite", "adopt"])
NUMBERS = st.integers(0, MODELS - 1)


class Sequences(RuleBasedStateMachine):
    """A library of a few LoRAs, one ComfyUI, and a user who does what he likes in it."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # noqa: S108 - thousands of syncs cost nothing there
        self.base = Path(
            tempfile.mkdtemp(prefix="model-library-", dir=memory if memory.is_dir() else None)
        )
        self.app = write_installation(self.base / "ComfyUI")
        self.directory = self.base / "library"
        self.outside = self.base / "outside"
        self.outside.mkdir()
        (self.outside / "theirs").write_text("outside")
        self.mine: set[str] = set()
        self.count = 0
        self.moved = 0

    def teardown(self) -> None:
        shutil.rmtree(self.base)

    @initialize()
    def a_library_and_an_application(self) -> None:
        sources = [
            lora(self.base / "in" / f"lora-{number}.safetensors", seed=number)
            for number in range(MODELS)
        ]
        self.weights = {digest(path) for path in sources}
        with Library.open(self.directory) as library:
            library.import_models(sources)
            library.app_add("comfyui", self.app)

    # --- what the user does ----------------------------------------------------------------------

    @rule(place=PLACES)
    def adds_a_file(self, place: str) -> None:
        path = self.app / place
        if not path.parent.is_dir() or os.path.lexists(path):
            return
        self.count += 1
        text = f"the user's {self.count}"
        path.write_text(text)
        self.mine.add(text)

    @rule(place=PLACES, number=NUMBERS)
    def copies_a_model_there(self, place: str, number: int) -> None:
        """The same content as the library's, by hand: may be adopted, but only when asked for."""
        path = self.app / place
        if path.parent.is_dir() and not os.path.lexists(path):
            shutil.copy(self.base / "in" / f"lora-{number}.safetensors", path)

    @rule(place=PLACES)
    def deletes(self, place: str) -> None:
        path = self.app / place
        if path.is_symlink() or path.is_file():
            if not path.is_symlink():
                self.mine.discard(path.read_bytes().decode("utf-8", "replace"))
            path.unlink()

    @rule(place=PLACES)
    def replaces_by_a_file(self, place: str) -> None:
        self.deletes(place)
        self.adds_a_file(place)

    @rule(place=PLACES, other=PLACES)
    def moves(self, place: str, other: str) -> None:
        path, target = self.app / place, self.app / other
        if os.path.lexists(path) and target.parent.is_dir() and not os.path.lexists(target):
            path.rename(target)

    @rule(place=PLACES)
    def makes_a_link_of_his_own(self, place: str) -> None:
        path = self.app / place
        if path.parent.is_dir() and not os.path.lexists(path):
            path.symlink_to(self.outside / "theirs")

    @rule(folder=st.sampled_from(FOLDERS))
    def makes_a_directory_a_symlink(self, folder: str) -> None:
        path = self.app / folder
        if path.is_dir() and not path.is_symlink():
            self.count += 1
            path.rename(self.outside / f"moved-{self.count}")
            path.symlink_to(self.outside / f"moved-{self.count}")

    @rule(folder=st.sampled_from(FOLDERS))
    def makes_it_a_directory_again(self, folder: str) -> None:
        path = self.app / folder
        if path.is_symlink():
            real = path.resolve()
            path.unlink()
            real.rename(path)

    @rule(number=NUMBERS)
    def puts_a_directory_in_the_way(self, number: int) -> None:
        path = self.app / "models" / "loras" / f"lora-{number}.safetensors"
        if path.parent.is_dir() and not os.path.lexists(path):
            path.mkdir()

    @rule()
    def moves_everything(self) -> None:
        self.moved += 1
        new = self.base.with_name(f"{self.base.name.split('~')[0]}~{self.moved}")
        self.base.rename(new)
        self.base = new
        self.app, self.directory = new / "ComfyUI", new / "library"
        self.outside = new / "outside"

    # --- what we do ------------------------------------------------------------------------------

    @rule(choice=CHOICES, prune=st.booleans())
    def syncs(self, choice: str, *, prune: bool) -> None:
        self._do(lambda library: library.link_sync("comfyui", on_conflict=choice, prune=prune))

    @rule()
    def cleans(self) -> None:
        self._do(lambda library: library.link_clean("comfyui"))

    @rule()
    def repairs(self) -> None:
        self._do(lambda library: library.health(fix=True))

    @rule()
    def puts_everything_back(self) -> None:
        def put_back(library: Library) -> None:
            replaced = library.link_replaced("comfyui")
            library.link_put_back("comfyui", [one["target"] for one in replaced])

        self._do(put_back)

    @rule(number=NUMBERS)
    def deletes_a_model(self, number: int) -> None:
        self._do(lambda library: library.delete(f"lora-{number}"))

    @rule(number=NUMBERS)
    def restores_a_model(self, number: int) -> None:
        self._do(lambda library: library.restore(f"lora-{number}"))

    @rule(number=NUMBERS, kind=st.sampled_from(["vae", "checkpoint", "adapter"]))
    def calls_a_model_something_else(self, number: int, kind: str) -> None:
        self._do(lambda library: library.edit(f"lora-{number}", [f"kind={kind}"]))

    @precondition(lambda self: self.app.exists())
    @rule()
    def the_drive_of_the_application_is_away_for_a_sync(self) -> None:
        away = self.app.with_name("away")
        self.app.rename(away)
        self._do(lambda library: library.link_sync("comfyui"))
        self._do(lambda library: library.health(fix=True))
        assert not self.app.exists()
        away.rename(self.app)

    @rule()
    def the_models_are_away_for_a_sync(self) -> None:
        home, away = self.directory / "models", self.directory / "away"
        links = self._links()
        home.rename(away)
        self._do(lambda library: library.link_sync("comfyui", prune=True))
        assert self._links() == links, "links of a root that is offline are kept"
        away.rename(home)

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def nothing_of_the_user_is_lost(self) -> None:
        found = set()
        for top in (self.app, self.outside):
            for directory, _, files in os.walk(top):
                for name in files:
                    path = Path(directory, name)
                    if not path.is_symlink() and path.stat().st_size < 100:
                        found.add(path.read_text())
        assert self.mine <= found
        assert (self.outside / "theirs").read_text() == "outside"

    @invariant()
    def every_model_is_whole(self) -> None:
        held = {digest(path) for path in (self.directory / "models").rglob("*.safetensors")}
        assert self.__dict__.get("weights", set()) <= held

    @invariant()
    def no_list_shows_a_model_of_ours_twice(self) -> None:
        if (self.app / "models" / "loras").is_symlink():
            return
        for names in listed(self.app).values():
            assert len(names) == len(set(names))

    def _links(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.app)): str(path.readlink())
            for path in self.app.rglob("*")
            if path.is_symlink()
        }

    def _do(self, act: Any) -> None:
        """Our own act; a typed error is an answer, anything else is a fault of ours."""
        with Library.open(self.directory) as library:
            try:
                act(library)
            except ModelLibraryError:
                return


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.no_cover  # thousands of syncs take twice as long when their lines are counted
@pytest.mark.parametrize("part", range(PARTS))
def test_no_sequence_of_actions_loses_a_byte(part: int) -> None:
    """1,000 sequences in all where changes are checked, in 8 parts that run side by side."""
    del part
    machine = Sequences.TestCase
    machine.settings = settings(
        max_examples=SEQUENCES // PARTS,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()
