# Everything a newcomer needs: `make demo`, `make test`. Nothing here needs root or apt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= digestbot-demo
# Where it is set, each process that a test starts would compile the package again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test quick test-all tests all-tests growth fuzz coverage lint types format golden bench clean

$(VENV)/run: pyproject.toml
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -e . || { echo "pip could not install digestbot; its words are above"; exit 1; }
	@touch $@

# pip older than 25.1 knows no dependency groups, and 3.11 comes with an older one: hence the upgrade. What is not imported
# need not be compiled, which is most of it. What `run` is for is there too then.
$(VENV)/dev: pyproject.toml
	@echo "Setting up $(VENV) for the tests (once) ..."
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --group dev -e . || { echo "pip could not install what the tests need; its words are above"; exit 1; }
	@touch $(VENV)/run $@

demo: $(VENV)/run
	@$(BIN)/digestbot demo --out $(OUT)

# Before a push. What is slow by nature (played months, kill runs, thousands of real documents) is run in part.
# The type checker, which has one process, runs beside the tests.
test: lint
	@$(MAKE) --no-print-directory -j 2 types tests

tests: $(VENV)/dev
	$(BIN)/pytest -n auto

# While working: on SQLite alone, without what takes seconds, and without linter and type checker.
quick: $(VENV)/dev
	$(BIN)/pytest -n auto -m "not slow and not postgres"

# Before a release, and what .ci/run calls: everything in full.
test-all: lint
	@$(MAKE) --no-print-directory -j 2 types all-tests

all-tests: $(VENV)/dev
	FUZZ_SECONDS=60 $(BIN)/pytest -n auto --full

# The cost of every pattern and function that meets strangers' text, on many more inputs than `make test` tries.
growth: $(VENV)/dev
	$(BIN)/pytest -n auto -m growth

# Changes seeds at random for half an hour, or FUZZ_SECONDS; what breaks a function stands in tests/fuzz/cases.
fuzz: $(VENV)/dev
	FUZZ_SECONDS=$${FUZZ_SECONDS:-1800} $(BIN)/pytest -n 0 -s tests/fuzz

# Lines and branches that no test reaches: a report, and no limit.
coverage: $(VENV)/dev
	$(BIN)/pytest -n auto --cov --cov-report=term:skip-covered

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(VENV)/dev
	$(BIN)/pytest --update-golden

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
