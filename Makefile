# Two commands do all of their own set-up: `make demo` and `make test`. The rest is for maintainers.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-hub test-browser test-all bench benchmarks clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

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

serve: $(VENV)/.core ## The workbench in a browser, at http://127.0.0.1:7860
	@$(BIN)/mujaz serve

# Tests of one file stay in one process, so that what a file prepares is prepared once.
test: $(VENV)/.dev ## Lint, types and the fast tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not slow and not hub and not browser" --cov --cov-report=term:skip-covered --cov-fail-under=90

test-hub: $(VENV)/.hub ## Only the tests that need torch and transformers, on tiny models
	@$(BIN)/python -m pytest -m "hub and not slow"

# A browser on a busy machine is late now and then: what failed gets a second try, one test at a time.
# Chromium and nginx come from Debian where this may install them; elsewhere the tests say what they need, and are skipped.
test-browser: $(VENV)/.dev ## The page, driven in Chromium; pictures of it go to out/screenshots
	@for each in chromium nginx-light; do \
	  PATH="$$PATH:/usr/sbin" command -v "$${each%-light}" >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$each" >/dev/null; } || \
	  echo "$$each could not be installed: the tests that need it are skipped"; \
	done
	@$(BIN)/python -m pytest -n auto --maxprocesses 2 --dist loadfile -rs -m "browser and not slow" tests/ui || \
	  { echo "A second try of what failed:"; $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m "browser and not slow" tests/ui; }

test-all: $(VENV)/.hub ## Everything: also the slow tests and those that need torch
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest

bench: $(VENV)/.hub ## Speed and memory, stage by stage, against the same model run naively
	@$(BIN)/python -m benchmarks.speed

RESULTS ?= results
SYSTEMS ?= $(MUJAZ_DATA)/mt_eval/systems
benchmarks: $(VENV)/.core ## The quality tables of docs/benchmarks.md (needs MUJAZ_DATA; an hour on 2 cores)
	@$(BIN)/mujaz bench run --results $(RESULTS) --dataset easc --dataset silver-mds --dataset france24
	@$(BIN)/mujaz bench run --results $(RESULTS) --dataset mujaz-reports --dataset mujaz-clusters --dataset mujaz-challenge-facts
	@$(BIN)/mujaz bench run --results $(RESULTS) --dataset mujaz-challenge --dataset mujaz-reports-sentences --system model:ar-en --system profile:embedded
	@$(BIN)/mujaz bench run --results $(RESULTS) --dataset flores200-devtest --system files:$(SYSTEMS) --system model:ar-en --system profile:embedded
	@$(BIN)/mujaz bench run --results $(RESULTS) --dataset tico19-test --system model:ar-en --system profile:embedded
	@$(BIN)/mujaz bench pivot --results $(RESULTS) --dataset mujaz-reports
	@$(BIN)/mujaz bench report --results $(RESULTS) --out docs/leaderboard.md --out $(OUT)/leaderboard.html
	@$(BIN)/python -m benchmarks.facts_kept

clean: ## Remove what the other commands made here
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov dist build
