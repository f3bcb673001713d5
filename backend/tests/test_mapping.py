"""The planner: what is made, kept, asked about, removed and left out, whatever lies in the application."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.identify.rules.families import diffusion_families
from model_library.io.inside import Seen
from model_library.link_registry import App, Link, NewLink
from model_library.mapping import Decisions, OnDisk, Scope, decide, unclear
from model_library.methods import MethodChoice
from model_library.profiles.choosing import choose_profile
from model_library.profiles.matching import Refusal, RuleBook, facts_of
from model_library.taxonomy import ConflictReason, LinkMethod, LinkState
from model_library.wishes import (
    Candidate,
    Standing,
    Surroundings,
    Wish,
    name_links,
    possible_targets,
    wish,
)

APP = App("app", "comfyui", Path("/app"), "0.6.0")
NOWHERE = Path("no-such-directory")
SYMLINK, HARD_LINK = LinkMethod.ABSOLUTE_SYMLINK, LinkMethod.HARD_LINK


def model(name: str, kind: str = "vae", *files: str, **more: Any) -> Candidate:
    """One model; its id and content follow from its name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    fields = {
        "official_name": name,
        "slug": name,
        "kind": kind,
        "form": "single-file",
        "container": "safetensors",
        "size": 10,
        "content_digest": digest,
        "security": {"tier": "safe-format"},
        "files": [
            {"path": path, "role": "weight", "size": 10, "sha256": digest}
            for path in files or ("model.safetensors",)
        ],
    } | more
    state = str(fields.pop("state", "online"))
    root, location = str(fields.pop("root", "home")), f"{kind}/{name}"
    return Candidate(name, root, location, state, fields, facts_of(fields))


@dataclass
class World:
    """Models, an application and our links in it, all in memory."""

    models: list[Candidate]
    app: str = "comfyui"
    method: LinkMethod | None = SYMLINK
    roots: dict[str, bool] = field(default_factory=lambda: {"home": True})
    rows: list[Link] = field(default_factory=list)
    disk: dict[str, Seen] = field(default_factory=dict)
    same: frozenset[str] = frozenset()
    blocked: dict[str, str] = field(default_factory=dict)
    restricted: dict[str, Refusal] = field(default_factory=dict)
    existing: tuple[str, ...] = ()
    place: str = "/library"

    def text(self, link: Link | NewLink) -> str:
        return f"{self.place}/{link.source}"

    def plan(self, *, prune: bool = False, only: Sequence[str] | None = None) -> Decisions:
        around = Surroundings(
            app=APP,
            rules=RuleBook(
                choose_profile(self.app, None, "", NOWHERE), self.existing, diffusion_families
            ),
            roots=self.roots,
            choose_method=lambda *_: MethodChoice(self.method, external=False),
            restriction=lambda one: self.restricted.get(one.model_id),
        )
        models = [one for one in self.models if only is None or one.model_id in only]
        found = [(one, wish(one, around)) for one in models]
        wishes = [one for _, one in found if isinstance(one, Wish)]
        near = {row.target for row in self.rows if row.target in possible_targets(wishes)}
        rows = [
            row for row in self.rows if only is None or row.model_id in only or row.target in near
        ]
        planned, unnamed = name_links(APP.app_id, wishes, rows)
        assert not unnamed
        scope = Scope(
            models={one.model_id: Standing(one.root_id, one.model_id, one.facts) for one in models},
            planned=planned,
            excluded={one.model_id: no for one, no in found if not isinstance(no, Wish)},
            rows=rows,
            complete=only is None,
            asked=frozenset(only or ()),
            prune=prune,
        )
        texts = {target: seen.link_text for target, seen in self.disk.items()}
        looked = unclear(scope, texts)
        seen = {target: one for target, one in self.disk.items() if target in looked}
        disk = OnDisk(texts, seen, self.same, self.blocked)
        return decide(around, scope, disk, self.text)

    def apply(self, done: Decisions) -> None:
        """As the mapper does: ours goes, rows of what is gone go, links are made where nothing is."""
        for removal in done.remove:
            del self.disk[removal.link.target]
        gone = {one.link_id for one in (*(r.link for r in done.remove), *done.forget)}
        self.rows = [row for row in self.rows if row.link_id not in gone]
        for planned in done.create:
            assert planned.link.target not in self.disk
            self.link(planned.link)

    def link(self, new: NewLink) -> Link:
        number = max((row.link_id for row in self.rows), default=0) + 1
        hard = new.method is HARD_LINK
        seen = entry("file" if hard else "symlink", None if hard else self.text(new), number)
        self.disk[new.target] = seen
        row = Link(
            link_id=number,
            app_id=new.app_id,
            model_id=new.model_id,
            file=new.file,
            root_id=new.root_id,
            source=new.source,
            target=new.target,
            method=new.method,
            link_text=seen.link_text,
            device=1,
            inode=number,
            external=False,
            state=LinkState.MADE,
            created="",
        )
        self.rows.append(row)
        return row

    def sync(self, *, prune: bool = False, only: Sequence[str] | None = None) -> Decisions:
        done = self.plan(prune=prune, only=only)
        self.apply(done)
        return done


