# make                everything of the default study: tables, figures, report
# make help           all targets
# make CORES=2        on two cores; by default on all

PYTHON ?= python3
CORES ?= all

BIN := .venv/bin
READY := .venv/ready
DOCS_READY := .venv/docs-ready
RESULTS := results/default
# An ordinary environment, whatever the caller's: what is tested must be what a user has.
ORDINARY := env -u PYTHONPATH -u PYTHONDONTWRITEBYTECODE -u PYTHONUNBUFFERED -u PYTHONHASHSEED
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES)

.PHONY: figures paper audit test test-faults test-cluster smoke docs gallery bench bench-check schema formats lock clean help
.DEFAULT_GOAL := figures

figures: $(READY)  ## page, tables, figures and report of the default study (results/default)
	$(SNAKEMAKE)
	@if [ ! -e $(RESULTS)/report.html ] || [ -n "$$(find $(RESULTS)/tables $(RESULTS)/figures -newer $(RESULTS)/report.html)" ]; \
	then $(SNAKEMAKE) --report $(RESULTS)/unfinished.html && mv $(RESULTS)/unfinished.html $(RESULTS)/report.html; fi
	@echo "Answers, explorer, figures: $(RESULTS)/index.html   files: $(RESULTS)/figures, $(RESULTS)/tables   technical report: $(RESULTS)/report.html"

paper: $(READY)  ## what the paper shows of synthetic data, in full (results/paper)
	$(SNAKEMAKE) paper --configfile config/paper.yaml

# A module stays in one process, for the sake of what its tests share; tests/conftest.py says how many, and which first.
test: $(READY)  ## all tests, linters and the type checker
	$(ORDINARY) $(BIN)/python -m pytest -n $(CORES:all=auto) --dist loadfile --no-loadscope-reorder

test-faults: $(READY)  ## kills, damages, bad configurations and made-up inputs by the hundred, with tables
	$(ORDINARY) $(BIN)/python -m pytest -m faults -rs tests/faults

# If Slurm cannot be had here, the tests are skipped and say so. Most of their time is waiting: two Slurms at a time.
test-cluster: $(READY)  ## the profiles on a small Slurm, which root on Debian gets installed
	@if ! command -v slurmctld >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing the Debian packages slurm-wlm and munge"; \
	  { timeout 120 apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq install -y --no-install-recommends slurm-wlm munge; \
	  } >/dev/null 2>&1 </dev/null || echo "They could not be installed"; \
	fi
	$(ORDINARY) timeout 1200 $(BIN)/python -m pytest -n 2 --dist loadfile -m cluster -rs tests/cluster

smoke: $(READY)  ## every rule once, on very little data (results/smoke)
	$(SNAKEMAKE) --configfile config/smoke.yaml

bench: $(READY)  ## how fast the parts and the default study are (docs/speed.md)
	$(ONE_THREAD) $(BIN)/python benchmarks/ratios.py
	$(BIN)/python benchmarks/default_study.py
	$(BIN)/python benchmarks/report.py

bench-check: $(READY)  ## whether a part is slower than what benchmarks/results says, as a ratio
	$(ONE_THREAD) $(BIN)/python benchmarks/ratios.py --check

schema: $(READY)  ## the schema of the configuration and the tables of its README, from the code
	$(BIN)/python -m alignsweep.study.schema

formats: $(READY)  ## docs/formats.md, from its test
	$(BIN)/python tests/unit/data/format_cases.py

# Not in the lock: it is no part of the project, and brings much with it.
audit:  ## known vulnerabilities of the packages of the lock, where an index can be reached
	@$(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install -q --disable-pip-version-check pip-audit==2.10.1 \
	  || { echo "Not audited: pip-audit cannot be installed (no package index?)"; exit 1; }
	.venv/audit/bin/pip-audit --strict --no-deps --disable-pip -r requirements.lock \
	  || { echo "Either vulnerabilities were found, or the service that knows them could not be reached; see above"; exit 1; }
docs: $(DOCS_READY)  ## the documentation, as a site (build/site), with all links checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Documentation: build/site/index.html"

gallery: $(READY)  ## the pictures of docs/gallery, from the default study
	$(BIN)/python docs/hooks.py

lock: pyproject.toml  ## pin the newest versions that pyproject.toml allows (for maintainers)
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install -q pip-tools
	.venv/lock/bin/pip-compile -q --upgrade --extra dev --extra cluster --strip-extras --allow-unsafe --no-header \
	  --no-annotate -o requirements.lock pyproject.toml
	sed -i -e '/^-/d' -e 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock  # nothing of this machine
	.venv/lock/bin/pip-compile -q --upgrade --extra docs --strip-extras --allow-unsafe --no-header --no-annotate \
	  -o docs/requirements.lock pyproject.toml
	sed -i -e '/^[-#]/d' -e '/^$$/d' docs/requirements.lock
	grep -vxFf requirements.lock docs/requirements.lock > docs/requirements.new || true
	mv docs/requirements.new docs/requirements.lock  # only what the documentation needs beside the rest

clean:  ## remove the environment, and nothing that was computed
	rm -rf .venv

help:  ## this list
	@echo 'make [TARGET] [CORES=all] [PYTHON=python3]'
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | while read -r target what; do \
	  printf '  %-14s %s\n' "$$target" "$$what"; done

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("alignsweep needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (choose one: make PYTHON=python3.12)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DOCS_READY): $(READY) docs/requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock -r docs/requirements.lock
	@touch $@
