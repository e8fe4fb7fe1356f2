# Everything from a fresh clone: Python 3.11 or newer and make are all it takes.
MAKEFLAGS += --no-print-directory --warn-undefined-variables
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

SERVE ?= 1
ONLY ?=
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready
# The first Python on the path that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
# uv from the path, else the version of the lock file, in a small environment of its own.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),build/uv/bin/uv)

.PHONY: help setup demo test check format bench lock clean

help: ## what can be made
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup: $(READY) ## the environment in .venv
	@:

demo: $(READY) ## a fictional municipality, a month of its work, then its pages (SERVE=0: without the pages)
	@$(BIN)/huishoudboekje demo $(if $(filter 0,$(SERVE)),--no-serve) $(ARGS)

test: $(READY) ## all tests (ARGS="-k name" for some)
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## lint, format, types, who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## put the code in its one shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(READY) ## measure; table and build/bench.json (ONLY=name for one)
	@mkdir -p build
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

lock: $(READY) ## requirements.lock anew from pyproject.toml
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --all-groups --no-header --no-annotate --no-emit-project --output-file requirements.lock

clean: ## what make made, except the database in .huishoudboekje
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements.lock pyproject.toml | $(UV)
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed' >&2; exit 1; }
	@test -x $(BIN)/python || $(UV) venv --quiet --no-config --python "$(PYTHON)" .venv
	@$(UV) pip sync --quiet --no-config --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

build/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed' >&2; exit 1; }
	@mkdir -p build
	@"$(PYTHON)" -m venv build/uv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > build/uv.txt
	@build/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r build/uv.txt
