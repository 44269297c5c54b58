# make            everything of the default study: tables, figures, report
# make help       all targets

PYTHON ?= python3
CORES ?= all

BIN := .venv/bin
READY := .venv/ready
RESULTS := results/default
# An ordinary environment, whatever the caller's: what is tested must be what a user has.
ORDINARY := env -u PYTHONPATH -u PYTHONDONTWRITEBYTECODE -u PYTHONUNBUFFERED -u PYTHONHASHSEED
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES)

.PHONY: figures test test-cluster smoke schema lock clean help
.DEFAULT_GOAL := figures

figures: $(READY)  ## tables, figures and report of the default study (results/default)
	$(SNAKEMAKE)
	@if [ ! -e $(RESULTS)/report.html ] || [ -n "$$(find $(RESULTS)/tables $(RESULTS)/figures -newer $(RESULTS)/report.html)" ]; \
	then $(SNAKEMAKE) --report $(RESULTS)/report.html; fi
	@echo "Answers: $(RESULTS)/index.html   figures: $(RESULTS)/figures   tables: $(RESULTS)/tables   report: $(RESULTS)/report.html"

test: $(READY)  ## all tests, linters and the type checker
	$(ORDINARY) $(BIN)/python -m pytest

# If Slurm cannot be had here, the tests are skipped and say so.
test-cluster: $(READY)  ## the profiles on a small Slurm, which root on Debian gets installed
	@if ! command -v slurmctld >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing the Debian packages slurm-wlm and munge"; \
	  { timeout 120 apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq install -y --no-install-recommends slurm-wlm munge; \
	  } >/dev/null 2>&1 </dev/null || echo "They could not be installed"; \
	fi
	$(ORDINARY) timeout 1200 $(BIN)/python -m pytest -m cluster -rs tests/cluster

smoke: $(READY)  ## every rule once, on very little data (results/smoke)
	$(SNAKEMAKE) --configfile config/smoke.yaml

schema: $(READY)  ## the schema of the configuration and the tables of its README, from the code
	$(BIN)/python -m alignsweep.study.schema

lock: pyproject.toml  ## pin the newest versions that pyproject.toml allows (for maintainers)
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install -q pip-tools
	.venv/lock/bin/pip-compile -q --upgrade --extra dev --extra cluster --strip-extras --allow-unsafe --no-header \
	  --no-annotate -o requirements.lock pyproject.toml
	sed -i -e '/^-/d' -e 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock  # nothing of this machine

clean:  ## remove the environment, and nothing that was computed
	rm -rf .venv

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/\1 -/p' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("alignsweep needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (choose one: make PYTHON=python3.12)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
