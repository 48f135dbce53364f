# Two commands set a fresh machine up: `make up` runs the system, `make test` passes.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help install up test check lint types contracts schemas locked compose bench interop lock clean

help: ## what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# Locked dependencies: uv when present, else pip; both check every hash.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; found $$($(PYTHON) -V). Set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Could not create .venv: is the folder writable, and is the venv module installed (Debian: python3-venv)?"; exit 1; }
	@echo "installing locked dependencies into .venv"
	@if command -v uv >/dev/null; then \
	  VIRTUAL_ENV=$(CURDIR)/.venv uv pip sync --quiet --require-hashes requirements.lock && VIRTUAL_ENV=$(CURDIR)/.venv uv pip install --quiet --no-deps -e .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	fi
	@touch $@

install: $(STAMP) ## create .venv and install locked dependencies

up: $(STAMP) ## run the whole system with demo data; Ctrl-C stops it
	@exec $(BIN)/tributary up

test: $(STAMP) ## run every test, in three processes
	$(BIN)/pytest -n 3

check: $(STAMP) ## everything that must hold before a commit
	@$(MAKE) --no-print-directory --jobs=2 types lint contracts schemas locked

lint: $(STAMP) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

contracts: $(STAMP) ## import-linter: the walls of docs/architecture.md
	$(BIN)/lint-imports

schemas: $(STAMP) ## fail when schema/ is stale
	$(BIN)/tributary schema check

locked: $(STAMP) ## fail when requirements.lock is stale
	$(BIN)/python -m tributary lock --check

lock: $(STAMP) ## re-resolve requirements.lock from pyproject.toml
	$(BIN)/python -m tributary lock

compose: $(STAMP) ## export SDLs and compose schema/supergraph.graphql
	$(BIN)/tributary schema export
	$(BIN)/tributary schema compose

bench: $(STAMP) ## print the benchmarks
	$(BIN)/python -m tests.benchmarks

interop: $(STAMP) ## our subgraphs behind another gateway (needs Node and npm)
	$(BIN)/python -m tests.interop

clean: ## remove .venv and caches; keeps .data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
