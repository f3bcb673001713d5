"""Benchmarks: `make bench` runs every `bench_*.py` here; see `measure.py` for their contract."""
