"""The tools of the checkout: set-up, checks, benchmarks and the demo. Not part of the package."""
