"""What people call kinds, adapter types and families."""

from __future__ import annotations

from model_library.display_names import (
    ADAPTER_TYPES,
    FAMILIES,
    KINDS,
    display_name,
    number_of,
)
from model_library.taxonomy import UNKNOWN_FAMILY, AdapterType, Kind


def test_every_kind_and_adapter_type_has_a_name() -> None:
    assert set(KINDS) == set(Kind)
    assert set(ADAPTER_TYPES) == set(AdapterType)
    assert UNKNOWN_FAMILY in FAMILIES


def test_a_value_is_called_as_people_call_it() -> None:
    assert display_name("family", "sdxl") == "SDXL"
    assert display_name("kind", Kind.EMBEDDING_TI) == "Textual inversion"


def test_what_has_no_name_is_quoted() -> None:
    assert display_name("family", "made-up") == "'made-up'"
    assert display_name("lineage", "pony") == "'pony'"


def test_one_thing_is_not_called_several() -> None:
    assert [number_of(count, "model") for count in range(3)] == ["0 models", "1 model", "2 models"]
