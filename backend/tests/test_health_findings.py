"""What is said once is said once."""

from __future__ import annotations

from dataclasses import replace

from model_library.health import Finding, Severity, _sandbox_once


def test_the_sandbox_we_run_in_is_said_once_for_all_applications() -> None:
    ours = [Finding("sandbox", Severity.INFO, "In a sandbox", app_id=app) for app in ("a", "b")]
    other = Finding("app-gone", Severity.WARNING, "It is gone", app_id="a")
    assert _sandbox_once([ours[0], other, ours[1]]) == [other, replace(ours[0], app_id=None)]
