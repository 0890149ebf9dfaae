# Everything here works in a fresh clone with Python 3.11+, make and a C compiler: the environment is made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export FLYWHEEL_VAR := $(or $(VAR),$(FLYWHEEL_VAR),var)
export FLYWHEEL_PORT := $(or $(PORT),$(FLYWHEEL_PORT),8000)
CATALOG ?= templates
# Processes that run tests side by side, JOBS=0 for none: more than two cores, as tests of servers and browsers wait a lot.
JOBS ?= 4

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-fast test-library test-nojit test-lowest test-spark coverage docs reference lint format bench bench-core bench-quiet bench-experiment proof traffic clean

help:  ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.runtime  ## Seed, train and serve the demo (PORT=8000 VAR=var CATALOG=templates|movielens|examples/shop DATA=folder).
	@$(BIN)/python -m app.cli.demo --catalog $(CATALOG) $(if $(DATA),--data $(DATA))

# Python checks bounds and overflows that compiled code passes over. Quiet, so that the closing line is that of all tests.
KERNEL_TESTS := tests/recommender/topk tests/recommender/transitions tests/recommender/als/test_equation_kernels.py

# Tests that run side by side fit models on one core each, and keep their files in memory where there is room for them: a
# disk makes every commit wait.
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')
SIDE_BY_SIDE := OMP_NUM_THREADS=1 $(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev lint  ## Lint, type-check and run every test but the long forms.
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q $(KERNEL_TESTS)
	$(SIDE_BY_SIDE) -m "not slow"

$(VENV)/.spark: requirements/spark.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/spark.txt
	@touch $@

# Without Java, tests of Spark skip and nothing is installed for them.
test-all: test $(if $(shell command -v java),$(VENV)/.spark)  ## Run every test, the long forms as well: last those that measure or kill, one by one (three quarters of an hour with nothing else running).
	$(SIDE_BY_SIDE) -m "slow and not alone"
	$(BIN)/python -m pytest -m "slow and alone"

test-fast: $(VENV)/.dev  ## Run the tests that take no browser and no real data.
	$(BIN)/python -m pytest -m "not browser and not realdata and not slow and not whole"

test-library: $(VENV)/.dev  ## Run the tests of the library alone.
	$(BIN)/python -m pytest tests/recommender -m "not realdata"

test-nojit: $(VENV)/.dev  ## Run the library's tests with kernels as plain Python, which checks bounds and overflows (a minute).
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests/recommender -m "not realdata and not slow and not whole"

test-lowest:  ## Run the library's tests on the oldest dependencies that it promises to work with (an environment of its own).
	$(PYTHON) -m venv build/lowest
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/lowest.txt
	build/lowest/bin/python -m pytest tests/recommender --confcutdir=tests/recommender --ignore=tests/recommender/test_realdata.py -m "not realdata and not slow and not whole" -p no:cacheprovider

test-spark: $(VENV)/.spark  ## Run the tests of training on Spark (needs Java 17; installs pyspark, 500 MB).
	$(BIN)/python -m pytest tests/recommender_spark

coverage: $(VENV)/.dev  ## Measure which lines the tests reach, and fail below the floor of pyproject.toml.
	NUMBA_DISABLE_JIT=1 $(SIDE_BY_SIDE) -q --cov --cov-report= --cov-fail-under=0 tests/recommender -m "not realdata and not slow and not whole"
	$(SIDE_BY_SIDE) --cov --cov-append --cov-report=term:skip-covered -m "not browser and not slow and not whole"

docs:  ## Build the documentation as a small site in build/docs (an environment of its own).
	@test -x build/docs-env/bin/mkdocs || ($(PYTHON) -m venv build/docs-env && build/docs-env/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/docs.txt)
	NO_MKDOCS_2_WARNING=1 build/docs-env/bin/mkdocs build --quiet --strict

reference: $(VENV)/.dev  ## Write docs/commands.md and docs/settings.md anew from the code.
	$(BIN)/python -m app.cli.command_reference

lint: $(VENV)/.dev  ## Ruff and mypy.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## Let ruff put the code in order.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@touch $@

bench: $(VENV)/.bench  ## Measure the site as usage grows, with a report (QUICK=1, BASE=results.json; 25 minutes, quick 4). SCALE=1: SQLite and PostgreSQL, one process and two (8 minutes).
	@$(BIN)/python -m $(if $(SCALE),benchmarks.site.several $(if $(QUICK),--seconds 4 --rounds 1),benchmarks.site $(if $(QUICK),--quick) $(if $(BASE),--base $(BASE)))

proof: $(VENV)/.bench  ## Play growth, a trial and planted faults on the real site, and see what its page says (15 minutes, QUICK=1).
	@$(BIN)/python -m benchmarks.proof $(if $(QUICK),--quick) $(if $(VAR),--var $(VAR))

traffic: $(VENV)/.bench  ## Let simulated visitors browse a running `make demo`, steered from Locust's own web page.
	@$(BIN)/python -m benchmarks.site.traffic

bench-core: $(VENV)/.bench  ## Measure the library beside its peers, in one table (15 minutes, QUICK=1 two; FLYWHEEL_DATASETS=folder adds real sets).
	@$(BIN)/python -m benchmarks.library.core $(if $(QUICK),--quick) $(if $(KEEP),--keep $(KEEP))
	@$(if $(KEEP),$(BIN)/python -m benchmarks.library.core_table --kept $(KEEP) --write docs/performance.md)

bench-quiet: $(VENV)/.bench  ## Measure what needs a machine without other work: kernels, neighbours, two threads (three minutes).
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.quiet

bench-experiment: $(VENV)/.bench  ## Check the promises of the experiment's statistics on simulated experiments.
	$(BIN)/python -m benchmarks.statistics.experiments

clean:  ## Remove databases, models, caches and the environment.
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
