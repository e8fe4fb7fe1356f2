# Everything from a fresh clone: Python 3.11 or newer and make are all it takes.
MAKEFLAGS += --no-print-directory --warn-undefined-variables
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

SERVE ?= 1
ONLY ?=
ARGS ?=
SECONDS ?= 60
READER ?=
BIN := .venv/bin
READY := .venv/.ready
# Packages to compare and to fuzz with are many and large: they stay out of .venv.
PEERS := build/peers
# The first Python on the path that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
# uv from the path, else the version of the lock file, in a small environment of its own.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),build/uv/bin/uv)
EXPORT = $(UV) export --quiet --no-default-groups --no-header --no-annotate --no-emit-project

.PHONY: help setup demo test coverage peers fuzz check format bench lock clean

help: ## what can be made
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup: $(READY) ## the environment in .venv
	@:

demo: $(READY) ## a fictional municipality, a month of its work, then its pages (SERVE=0: without the pages)
	@$(BIN)/huishoudboekje demo $(if $(filter 0,$(SERVE)),--no-serve) $(ARGS)

test: $(READY) ## all tests (ARGS="-k name" for some)
	@$(BIN)/python -m pytest $(ARGS)

coverage: $(READY) ## tests of bank_formats, and the branches of it that they leave out
	@mkdir -p build
	@$(BIN)/python -m coverage run -m pytest tests/bank_formats --hypothesis-profile=ci $(ARGS)
	@$(BIN)/python -m coverage report

peers: $(PEERS)/.ready ## other readers and writers of bank files beside ours, in an environment of their own
	@$(PEERS)/bin/python -m pytest tests/peers tests/fuzz $(ARGS)

fuzz: $(PEERS)/.ready ## every reader under atheris and hypothesis at once (SECONDS=60 each; READER=camt for one)
	@mkdir -p build/fuzz
	@$(PEERS)/bin/python -m tests.fuzz --engine atheris --seconds $(SECONDS) $(if $(READER),--reader $(READER)) & \
	status=0; \
	$(PEERS)/bin/python -m tests.fuzz --engine hypothesis --seconds $(SECONDS) $(if $(READER),--reader $(READER)) || status=1; \
	wait $$! || status=1; \
	exit $$status

check: $(READY) ## lint, format, types, who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## put the code in its one shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(PEERS)/.ready ## measure; table and build/bench.json (ONLY=name for one)
	@mkdir -p build
	@$(PEERS)/bin/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

lock: $(READY) ## requirements.lock and requirements.peers.lock anew from pyproject.toml
	@$(UV) lock --quiet --upgrade
	@$(EXPORT) --group dev --output-file requirements.lock
	@$(EXPORT) --only-group peers --only-group fuzz --output-file requirements.peers.lock

clean: ## what make made, except the database in .huishoudboekje
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements.lock pyproject.toml | $(UV)
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed' >&2; exit 1; }
	@test -x $(BIN)/python || $(UV) venv --quiet --no-config --python "$(PYTHON)" .venv
	@$(UV) pip sync --quiet --no-config --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS)/.ready: requirements.lock requirements.peers.lock pyproject.toml | $(READY) $(UV)
	@test -x $(PEERS)/bin/python || $(UV) venv --quiet --no-config --python $(BIN)/python $(PEERS)
	@$(UV) pip sync --quiet --no-config --python $(PEERS)/bin/python --require-hashes requirements.lock requirements.peers.lock
	@$(UV) pip install --quiet --no-config --python $(PEERS)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

build/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed' >&2; exit 1; }
	@mkdir -p build
	@"$(PYTHON)" -m venv build/uv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > build/uv.txt
	@build/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r build/uv.txt
