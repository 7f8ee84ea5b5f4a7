# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS := $(VENV)-peers
AGAINST_PEERS := runtime rate_code
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= passive

.PHONY: demo test test-slow bench bench-gpu docs notebooks lint setup clean
.DELETE_ON_ERROR:

demo: $(VENV)/.core  ## train, convert and compare on the handwritten digits; prints where the report is
	$(BIN)/neurobridge compare digits --out reports/digits

test: $(VENV)/.all  ## every test that takes seconds
	$(BIN)/python -m pytest -n auto

test-slow: $(VENV)/.all  ## the tests that take minutes
	$(BIN)/python -m pytest -n auto -m slow

lint: $(VENV)/.all  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.all $(PEERS)/.done  ## against the peers and in full; writes benchmarks/results; hours
	$(PEERS)/bin/python -m benchmarks $(AGAINST_PEERS)
	$(BIN)/python -m benchmarks --without $(AGAINST_PEERS)

bench-gpu: $(VENV)/.all  ## on a machine with CUDA: correctness against the CPU, then speeds; writes benchmarks/results/gpu-DEVICE.json
	$(BIN)/python -m benchmarks.gpu

docs: $(VENV)/.all  ## the documentation site, with figures and measured numbers, into site/; minutes
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -W ignore -m mkdocs build --strict --quiet

notebooks: $(patsubst notebooks/%.py,build/notebooks/%.ipynb,$(wildcard notebooks/*.py))  ## all notebooks run in full, with their outputs, into build/notebooks/; an hour

build/notebooks/%.ipynb: notebooks/%.py $(VENV)/.all
	mkdir -p $(@D)
	$(BIN)/jupytext --quiet --to ipynb --output $@ $<
	$(BIN)/jupyter execute --inplace --timeout 3600 $@

setup: $(VENV)/.all

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# torch goes first: a bare range would let pip choose a CUDA build of several gigabytes
$(VENV)/.torch: constraints.txt | $(VENV)/bin/python
	$(INSTALL) "torch==2.13.0" "numpy==2.3.5"
	touch $@

$(VENV)/.core: pyproject.toml $(VENV)/.torch
	$(INSTALL) --editable .
	touch $@

$(VENV)/.all: pyproject.toml $(VENV)/.torch
	$(INSTALL) --editable ".[all]"
	touch $@ $(VENV)/.core

# the peers ask for other versions of nir than our own extra, so they live apart
$(PEERS)/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(PEERS)
	grep -v "^nir" constraints.txt > $(PEERS)/constraints.txt
	$(PEERS)/bin/pip install --quiet --constraint $(PEERS)/constraints.txt "torch==2.13.0" "numpy==2.3.5"
	$(PEERS)/bin/pip install --quiet --constraint $(PEERS)/constraints.txt --editable ".[peers]"
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) reports build dist site