def entry(kind: Any, text: str | None = None, inode: int = 99, size: int = 10) -> Seen:
    return Seen(kind, text, 1, inode, size, 0, 1)


def created(done: Decisions) -> list[str]:
    return sorted(one.link.target for one in done.create)


def changed(world: World, name: str, **more: Any) -> None:
    """One of the models is something else now."""
    old = next(one for one in world.models if one.model_id == name)
    fields = dict(old.document) | more
    new = old._replace(document=fields, facts=facts_of(fields), state=more.get("state", old.state))
    world.models = [new if one is old else one for one in world.models]


# --- names -------------------------------------------------------------------------------------------


def test_of_two_models_with_one_name_the_later_gets_a_part_of_its_digest() -> None:
    world = World([model("b", "vae", "Ae.safetensors"), model("a", "vae", "ae.safetensors")])
    digest = hashlib.sha256(b"b").hexdigest()[:8]
    assert created(world.sync()) == [
        f"models/vae/Ae-{digest}.safetensors",
        "models/vae/ae.safetensors",
    ]


def test_names_stay_when_the_other_model_goes_and_when_an_earlier_one_comes() -> None:
    world = World([model("b"), model("c")])
    world.sync()
    before = {row.model_id: row.target for row in world.rows}
    world.models = [model("c")]
    world.sync()
    world.models = [model("a"), model("c")]
    world.sync()
    after = {row.model_id: row.target for row in world.rows}
    assert after["c"] == before["c"]
    assert after["a"] == before["b"]
    world.models.append(model("b"))
    assert len(created(world.sync(only=["b"]))) == 1
    assert len({row.target for row in world.rows}) == 3


def test_the_shards_of_a_set_keep_one_name_and_their_numbers() -> None:
    files = [f"llm-0000{number}-of-00002.gguf" for number in (1, 2)]
    twins = [model(name, "llm", *files, form="sharded-set", container="gguf") for name in "ab"]
    world = World(twins, app="text_generation_webui")
    digest = hashlib.sha256(b"b").hexdigest()[:8]
    assert created(world.sync()) == [
        "user_data/models/llm-00001-of-00002.gguf",
        "user_data/models/llm-00002-of-00002.gguf",
        f"user_data/models/llm-{digest}-00001-of-00002.gguf",
        f"user_data/models/llm-{digest}-00002-of-00002.gguf",
    ]


def test_a_folder_model_has_a_directory_of_its_name() -> None:
    encoder = model("t5-xxl", "text_encoder", form="transformers-folder")
    assert created(World([encoder]).plan()) == ["models/text_encoders/t5-xxl/model.safetensors"]


@pytest.mark.parametrize(
    ("reference", "source", "folder"),
    [
        (None, "pipeline/sdxl", "sdxl"),
        ({"path": "mine/SDXL-1.0"}, "mine/SDXL-1.0", "SDXL-1.0"),
        ({"path": "."}, ".", "sdxl"),
    ],
)
def test_a_pipeline_is_one_link_to_its_directory(
    reference: Mapping[str, str] | None, source: str, folder: str
) -> None:
    files = ("unet/model.safetensors", "vae/model.safetensors")
    pipeline = model("sdxl", "pipeline", *files, form="diffusers-folder", reference=reference)
    (only,) = World([pipeline]).plan().create
    assert (only.link.file, only.link.source) == (".", source)
    assert only.link.target == f"models/diffusers/{folder}"


def test_where_only_hard_links_can_be_made_its_files_get_one_each() -> None:
    pipeline = model("sdxl", "pipeline", "unet/m.safetensors", form="diffusers-folder")
    beside = [
        {"path": path, "role": role, "size": 1, "sha256": "0" * 64}
        for path, role in (("model_index.json", "config"), ("p.png", "preview"))
    ]
    pipeline.document["files"].extend(beside)
    assert created(World([pipeline], method=HARD_LINK).plan()) == [
        "models/diffusers/sdxl/model_index.json",
        "models/diffusers/sdxl/unet/m.safetensors",
    ]


