"""How sure a match is follows one table, and more evidence never makes it less sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.hf.confidence import (
    LEAST_SIMILARITY,
    MOST_FOR_ALIKE,
    Agreement,
    Evidence,
    confidence,
)
from model_library.taxonomy import MatchMethod

SAME, UNKNOWN, DIFFERS = Agreement.SAME, Agreement.UNKNOWN, Agreement.DIFFERS

agreements = st.sampled_from(Agreement)
similarities = st.floats(0, 1) | st.just(1.0)
evidence = st.builds(Evidence, similarities, agreements, agreements)


@pytest.mark.parametrize(
    ("similarity", "size", "hashes", "method", "sure", "modified"),
    [
        (0.0, UNKNOWN, SAME, MatchMethod.HASH, 1.0, False),
        (1.0, SAME, SAME, MatchMethod.HASH, 1.0, False),
        (1.0, SAME, UNKNOWN, MatchMethod.FILENAME_EXACT, 0.9, False),
        (1.0, SAME, DIFFERS, MatchMethod.FILENAME_EXACT, 0.75, True),
        (1.0, UNKNOWN, UNKNOWN, MatchMethod.FILENAME_EXACT, 0.7, False),
        (1.0, DIFFERS, DIFFERS, MatchMethod.FILENAME_EXACT, 0.65, True),
        (1.0, DIFFERS, UNKNOWN, MatchMethod.FILENAME_EXACT, 0.65, True),
        (0.9, SAME, UNKNOWN, MatchMethod.FILENAME_FUZZY, 0.72, False),
        (0.9, SAME, DIFFERS, MatchMethod.FILENAME_FUZZY, 0.585, False),
        (0.9, DIFFERS, DIFFERS, MatchMethod.FILENAME_FUZZY, 0.585, False),
        (0.5, SAME, UNKNOWN, MatchMethod.NONE, 0.0, False),
    ],
)
def test_the_table(
    similarity: float,
    size: Agreement,
    hashes: Agreement,
    method: MatchMethod,
    sure: float,
    modified: bool,
) -> None:
    found = Evidence(similarity, size, hashes)
    assert (*confidence(found), found.modified) == (method, sure, modified)


@given(evidence, evidence)
def test_more_evidence_never_makes_it_less_sure(one: Evidence, other: Evidence) -> None:
    least = Evidence(
        min(one.similarity, other.similarity), min(one.size, other.size), min(one.hash, other.hash)
    )
    assert confidence(least)[1] <= min(confidence(one)[1], confidence(other)[1])


@given(evidence)
def test_it_is_a_share_and_only_equal_bytes_are_certain(found: Evidence) -> None:
    method, sure = confidence(found)
    assert 0 <= sure <= 1
    assert (sure == 1) == (method is MatchMethod.HASH) == (found.hash is SAME)
    assert (sure == 0) == (method is MatchMethod.NONE)
    if method is MatchMethod.FILENAME_FUZZY:
        assert sure <= MOST_FOR_ALIKE
        assert found.similarity >= LEAST_SIMILARITY
