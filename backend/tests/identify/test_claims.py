"""Between sources that disagree the stronger one is believed, and the evidence says which."""

from __future__ import annotations

import pytest

from model_library.identify.claims import Claim, resolve
from model_library.identify.rules import ANY, RULES_VERSION
from model_library.identify.values import Evidence
from model_library.taxonomy import EvidenceMethod

TENSORS, METADATA = EvidenceMethod.TENSOR_KEYS, EvidenceMethod.METADATA
CONFIG, FOLDER, NAME = (
    EvidenceMethod.CONFIG_JSON,
    EvidenceMethod.FOLDER,
    EvidenceMethod.FILENAME,
)


def _family(value: str, method: EvidenceMethod, sure: float = 0.5, *also: str) -> Claim:
    return Claim("family", value, method, sure, also)


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [(METADATA, TENSORS), (FOLDER, METADATA), (NAME, FOLDER), (FOLDER, CONFIG)],
)
def test_the_stronger_source_wins_whatever_it_is_sure_of(
    weaker: EvidenceMethod, stronger: EvidenceMethod
) -> None:
    resolution = resolve([_family("sdxl", weaker, 1.0), _family("sd1", stronger, 0.1)])
    assert resolution.evidence["family"] == Evidence("sd1", stronger, 0.1, RULES_VERSION)


def test_a_source_that_cannot_tell_leaves_the_choice_to_a_weaker_one() -> None:
    open_claim = _family("sd1", TENSORS, 0.3, "sdxl")
    assert resolve([open_claim, _family("sdxl", NAME)]).value("family") == "sdxl"
    assert resolve([open_claim, _family("flux1", NAME)]).value("family") == "sd1"


def test_agreement_is_as_sure_as_the_surer_of_both() -> None:
    evidence = resolve(
        [_family("sd1", TENSORS, 0.3, "sdxl"), _family("sd1", METADATA, 0.8)]
    ).evidence
    assert evidence["family"] == Evidence("sd1", METADATA, 0.8, RULES_VERSION)
    evidence = resolve([_family("sd1", TENSORS, 0.3, "sdxl"), _family("sd1", NAME, 0.2)]).evidence
    assert evidence["family"] == Evidence("sd1", TENSORS, 0.3, RULES_VERSION)


def test_a_source_may_leave_every_choice_but_not_to_names() -> None:
    open_claim = _family("llama", TENSORS, 0.7, ANY)
    assert resolve([open_claim, _family("mistral", CONFIG)]).value("family") == "mistral"
    assert resolve([open_claim, _family("sdxl", FOLDER)]).value("family") == "llama"


def test_an_overruled_text_of_the_file_is_told() -> None:
    resolution = resolve([_family("sdxl", METADATA), _family("sd1", TENSORS)])
    assert resolution.warnings == (
        "The embedded texts name the family SDXL; the tensors show SD 1.x.",
    )
    assert resolve([_family("sdxl", NAME), _family("sd1", TENSORS)]).warnings == ()


def test_nothing_claimed_is_nothing_known() -> None:
    assert resolve([]).value("family") is None
