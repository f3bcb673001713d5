"""What people call the applications of a library; their ids (`comfyui-2`) are for commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from model_library.errors import ProfileError
from model_library.link_registry import App
from model_library.profiles.choosing import choose_profile


def display_of(kind: str, version: str | None, variant: str, user_profiles: Path) -> str:
    """What an application of a kind is called by the profile that it gets; without one that can be used, its kind."""
    try:
        return choose_profile(kind, version, variant, user_profiles).display
    except ProfileError:  # a profile of the user that is gone or broken; `app profiles` says so
        return kind


def app_names(apps: Sequence[App], user_profiles: Path) -> dict[str, str]:
    """By id what each application is called, with its path where several have one name."""
    called = {
        app.app_id: display_of(app.kind, app.version, app.variant, user_profiles) for app in apps
    }
    times = Counter(called.values())
    return {
        app.app_id: name if times[name := called[app.app_id]] == 1 else f"{name} at {app.path}"
        for app in apps
    }
