# Everything a newcomer needs: `make demo`, `make test`. Each does its own set-up.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
JOBS   ?= 2

.PHONY: help setup demo test fast check bench bench-setup lock clean

help:
	@echo "make demo   run the flagship programme and write its dossier"
	@echo "make test   every check and test"
	@echo "make fast   the tests that take seconds"
	@echo "make check  format, lint, types"
	@echo "make bench  side-by-side benchmarks against the peers"

$(STAMP): pyproject.toml constraints.txt
	@if [ ! -x $(BIN)/python ]; then \
	  if command -v uv >/dev/null 2>&1; then uv venv --quiet --python $(PYTHON) --seed $(VENV); else $(PYTHON) -m venv $(VENV); fi; fi
	@if command -v uv >/dev/null 2>&1; then \
	  VIRTUAL_ENV=$(VENV) uv pip install --quiet --compile-bytecode -c constraints.txt -e '.[dev,imaging,lab,train]'; \
	else PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,imaging,lab,train]'; fi
	@touch $@

setup: $(STAMP)

demo: setup
	@$(BIN)/accord demo --out runs/demo

check: setup
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy

test: setup check
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

fast: setup
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow"

bench-setup: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt

bench: setup
	$(BIN)/python -m benchmarks

lock: setup
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf $(VENV) runs build dist .mypy_cache .ruff_cache
