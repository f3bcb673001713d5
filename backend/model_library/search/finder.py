"""Answering a query: which models, in which order, and how many there are.

What matches is always found, and an exact name always comes first. What would take longer with
every model is bounded instead:

- The total is counted up to TOTAL_CAP and is a lower bound beyond. Where words are combined with a
  size, a state, a file or an id, these are looked up for CONDITION_CAP matches.
- When several things must be true and even the rarest of them is true of more than MANY models,
  counting and ranking look at the latest models only, so many that about MANY of them have it.
  Older matches come after them, the latest first.
- Facets are counted in the FACET_CAP latest matches.

With these numbers a search of 100,000 models takes less than 5 ms.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isqrt
from typing import NamedTuple

from model_library.search import facets
from model_library.search.match import Condition, Plan, make_plan
from model_library.search.order import Sort
from model_library.search.query import Query
from model_library.search.schema import total as stored_total
from model_library.search.vocabulary import Vocabulary

TOTAL_CAP = 2_000
FACET_CAP = 2_000
MANY = 5_000
CONDITION_CAP = 1_000


class Found(NamedTuple):
    """The numbers of the models on one page, and what is true of all matches."""

    numbers: Sequence[int]
    total: int
    total_is_exact: bool
    facets: Mapping[str, Mapping[str, int]]


_ORDERS = {
    Sort.NAME: ("name", "ASC"),
    Sort.NAME_DESC: ("name", "DESC"),
    Sort.SIZE: ("size", "DESC"),
    Sort.SIZE_ASC: ("size", "ASC"),
    Sort.ADDED: ("added", "DESC"),
    Sort.ADDED_ASC: ("added", "ASC"),
    Sort.UPDATED: ("updated", "DESC"),
    Sort.UPDATED_ASC: ("updated", "ASC"),
}


def find(
    connection: sqlite3.Connection,
    query: Query,
    *,
    limit: int,
    offset: int,
    sort: Sort,
    with_facets: bool,
) -> Found:
    """One page of matches. Without terms, relevance means the latest first."""
    plan = make_plan(connection, query, Vocabulary(connection))
    if plan is None:
        return Found((), 0, True, facets.counts_of(connection, (), {}) if with_facets else {})
    window = _window(connection, plan)
    if sort is Sort.RELEVANCE and plan.exact is not None:
        numbers, known = _by_relevance(connection, plan, offset + limit, window)
        counted = known or _count(connection, plan, window)
        numbers = numbers[offset:]
    else:
        counted = _count(connection, plan, window)
        numbers = _by_column(connection, plan, counted, limit, offset, sort)
    counts = _facet_counts(connection, plan, query) if with_facets else {}
    total, exact = counted
    at_least = offset + len(numbers) if numbers else 0
    return Found(numbers, total if exact else max(total, at_least), exact, counts)


def _by_relevance(
    connection: sqlite3.Connection, plan: Plan, needed: int, window: int
) -> tuple[list[int], tuple[int, bool] | None]:
    """The first `needed` numbers, and how many there are if that is known then.

    What matches at all is asked first: often it says that there is nothing or little to be put in
    order. Its first rows also hold everything that the rungs before leave open: of `needed` rows
    they may have named some, and the others are the next ones.
    """
    countable = not (window or plan.conditions)
    limit = max(needed, TOTAL_CAP + 1) if countable else needed
    widest = _latest(connection, plan, plan.expression, limit, 0)
    total = None
    if len(widest) < limit or countable:
        total = min(len(widest), max(needed, TOTAL_CAP)), len(widest) < limit
    wanted = min(needed, len(widest))
    numbers: dict[int, None] = {}
    if plan.exact is not None and wanted > 1:
        numbers.update(dict.fromkeys(_latest(connection, plan, plan.exact, needed, 0)))
    empty: set[str | None] = set()
    for rung in plan.rungs:
        if len(numbers) >= wanted:
            break
        if rung.within and not _latest(connection, plan, rung.within, 1, window):
            empty.add(rung.within)
        if not {rung.expression, rung.within} & empty:
            found = _latest(connection, plan, rung.expression, needed, window)
            numbers.update(dict.fromkeys(found))
    numbers.update(dict.fromkeys(widest))
    return list(numbers)[:needed], total


def _latest(
    connection: sqlite3.Connection, plan: Plan, expression: str | None, limit: int, above: int
) -> list[int]:
    """The latest numbers above one that match the expression and meet the conditions."""
    sql, parameters = _selection("words.rowid", expression, plan.conditions)
    latest = f"{sql} AND words.rowid > ? ORDER BY words.rowid DESC LIMIT ?"
    return [number for (number,) in connection.execute(latest, (*parameters, above, limit))]


def _by_column(
    connection: sqlite3.Connection,
    plan: Plan,
    counted: tuple[int, bool],
    limit: int,
    offset: int,
    sort: Sort,
) -> list[int]:
    """The numbers in the order of a column.

    Few matches are gathered and sorted; with many, the index of the column is walked until enough
    of its rows match. Both cost about the same where matches are the root of models times rows.
    """
    column, direction = _ORDERS.get(sort, _ORDERS[Sort.ADDED])
    matches, exact = counted
    everything = plan.expression is None and not plan.conditions
    few = exact and matches <= isqrt(stored_total(connection, "models") * (limit + offset))
    if plan.instead is not None and (everything or not few):
        conditions = (*plan.instead, *plan.conditions)
        sql, parameters = _walk(column, conditions)
        order = f"m.{column} {direction}, m.id {direction}"
    else:
        sql, parameters = _selection("m.id", plan.expression, plan.conditions, joined=True)
        order = f"+m.{column} {direction}, m.id {direction}"
    rows = connection.execute(
        f"{sql} ORDER BY {order} LIMIT ? OFFSET ?", (*parameters, limit, offset)
    )
    return [number for (number,) in rows]


def _count(connection: sqlite3.Connection, plan: Plan, window: int) -> tuple[int, bool]:
    """How many models match, and whether these are all."""
    if plan.expression is None and not plan.conditions:
        return stored_total(connection, "models"), True
    if plan.only_facet is not None:
        return facets.models_with(connection, [plan.only_facet]), True
    cap = TOTAL_CAP
    if plan.expression is None or not plan.conditions:
        sql, parameters = _selection("1 AS passes", plan.expression, plan.conditions)
    else:  # not to look at every match for the few that also meet the conditions
        tests = " AND ".join([one.sql for one in plan.conditions])
        sql, parameters = _selection(f"({tests}) AS passes", plan.expression, (), joined=True)
        parameters = [*_values(plan.conditions), *parameters]
        cap = CONDITION_CAP
    if window:
        sql, parameters = f"{sql} AND words.rowid > ?", [*parameters, window]
    capped = f"SELECT count(*), coalesce(sum(passes), 0) FROM ({sql} LIMIT ?)"  # noqa: S608 - see `_selection`
    seen, passed = connection.execute(capped, (*parameters, cap + 1)).fetchone()
    return min(passed, cap), not window and seen <= cap


def _window(connection: sqlite3.Connection, plan: Plan) -> int:
    """The number above which matches are counted and put in order; 0 means all of them."""
    if plan.rarest <= MANY:
        return 0
    last = stored_total(connection, "last_id")
    return last - last * MANY // plan.rarest


def _facet_counts(
    connection: sqlite3.Connection, plan: Plan, query: Query
) -> Mapping[str, Mapping[str, int]]:
    if query.is_empty:
        return facets.all_counts(connection)
    sql, parameters = _selection("m.facets, m.state", plan.expression, plan.conditions, joined=True)
    latest = f"{sql} ORDER BY {_number_of(plan)} DESC LIMIT ?"
    rows = connection.execute(latest, (*parameters, FACET_CAP)).fetchall()
    states = Counter([state for _, state in rows])
    return facets.counts_of(connection, [words for words, _ in rows], states)


def _selection(
    what: str, expression: str | None, conditions: Sequence[Condition], *, joined: bool = False
) -> tuple[str, list[object]]:
    """SELECT of all matches; all parts are of our own making, values are parameters."""
    tests = [one.sql for one in conditions]
    parameters = _values(conditions)
    if expression is None:
        source = "models AS m"
    else:
        source = "words"
        if conditions or joined:
            source += " CROSS JOIN models AS m ON m.id = words.rowid"
        tests.insert(0, "words MATCH ?")
        parameters.insert(0, expression)
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT {what} FROM {source}{where}", parameters  # noqa: S608 - see above


def _walk(column: str, conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    tests = " AND ".join([one.sql for one in conditions]) or "TRUE"
    sql = f"SELECT m.id FROM models AS m INDEXED BY models_by_{column} WHERE {tests}"  # noqa: S608 - see `_selection`
    return sql, _values(conditions)


def _values(conditions: Sequence[Condition]) -> list[object]:
    return [value for one in conditions for value in one.parameters]


def _number_of(plan: Plan) -> str:
    return "m.id" if plan.expression is None else "words.rowid"
