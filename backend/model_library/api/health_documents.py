"""Reports about health, repair and moved roots as the JSON of `shapes_health.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_library.api.documents import root_json
from model_library.api.shapes_health import (
    FindingJson,
    HealthJson,
    MovedAppJson,
    RelocationJson,
    RepairedJson,
    RepairJson,
    RewriteJson,
    UntouchedLinkJson,
)
from model_library.health import Finding, HealthReport
from model_library.link_check import AppCheck
from model_library.link_registry import App, Link
from model_library.relocation import Relocation
from model_library.repair import Repair


def relocation_json(done: Relocation, apps: Sequence[App], *, dry_run: bool) -> RelocationJson:
    places = _places(apps)
    return RelocationJson(
        **root_json(done.root),
        old_path=str(done.old_path),
        models=done.models,
        absent=done.absent,
        rewritten=[
            RewriteJson(
                app=one.link.app_id,
                model_id=one.link.model_id,
                path=_path_of(one.link, places),
                old_text=one.old,
                new_text=one.new,
            )
            for one in done.rewrites
        ],
        left=[_left(link, reason, places) for link, reason in done.left],
        dry_run=dry_run,
    )


def _places(apps: Sequence[App]) -> dict[str, Path]:
    return {app.app_id: app.path for app in apps}


def _path_of(link: Link, places: Mapping[str, Path]) -> str:
    return str(places[link.app_id] / link.target)


def _left(link: Link, reason: str, places: Mapping[str, Path]) -> UntouchedLinkJson:
    return UntouchedLinkJson(
        app=link.app_id,
        model_id=link.model_id,
        path=_path_of(link, places),
        reason=reason,
    )


def health_json(report: HealthReport, took_ms: float) -> HealthJson:
    return HealthJson(
        status=report.status.value,
        findings=[_finding(finding) for finding in report.findings],
        apps=report.apps,
        links=report.links,
        working=report.working,
        models=report.models,
        took_ms=took_ms,
    )


def _finding(finding: Finding) -> FindingJson:
    return FindingJson(
        finding_id=finding.finding_id,
        code=finding.code,
        severity=finding.severity.value,
        message=finding.message,
        action=finding.action,
        fixable=finding.fixable,
        app=finding.app_id,
        model_id=finding.model_id,
        path=None if finding.path is None else str(finding.path),
    )


def repair_json(
    done: Repair, apps: Sequence[App], moved: Sequence[AppCheck], *, dry_run: bool, took_ms: float
) -> RepairJson:
    """`moved`: the applications that are at another place now."""
    places = _places(apps) | {check.app.app_id: check.app.path for check in moved}
    return RepairJson(
        repaired=[
            RepairedJson(
                app=heal.link.app_id,
                model_id=heal.link.model_id,
                path=_path_of(heal.link, places),
                was=heal.condition.value,
                means=heal.means.value,
            )
            for heal in done.healed
        ],
        left=[_left(link, reason, places) for link, reason in done.left],
        moved_apps=[
            MovedAppJson(app=check.app.app_id, old_path=str(check.was), path=str(check.app.path))
            for check in moved
        ],
        dry_run=dry_run,
        took_ms=took_ms,
    )