def test_a_name_without_an_ending_gets_one_where_it_is_not_wanted_as_it_is() -> None:
    """ComfyUI lists classifiers only without an ending, and LoRAs only with one."""
    named = {"path": "bare", "original_name": "bare", "role": "weight", "size": 1, "sha256": "0"}
    tasks = {"tasks": ["image-classification"], "files": [named]}
    world = World([model("a", "classifier", **tasks), model("b", "vae", files=[named])])
    assert created(world.plan()) == ["models/classifiers/bare", "models/vae/bare.safetensors"]


def test_llama_cpp_gets_a_directory_for_each_model_beside_its_projector() -> None:
    llm = model("llm", "llm", "llm-Q4.gguf", container="gguf")
    llm.document["files"].append(
        {"path": "mmproj-llm.gguf", "role": "companion", "size": 1, "sha256": "0" * 64}
    )
    world = World([llm], app="llama_cpp")
    assert created(world.plan()) == ["llm/llm-Q4.gguf", "llm/mmproj-llm.gguf"]
    world.existing = ("models",)
    assert created(world.plan()) == ["models/llm/llm-Q4.gguf", "models/llm/mmproj-llm.gguf"]


def from_repository(name: str, repository: str | None) -> Candidate:
    sources = [
        {"provider": "civitai", "repo": None},
        {"provider": "huggingface", "repo": repository},
    ]
    return model(
        name, "llm", f"{name}.gguf", container="gguf", sources=sources if repository else []
    )


def test_lm_studio_gets_publisher_and_repository_as_two_directories() -> None:
    models = [from_repository("a-q4", "Bartowski/A-GGUF"), from_repository("b", None)]
    models += [
        from_repository("c", "gpt2"),
        from_repository("d", "../d"),
        from_repository("e", "e/f/g"),
    ]
    projector = {"path": "mmproj-a.gguf", "role": "companion", "size": 1, "sha256": "0" * 64}
    models[0].document["files"].append(projector)
    world = World(models, app="lmstudio", method=HARD_LINK, existing=("models",))
    done = created(world.sync())
    assert done == [
        "models/Bartowski/A-GGUF/a-q4.gguf",
        "models/Bartowski/A-GGUF/mmproj-a.gguf",
        *(f"models/model-library/{name}/{name}.gguf" for name in "bcde"),
    ]


def test_quantizations_of_a_repository_lie_together_but_not_two_files_of_one_name() -> None:
    four, eight = from_repository("a-q4", "o/A-GGUF"), from_repository("a-q8", "o/A-GGUF")
    world = World([eight], app="lmstudio")
    assert created(world.sync()) == ["o/A-GGUF/a-q8.gguf"]
    world.models = [four, eight, from_repository("b", "o/B-GGUF")]
    assert created(world.sync()) == ["o/A-GGUF/a-q4.gguf", "o/B-GGUF/b.gguf"]
    other = from_repository("a-q4", "o/A-GGUF")
    document = {**other.document, "content_digest": "f" * 64}
    other = other._replace(model_id="other", document=document)
    world.models.append(other)
    assert created(world.sync()) == ["o/A-GGUF-ffffffff/a-q4.gguf"]
    assert not created(world.sync())


@pytest.mark.parametrize(
    ("origin", "shards", "place"),
    [
        ("/app/models/Owner/Name/a.gguf", 1, "Owner/Name"),
        ("/app/models/Owner/Name", 2, "Owner/Name"),
        ("/app/models/a.gguf", 1, "o/R"),
        ("/app/models/1/2/3/a.gguf", 1, "o/R"),
        ("/elsewhere/Owner/Name/a.gguf", 1, "o/R"),
        (None, 1, "o/R"),
    ],
)
def test_what_was_moved_out_of_lm_studio_is_linked_where_it_lay(
    origin: str | None, shards: int, place: str
) -> None:
    files = [f"a-{number}.gguf" for number in range(shards)]
    more = {"sources": [{"repo": "o/R"}], "origin_path": origin, "container": "gguf"}
    world = World([model("a", "llm", *files, **more)], app="lmstudio", existing=("models",))
    assert created(world.plan()) == [f"models/{place}/{file}" for file in files]


# --- what is there -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "same", "reason"),
    [
        (entry("symlink", "/elsewhere"), False, ConflictReason.OTHER_LINK),
        (entry("file"), False, ConflictReason.OTHER_FILE),
        (entry("file"), True, ConflictReason.SAME_CONTENT),
        (entry("directory"), False, ConflictReason.DIRECTORY),
        (entry("other"), False, ConflictReason.OTHER_FILE),
    ],
)
def test_what_has_the_name_already_is_a_conflict(
    there: Seen, same: bool, reason: ConflictReason
) -> None:
    target = "models/vae/model.safetensors"
    world = World([model("a")], disk={target: there}, same=frozenset({target} if same else ()))
    done = world.plan()
    (conflict,) = done.conflicts
    assert (conflict.reason, conflict.existing) == (reason, there)
    assert not done.create


