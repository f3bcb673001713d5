"""Which findings of health a person wants fixed, and what has to be touched for those alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from model_library.errors import FindingNotFoundError, InvalidValueError
from model_library.health import Finding
from model_library.link_registry import Link


@dataclass(slots=True)
class Chosen:
    """What may be changed for some findings; everything else stays as it is."""

    links: set[int] = field(default_factory=set)
    """Ids of the links that are to lead to their files."""
    moved: set[str] = field(default_factory=set)
    """Applications whose new places are noted, if they are not where they were."""
    waiting: set[str] = field(default_factory=set)
    """Applications into which the models are linked that wait for it."""
    models: set[tuple[str, str]] = field(default_factory=set)
    """Ids of applications and models: of a model that was deleted its links there go."""


def choose(
    findings: Sequence[Finding], words: Sequence[str], links_of: Callable[[str], Sequence[Link]]
) -> Chosen:
    """What fixing means of the findings that the words name, by their ids or all of one code.

    `links_of` gives the links of an application. Raises FindingNotFoundError for a word that names none, and
    InvalidValueError for one that nothing here fixes.
    """
    chosen = Chosen()
    for word in words:
        named = [one for one in findings if word in (one.finding_id, one.code)]
        if not named:
            raise FindingNotFoundError(f"No finding is named {word!r}")
        fixable = [one for one in named if one.fixable]
        if not fixable:
            raise InvalidValueError(
                f"Not fixed by itself: {named[0].message}", hint=named[0].action
            )
        for finding in fixable:
            _add(chosen, finding, links_of)
    return chosen


def _add(chosen: Chosen, finding: Finding, links_of: Callable[[str], Sequence[Link]]) -> None:
    app, link_id = finding.app_id, finding.link_id
    if app is None:
        return  # unfinished work, which every fix settles first
    chosen.moved.add(app)
    if link_id is not None:
        chosen.links.add(link_id)
        if finding.model_id is not None:
            chosen.models.add((app, finding.model_id))
    elif finding.code == "links-waiting":
        chosen.waiting.add(app)
    else:
        chosen.links |= {link.link_id for link in links_of(app)}
