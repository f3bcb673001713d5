"""Knowing what a file is: header-only probes, rules as data, evidence for every answer."""
