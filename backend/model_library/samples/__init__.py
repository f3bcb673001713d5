"""Small files in true formats: for tests, for the demo and for a first look at the program."""

from __future__ import annotations

from model_library.samples.cases import SampleCase, SampleFile, sample_cases, write_case

__all__ = ["SampleCase", "SampleFile", "sample_cases", "write_case"]
