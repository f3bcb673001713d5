"""Search and list over many models, and what the index of them costs.

The models are those of `collection.py`. The kinds of queries and their targets are those of the
search table in the performance notes. Each query is asked once, so that nothing is answered from a
cache of its own.

    python -m scripts.bench.bench_search 1000000      other numbers of models than `make bench`
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from model_library.search.fts5 import IndexRecord, ModelIndex, Sort, rebuild
from model_library.search.query import parse_query
from model_library.search.text import words
from scripts.bench.__main__ import workspace
from scripts.bench.collection import Collection
from scripts.bench.measure import Measurement, percentile, print_table, seconds

SIZES, FULL_SIZES = (1_000, 10_000), (1_000, 10_000, 100_000, 1_000_000)
TARGETS = {100_000: 6.0, 1_000_000: 20.0}  # p99 in ms
ASKED = 200  # queries of each kind
PAGE = 50

FILTERS = ("kind:lora", "family:sdxl -tag:anime", "tag:anime size:>1GB", "quant:q4_k_m,fp16")


def questions(collection: Collection, models: int) -> dict[str, Callable[[], str]]:
    """For each kind of query a function that makes one. Words are those of models that exist."""
    chance = random.Random(models)  # noqa: S311 - repeatable, not secret

    def some_words() -> list[str]:
        document = json.loads(collection.record(chance.randrange(models)).document)
        found = words(document["official_name"]) + words(" ".join(document["tags"]))
        return [word for word in found if len(word) > 1]

    def several() -> str:
        found = chance.sample(some_words(), 3)
        return " ".join([*found[:2], found[2][: max(2, len(found[2]) // 2)]])

    def beginning(size: int) -> str:
        long = [word for word in some_words() if len(word) >= size]
        return chance.choice(long)[:size] if long else beginning(size)

    return {
        "one letter": lambda: beginning(1),
        "two letters": lambda: beginning(2),
        "five letters": lambda: beginning(5),
        "several words, last half typed": several,
        "a rare word": lambda: chance.choice(collection.invented),
    }


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    for models in FULL_SIZES if full else SIZES:
        yield from measure(workspace / "models.db", models)


def measure(path: Path, models: int) -> Iterator[Measurement]:
    """Everything about an index of so many models; removes its files."""
    collection = Collection()
    making = 0.0

    def records() -> Iterator[IndexRecord]:
        nonlocal making
        for number in range(models):
            started = time.perf_counter()
            record = collection.record(number)
            making += time.perf_counter() - started
            yield record

    label = f"{models:,} models"
    try:
        building = seconds(lambda: rebuild(path, records())) - making
        detail = f"{models / building:,.0f} rows/s"
        yield Measurement(f"{label}: build", building, "s", detail=detail)
        size = path.stat().st_size / models
        documents = sum(collection.record(n).metadata_size for n in range(100)) / 100
        detail = f"of which {documents:.0f} the document itself"
        yield Measurement(f"{label}: index size", size, "bytes a row", detail=detail)
        index = ModelIndex.open(path)
        opening = seconds(lambda: ModelIndex.open(path).close()) * 1000
        yield Measurement(f"{label}: open", opening, "ms")
        yield from measure_search(index, collection, label, models)
        yield from measure_lists(index, label, models)
        index.close()
    finally:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


def measure_search(
    index: ModelIndex, collection: Collection, label: str, models: int
) -> Iterator[Measurement]:
    for kind, make in questions(collection, models).items():
        asked = [make() for _ in range(ASKED)]
        target = TARGETS.get(models)
        yield timed(f"{label}: {kind}", index, asked, target)
        filtered = [f"{text} {FILTERS[i % len(FILTERS)]}" for i, text in enumerate(asked)]
        yield timed(f"{label}: {kind}, with filters", index, filtered)
        if kind == "five letters":
            yield timed(f"{label}: {kind}, with facets", index, asked, facets=True)


def measure_lists(index: ModelIndex, label: str, models: int) -> Iterator[Measurement]:
    offsets = [models * i // ASKED for i in range(ASKED)]
    for sort in (Sort.ADDED, Sort.NAME, Sort.SIZE):
        samples = [
            index.search(parse_query(""), limit=PAGE, offset=offset, sort=sort).took_ms
            for offset in offsets
        ]
        yield result(f"{label}: pages of the whole list by {sort.value}", samples)
    filtered = [FILTERS[i % len(FILTERS)] for i in range(ASKED)]
    yield timed(f"{label}: list with filters by name", index, filtered, sort=Sort.NAME)
    yield timed(f"{label}: list with filters, latest first", index, filtered)


def timed(
    name: str,
    index: ModelIndex,
    asked: Sequence[str],
    target: float | None = None,
    *,
    sort: Sort = Sort.RELEVANCE,
    facets: bool = False,
) -> Measurement:
    samples = []
    for text in asked:
        query = parse_query(text)
        started = time.perf_counter()
        index.search(query, limit=PAGE, sort=sort, facets=facets)
        samples.append((time.perf_counter() - started) * 1000)
    return result(name, samples, target)


def result(name: str, samples: Sequence[float], target: float | None = None) -> Measurement:
    middle = percentile(samples, 50)
    return Measurement(
        name, percentile(samples, 99), "ms (p99)", target, detail=f"p50 {middle:.2f} ms"
    )


def main() -> int:
    options = argparse.ArgumentParser(description="Measure the search.")
    options.add_argument("models", nargs="*", type=int, default=list(SIZES))
    sizes: list[int] = options.parse_args().models
    with workspace("search") as place:
        found = [row for models in sizes for row in measure(place / "models.db", models)]
    print_table(found, title="Search", console=Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
