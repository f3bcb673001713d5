# Every target does its own set-up (once, into .venv) and needs nothing but Python 3.11 or newer, and Node 20
# or newer for the pages.
#   make PYTHON=python3.13 test     another interpreter

PYTHON ?= python3
BIN := .venv/bin
CODE := backend scripts

.DEFAULT_GOAL := help
.PHONY: help setup run serve test lint format pages pages-test screenshots bench demo lock hooks clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

setup:  ## make .venv with the locked requirements, when it is not already so
	@$(PYTHON) scripts/bootstrap.py

run: setup pages  ## open the window; without a screen serve its pages and print the address
	@$(BIN)/model-library gui --or-serve

serve: setup pages  ## the pages of the user's library in the browser (Ctrl-C ends it)
	@$(BIN)/model-library serve --open

test: setup pages pages-test  ## every test in parallel, then at least 80 % coverage of every single file
	@rm -f .coverage .coverage.*
	$(BIN)/pytest --numprocesses=logical --maxprocesses=8 --dist=worksteal --cov --cov-report=
	$(BIN)/python scripts/check_coverage.py

lint: setup  ## formatting, style, types, layers, exceptions, leaks
	$(BIN)/black --check --quiet --diff $(CODE)
	$(BIN)/isort --check-only --diff $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/python scripts/check_exceptions.py $(CODE)
	$(BIN)/python scripts/check_leaks.py
	$(BIN)/lint-imports
	$(BIN)/mypy

format: setup  ## let black, isort and ruff mend what they can
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/isort $(CODE)
	$(BIN)/black $(CODE)

pages:  ## build the web pages into the package (Node 20 or newer)
	@$(PYTHON) scripts/pages.py

pages-test: setup  ## schema, types, style and components of the web pages
	@$(PYTHON) scripts/pages.py --check

screenshots: setup pages  ## the pictures of docs/images/ anew, by the browser tests
	SCREENSHOTS=1 $(BIN)/pytest backend/tests/pages

bench: setup  ## the promised speeds as ratios (BENCH_FULL=1: the sizes they are promised for)
	@$(BIN)/python -m scripts.bench

demo: setup  ## small models in real formats through the whole program
	@$(BIN)/python scripts/demo.py

lock: setup  ## write requirements/*.lock anew (UPGRADE=1: newest allowed versions)
	$(BIN)/python scripts/pin_requirements.py $(if $(UPGRADE),--upgrade)

hooks: setup  ## run all checks before every commit
	$(BIN)/pre-commit install

clean:  ## remove everything that was made here
	rm -rf .venv .demo .bench build dist htmlcov .coverage .coverage.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find backend scripts -name __pycache__ -type d -prune -exec rm -rf {} +
