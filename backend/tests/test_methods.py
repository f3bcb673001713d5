"""Which links two places allow, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library.io.platform.filesystems import Filesystem
from model_library.methods import THIS_MACHINE, LinkingMachine, choose_method, sandbox_of
from model_library.taxonomy import LinkMethod, LinkPreference

Mounts = dict[str, str]


def machine(
    mounts: Mounts,
    *,
    symlinks: bool = True,
    hard_links: bool = True,
    sandbox: str | None = None,
) -> LinkingMachine:
    """A machine with filesystems of these kinds at these mount points."""

    def filesystem_of(path: Path) -> Filesystem:
        point = max((Path(p) for p in mounts if path.is_relative_to(p)), key=lambda p: len(p.parts))
        return Filesystem(mounts[str(point)], point, f"/dev/{point.name}", False, False)

    return LinkingMachine(
        filesystem_of=filesystem_of,
        device_of=lambda path: hash(filesystem_of(path).mount_point),
        can_symlink=lambda _: symlinks,
        can_hard_link=lambda *_: hard_links,
        detect_sandbox=lambda: sandbox,
        home=lambda: Path("/people/ann"),
    )


def codes(warnings: tuple[object, ...]) -> list[str]:
    return [getattr(warning, "code", "") for warning in warnings]


ONE_DISK = {"/": "ext4"}
TWO_DISKS = {"/": "ext4", "/mnt/models": "xfs"}


@pytest.mark.parametrize(
    ("app", "root", "method"),
    [
        ("/people/ann/ai/ComfyUI", "/people/ann/ai/library/models", LinkMethod.RELATIVE_SYMLINK),
        ("/people/ann/ComfyUI", "/people/ann/library/models", LinkMethod.ABSOLUTE_SYMLINK),
        ("/opt/ComfyUI", "/srv/library/models", LinkMethod.ABSOLUTE_SYMLINK),
        ("/srv/ComfyUI", "/srv/library/models", LinkMethod.ABSOLUTE_SYMLINK),
    ],
)
def test_symlinks_are_relative_where_both_would_be_moved_together(
    app: str, root: str, method: LinkMethod
) -> None:
    choice = choose_method(Path(app), Path(root), machine=machine(ONE_DISK))
    assert (choice.method, choice.external, choice.warnings) == (method, False, ())


def test_an_application_inside_the_library_moves_with_it() -> None:
    choice = choose_method(
        Path("/data/apps/comfyui/1"),
        Path("/data/models"),
        library=Path("/data"),
        machine=machine(ONE_DISK),
    )
    assert choice.method is LinkMethod.RELATIVE_SYMLINK


def test_a_drive_that_holds_both_may_come_back_elsewhere() -> None:
    disk = machine({"/": "ext4", "/media": "ext4"})
    choice = choose_method(Path("/media/ComfyUI"), Path("/media/models"), machine=disk)
    assert choice.method is LinkMethod.RELATIVE_SYMLINK


def test_across_filesystems_an_absolute_symlink_with_a_warning() -> None:
    disks = machine(TWO_DISKS)
    choice = choose_method(Path("/people/ann/ai/app"), Path("/mnt/models/root"), machine=disks)
    assert (choice.method, choice.external) == (LinkMethod.ABSOLUTE_SYMLINK, True)
    assert codes(choice.warnings) == ["cross-filesystem"]
    assert "/mnt/models" in choice.warnings[0].hint


def test_hard_links_on_ntfs() -> None:
    disk = machine({"/": "ext4", "/mnt/win": "ntfs"})
    choice = choose_method(Path("/mnt/win/app"), Path("/mnt/win/models"), machine=disk)
    assert (choice.method, choice.warnings) == (LinkMethod.HARD_LINK, ())


def test_ntfs_and_models_elsewhere_is_a_symlink_that_windows_will_not_follow() -> None:
    disks = machine({"/": "ext4", "/mnt/win": "ntfs"})
    choice = choose_method(Path("/mnt/win/app"), Path("/people/ann/models"), machine=disks)
    assert choice.method is LinkMethod.ABSOLUTE_SYMLINK
    assert codes(choice.warnings) == ["cross-filesystem", "ntfs-symlinks"]


@pytest.mark.parametrize("kind", ["exfat", "vfat"])
def test_fat_has_no_links_and_what_is_possible_instead_is_said(kind: str) -> None:
    disk = machine({"/": "ext4", "/mnt/usb": kind})
    choice = choose_method(Path("/mnt/usb/app"), Path("/mnt/usb/models"), machine=disk)
    assert choice.method is None
    assert codes(choice.warnings) == ["no-links"]
    assert "extra_model_paths.yaml" in choice.warnings[0].hint


def test_an_application_that_dislikes_symlinks_gets_hard_links() -> None:
    wish = LinkPreference.HARD_LINK
    choice = choose_method(
        Path("/people/ann/a/x"), Path("/people/ann/a/y"), wish, machine=machine(ONE_DISK)
    )
    assert choice.method is LinkMethod.HARD_LINK
    across = choose_method(
        Path("/people/ann/a/x"), Path("/mnt/models/y"), wish, machine=machine(TWO_DISKS)
    )
    assert across.method is LinkMethod.ABSOLUTE_SYMLINK
    assert codes(across.warnings) == ["cross-filesystem", "hard-links-impossible"]


def test_an_unknown_filesystem_is_tried_out() -> None:
    def choice(*, symlinks: bool, hard_links: bool) -> LinkMethod | None:
        disk = machine({"/": "strange"}, symlinks=symlinks, hard_links=hard_links)
        wish = LinkPreference.SYMLINK
        return choose_method(Path("/srv/a/x"), Path("/srv/a/y"), wish, machine=disk).method

    assert choice(symlinks=True, hard_links=True) is LinkMethod.RELATIVE_SYMLINK
    assert choice(symlinks=False, hard_links=True) is LinkMethod.HARD_LINK
    assert choice(symlinks=False, hard_links=False) is None


def test_our_own_sandbox_is_warned_about() -> None:
    disk = machine(ONE_DISK, sandbox="flatpak")
    choice = choose_method(Path("/srv/a/x"), Path("/srv/a/y"), machine=disk)
    assert codes(choice.warnings) == ["sandbox"]


def test_an_application_that_only_our_container_can_see_needs_no_warning() -> None:
    mounted = machine({"/": "overlay", "/data": "ext4"}, sandbox="docker")
    inside = choose_method(Path("/opt/ComfyUI"), Path("/data/models"), machine=mounted)
    outside = choose_method(Path("/data/ComfyUI"), Path("/data/models"), machine=mounted)
    assert "sandbox" not in codes(inside.warnings)
    assert codes(outside.warnings) == ["sandbox"]
    assert "at the path that it has outside" in outside.warnings[0].hint


@pytest.mark.parametrize(
    ("app", "name"),
    [
        ("/people/ann/.var/app/org.comfy.UI/data/ComfyUI", "flatpak"),
        ("/people/ann/snap/comfyui/current/ComfyUI", "snap"),
        ("/var/lib/docker/volumes/comfy/_data", "docker"),
        ("/people/ann/.local/share/containers/storage/volumes/comfy/_data", "podman"),
    ],
)
def test_an_application_in_a_sandbox_may_not_see_the_models(app: str, name: str) -> None:
    choice = choose_method(Path(app), Path("/srv/lib/models"), machine=machine(ONE_DISK))
    assert codes(choice.warnings) == ["app-sandbox"]
    assert name in choice.warnings[0].message
    assert choice.warnings[0].hint


def test_models_inside_the_sandbox_are_seen() -> None:
    top = Path("/people/ann/.var/app/org.comfy.UI")
    choice = choose_method(top / "data/ComfyUI", top / "data/models", machine=machine(ONE_DISK))
    assert choice.warnings == ()


def test_a_compose_file_tells_a_container(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {}\n")
    filesystem = THIS_MACHINE.filesystem_of(tmp_path)
    assert sandbox_of(tmp_path, filesystem) == ("docker", tmp_path)


def test_a_windows_drive_below_wsl() -> None:
    filesystem = Filesystem("9p", Path("/mnt/c"), "C:", False, False)
    assert sandbox_of(Path("/mnt/c/ComfyUI"), filesystem) == ("wsl", Path("/mnt/c"))


def test_trying_out_leaves_nothing_behind(tmp_path: Path) -> None:
    root, app = tmp_path / "root", tmp_path / "app"
    root.mkdir()
    app.mkdir()
    assert THIS_MACHINE.can_symlink(app)
    assert THIS_MACHINE.can_hard_link(root, app)
    assert not THIS_MACHINE.can_symlink(tmp_path / "nothing")
    assert not THIS_MACHINE.can_hard_link(root, tmp_path / "nothing")
    assert not list(root.iterdir())
    assert not list(app.iterdir())


def test_the_real_machine_answers(tmp_path: Path) -> None:
    root, app = tmp_path / "root", tmp_path / "app"
    root.mkdir()
    app.mkdir()
    assert choose_method(app, root).method is not None