@pytest.mark.parametrize("method", [SYMLINK, HARD_LINK])
def test_a_link_that_somebody_replaced_is_forgotten_and_asked_about(method: LinkMethod) -> None:
    world = World([model("a")], method=method)
    world.sync()
    (target,) = world.disk
    world.disk[target] = entry("file", inode=4711)
    done = world.plan()
    assert [one.target for one in done.forget] == [target]
    assert len(done.conflicts) == 1
    assert (done.remove, done.create) == ((), ())


def test_a_link_that_somebody_removed_is_made_again() -> None:
    world = World([model("a")])
    world.sync()
    world.disk.clear()
    done = world.sync()
    assert (len(done.forget), len(done.create), done.remove) == (1, 1, ())
    assert not world.sync().create


def test_links_follow_a_root_that_is_somewhere_else_and_a_model_that_moved() -> None:
    world = World([model("a")])
    world.sync()
    world.place = "/mnt/other"
    done = world.sync()
    assert [one.why for one in done.remove] == ["moved"]
    assert len(done.create) == 1
    world.models = [world.models[0]._replace(location="vae/elsewhere")]
    assert [one.why for one in world.sync().remove] == ["place"]
    assert not world.sync().remove


def test_nothing_is_done_in_a_directory_that_is_a_symlink_now() -> None:
    world = World([model("a"), model("b", "llm")])
    world.sync()
    world.blocked = {"models/vae": "A directory of the application is a symlink"}
    world.disk.clear()
    done = world.plan(prune=True)
    assert (done.create, done.remove, done.forget, len(done.keep)) == ((), (), (), 1)
    assert {one.reason for one in done.excluded} == {"target-replaced", "kind"}


# --- what is not linked, and what goes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"state": "missing"}, "missing"),
        ({"state": "invalid"}, "missing"),
        ({"missing_files": ["b"]}, "missing"),
        ({"root": "away"}, "offline"),
        ({"security": {"tier": "pickle-dangerous"}}, "pickle-dangerous"),
        ({"security": {"tier": "unreadable"}}, "unreadable"),
    ],
)
def test_what_cannot_or_must_not_be_linked_is_left_out_with_the_reason(
    more: dict[str, Any], reason: str
) -> None:
    done = World([model("a", **more)], roots={"home": True, "away": False}).plan()
    (excluded,) = done.excluded
    assert (excluded.reason, bool(excluded.detail)) == (reason, True)
    assert not done.create


def test_where_no_link_can_be_made_the_model_is_left_out() -> None:
    assert World([model("a")], method=None).plan().excluded[0].reason == "no-links"


@pytest.mark.parametrize("reason", ["version", "overrides"])
def test_what_a_person_restricted_goes_from_where_it_was_linked(reason: str) -> None:
    world = World([model("a")])
    world.sync()
    world.restricted["a"] = Refusal(reason, "not here")
    assert [one.why for one in world.sync().remove] == [reason]


def test_an_offline_root_keeps_its_links_even_when_its_models_are_not_known() -> None:
    world = World([model("a", root="away")], roots={"home": True, "away": True})
    world.sync()
    world.roots["away"] = False
    assert len(world.plan(prune=True).keep) == 1
    world.models = []
    assert len(world.plan(prune=True).keep) == 1
    world.roots.pop("away")
    assert [one.why for one in world.plan().remove] == ["deleted"]


def test_links_of_a_model_that_is_gone_go() -> None:
    world = World([model("a"), model("b", "checkpoint")])
    world.sync()
    world.models = [world.models[1]]
    assert [one.why for one in world.plan(only=["a"]).remove] == ["deleted"]
    assert not world.plan(only=["b"]).remove
    assert [one.why for one in world.plan().remove] == ["deleted"]


def test_a_model_that_is_something_else_now_changes_its_directory_or_loses_its_link() -> None:
    world = World([model("a")])
    world.sync()
    changed(world, "a", kind="checkpoint")
    done = world.sync()
    assert [one.why for one in done.remove] == ["place"]
    assert created(done) == ["models/checkpoints/model.safetensors"]
    changed(world, "a", kind="llm")
    assert [one.why for one in world.sync().remove] == ["kind"]


