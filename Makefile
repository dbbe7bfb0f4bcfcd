# make sweep and make test set up everything they need; the second time both are quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A module is compiled when it is first imported: most of what is installed never is.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile -c constraints.txt
# Commands of tests wait as long as they compute: three workers for two processors.
WORKERS = $(shell $(BIN)/python -c "import os; print(3 * os.cpu_count() // 2)")
SWEEP ?= batch_size=8,16,32,64,128,256 device=cpu,cuda

.PHONY: sweep test test-unit test-quick test-browser proof lint benchmark benchmark-verdicts benchmark-backends benchmark-race clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

sweep: $(VENV)/.run ## the main job: six batch sizes on every device that is there
	$(BIN)/python -m embprof -m $(SWEEP)

test: $(VENV)/.dev ## every check and test
	$(MAKE) --jobs 2 --output-sync=target lint test-quick
	$(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder -m "not alone" tests/integration tests/browser
	$(BIN)/python -m pytest -m alone tests/integration

test-quick: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n logical tests/unit tests/statistics

test-unit: $(VENV)/.dev ## the tests without torch, in seconds
	$(BIN)/python -m pytest -n logical tests/unit

test-browser: $(VENV)/.dev ## MLflow's pages and ours in headless Chromium, where there is one
	$(BIN)/python -m pytest tests/browser

proof: $(VENV)/.dev ## more simulations of the claims of tests/statistics, before a release; prints what they found
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n logical -m proof tests/unit tests/statistics

lint: $(VENV)/.dev ## ruff, the layers of imports, mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

benchmark: $(VENV)/.dev ## what embprof itself costs, printed as ratios
	$(BIN)/python -m tests.benchmarks

benchmark-verdicts: $(VENV)/.dev ## how often the gate is right here: A/A and planted slowdowns, 30 min
	$(BIN)/python -m tests.benchmarks.verdicts

benchmark-backends: $(VENV)/.dev ## what backends gain and keep, how they start, whether parity is right, 1 h
	$(BIN)/python -m tests.benchmarks.backends

benchmark-race: $(VENV)/.dev ## how often rows are told apart here, in rounds and one by one, hours
	$(BIN)/python -m tests.benchmarks.race

clean: ## removes the environment (never your runs)
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV) (once, some minutes) ..."
	@$(PIP) -e ".[embedded]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV) for development (once, some minutes) ..."
	@$(PIP) -e ".[embedded,dev]"
	@touch $@ $(VENV)/.run
