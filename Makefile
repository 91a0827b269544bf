# gtmsim's commands, the same for people and for continuous integration.
# Works with GNU make 3.81 (macOS) and later.
#
#   PYTHON=python3.12 make run    the Python to build .venv from (when there is none yet)
#   WORKERS=8 make test           parallel test processes

SHELL   := /bin/bash
VENV    := .venv
BIN     := $(VENV)/bin
WORKERS ?= 2
PYTHON  ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench schema clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed ## Set up on first use, then simulate scenarios/add_midmarket.toml
	@$(BIN)/gtmsim run scenarios/add_midmarket.toml

test: $(VENV)/.installed-test ## Run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-all: $(VENV)/.installed-test ## Run the tests, the slow statistical ones too
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "slow or not slow"

# All four run even when one finds something, so that one call shows everything.
check: $(VENV)/.installed-check ## Style, format, types and the contract between layers
	@failed=""; \
	for tool in "ruff check" "ruff format --check" "mypy" "lint-imports --no-logo"; do \
	    echo "==> $$tool"; \
	    $(BIN)/$$tool || failed="$$failed [$$tool]"; \
	done; \
	if [ -n "$$failed" ]; then echo "make check: findings from$$failed" >&2; exit 1; fi

bench: $(VENV)/.installed ## Measure the engines and the analyses on this machine
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.analyses

schema: $(VENV)/.installed ## Write the JSON Schema, docs/reference.md and docs/metrics.md from the code
	@$(call written,schema,gtmsim/scenario.schema.json)
	@$(call written,schema --markdown,docs/reference.md)
	@$(call written,schema --metrics,docs/metrics.md)

# A file that a command prints, replaced as a whole or not at all.
define written
$(BIN)/gtmsim $(1) > $(2).tmp && mv $(2).tmp $(2) && echo "wrote $(2)" || { rm -f $(2).tmp; exit 1; }
endef

clean: ## Remove caches and built packages (.venv and results stay)
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Set-up ------------------------------------------------------------------------------------
# A stamp file says that what pyproject.toml asks for is installed.

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@$(call install,.)

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	@$(call install,.[test])
	@touch $(VENV)/.installed

$(VENV)/.installed-check: pyproject.toml | $(BIN)/python
	@$(call install,.[check])
	@touch $(VENV)/.installed

# One line per library that is downloaded instead of pip's several; pip's errors pass unchanged.
define install
set -o pipefail; \
library='(Downloading|Using cached) (.*/)?([^ /-]+)-([^ /-]+)[^ ]* (.*)'; \
echo "Installing gtmsim into $(VENV) (the first time about 150 MB, a minute or two)"; \
$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -e "$(1)" \
| while IFS= read -r line; do \
    if [[ $$line == *.metadata* ]]; then continue; fi; \
    if [[ $$line =~ $$library ]]; then \
        echo "  $${BASH_REMATCH[3]} $${BASH_REMATCH[4]} $${BASH_REMATCH[5]}"; \
    elif [[ $$line == Installing\ collected* ]]; then \
        echo "  unpacking"; \
    fi; \
done \
&& touch $@ && echo "Installed."
endef

# PYTHON where it is given; else python3 if its version is supported, else one by its full name.
# Not all libraries have ready-built files for Pythons newer than 3.14.
$(BIN)/python:
	@for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	        2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "gtmsim needs Python 3.11, 3.12, 3.13 or 3.14, and none was found." >&2; \
	    echo "$(or $(PYTHON),python3) is: $$("$(or $(PYTHON),python3)" --version 2>&1 || true)" >&2; \
	    echo "Install one from https://www.python.org/downloads/ and run make again, or name" >&2; \
	    echo "one that is not on the PATH: PYTHON=/path/to/python3.13 make run" >&2; \
	    exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV) || { \
	    echo "The venv module of $$found is incomplete. On Debian and Ubuntu: apt install python3-venv" >&2; \
	    rm -rf $(VENV); exit 1; }