def test_what_a_filter_leaves_out_stays_until_it_is_pruned() -> None:
    world = World([model("a", "adapter", family="sdxl")])
    world.sync()
    changed(world, "a", family="llama")
    kept = world.plan()
    assert (len(kept.keep), kept.unwanted, kept.remove) == (1, 1, ())
    assert [one.why for one in world.plan(prune=True).remove] == ["unwanted"]


def test_files_that_are_missing_for_now_keep_their_links() -> None:
    world = World([model("a")])
    world.sync()
    changed(world, "a", state="missing")
    assert len(world.plan(prune=True).keep) == 1


def test_a_link_in_the_making_of_another_process_is_left_alone() -> None:
    world = World([model("a")])
    world.sync()
    world.rows = [replace(row, state=LinkState.PENDING, link_text=None) for row in world.rows]
    done = world.plan(prune=True)
    assert (done.create, done.remove, done.forget, done.conflicts) == ((), (), (), ())


# --- whatever happens ---------------------------------------------------------------------------------

FILES = ("model.safetensors", "Model.safetensors", "other.pt", "x.gguf")
KINDS = ("vae", "checkpoint", "adapter", "llm", "text_encoder", "pipeline")
names = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def any_model(draw: st.DrawFn) -> Candidate:
    kind = draw(st.sampled_from(KINDS))
    return model(
        draw(names),
        kind,
        draw(st.sampled_from(FILES)),
        form="diffusers-folder" if kind == "pipeline" else "single-file",
        family=draw(st.sampled_from(["sdxl", "llama", "unknown"])),
        state=draw(st.sampled_from(["online", "missing"])),
        root=draw(st.sampled_from(["home", "away"])),
    )


def _unique(models: Iterable[Candidate]) -> list[Candidate]:
    return list({one.model_id: one for one in models}.values())


@st.composite
def any_world(draw: st.DrawFn) -> World:
    """A world after some syncs between which people did anything."""
    world = World([], roots={"home": True, "away": True})
    for _ in range(draw(st.integers(1, 3))):
        world.models = _unique(draw(st.lists(any_model(), max_size=4)))
        world.roots["away"] = draw(st.booleans())
        world.method = draw(st.sampled_from([SYMLINK, HARD_LINK]))
        world.place = draw(st.sampled_from(["/library", "/moved"]))
        world.sync(prune=draw(st.booleans()), only=draw(st.none() | st.lists(names, unique=True)))
        for target in draw(st.lists(st.sampled_from(sorted(world.disk) or ["x"]), max_size=2)):
            world.disk.pop(target, None)
            if draw(st.booleans()):
                world.disk[target] = entry("file", inode=1000)
    return world


def _is_ours(world: World, link: Link) -> bool:
    seen = world.disk.get(link.target)
    return seen is not None and (seen.inode, seen.link_text) == (link.inode, link.link_text)


@given(any_world(), st.booleans())
def test_a_plan_touches_only_what_is_ours_and_leaves_nothing_to_do(
    world: World, prune: bool
) -> None:
    done = world.plan(prune=prune)
    for removal in done.remove:
        assert _is_ours(world, removal.link)
        assert world.roots[removal.link.root_id] or removal.why in ("place", "kind")
    assert not any(_is_ours(world, link) for link in done.forget)
    kinds = {one.model_id: one.facts.kind for one in world.models}
    online = {one.model_id: world.roots[one.root_id] for one in world.models}
    for planned in done.create:
        assert kinds[planned.link.model_id] != "llm"
        assert online[planned.link.model_id]
    foreign = {target for target, seen in world.disk.items() if seen.inode == 1000}
    world.apply(done)
    assert foreign <= {target for target, seen in world.disk.items() if seen.inode == 1000}
    targets = [row.target for row in world.rows]
    assert len(targets) == len(set(targets))
    again = world.plan(prune=prune)
    assert (again.create, again.remove, again.forget) == ((), (), ())
    assert set(again.keep) == set(world.rows)


@given(any_world())
def test_planning_for_each_model_alone_ends_where_planning_for_all_ends(world: World) -> None:
    for one in sorted({row.model_id for row in world.rows} | {m.model_id for m in world.models}):
        world.apply(world.plan(only=[one]))
    done = world.plan()
    assert (done.create, done.remove, done.forget) == ((), (), ())


@given(any_world())
def test_a_model_keeps_its_names(world: World) -> None:
    before = {row.link_id: row for row in world.rows}
    done = world.sync()
    for removal in done.remove:
        if removal.why != "moved":
            continue
        same = [row for row in world.rows if row.model_id == removal.link.model_id]
        assert before[removal.link.link_id].target in {row.target for row in same}
