"""The orders of results, apart from the search itself: the command line offers them before it loads it."""

from __future__ import annotations

from enum import StrEnum


class Sort(StrEnum):
    """The order of results. Without `-asc` or `-desc`, the order a person expects of the column."""

    RELEVANCE = "relevance"
    NAME = "name"
    NAME_DESC = "name-desc"
    SIZE = "size"
    SIZE_ASC = "size-asc"
    ADDED = "added"
    ADDED_ASC = "added-asc"
    UPDATED = "updated"
    UPDATED_ASC = "updated-asc"
