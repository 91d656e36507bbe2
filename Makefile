# Two commands do all of their own set-up: `make demo` and `make test`. The rest is for maintainers.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help demo test test-hub test-all bench clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Each stamp holds one level of what is installed; a change of the pins or of pyproject.toml installs again.
$(VENV)/.core: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Mujaz (once) ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@echo "Installing the test tools (once) ..."
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/.hub: $(VENV)/.dev
	@echo "Installing torch and transformers (once, large) ..."
	@$(PIP) install -c constraints.txt -e '.[dev,hub,train]'
	@touch $@

demo: $(VENV)/.core ## The bilingual brief of the five example reports: printed, and written to out/
	@$(BIN)/mujaz summarize examples/iraq-us-dialogue --out - \
	  --out $(OUT)/brief.md --out $(OUT)/brief.html --out $(OUT)/brief.json
	@echo; echo "Written: $(OUT)/brief.md  $(OUT)/brief.html (open it in a browser)  $(OUT)/brief.json"

test: $(VENV)/.dev ## Lint, types and the fast tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -m "not slow and not hub" --cov --cov-report=term:skip-covered --cov-fail-under=90

test-hub: $(VENV)/.hub ## Only the tests that need torch and transformers, on tiny models
	@$(BIN)/python -m pytest -m "hub and not slow"

test-all: $(VENV)/.hub ## Everything: also the slow tests and those that need torch
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest

bench: $(VENV)/.hub ## Speed and memory, stage by stage, against the same model run naively
	@$(BIN)/python -m benchmarks.speed

clean: ## Remove what the other commands made here
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov dist build
