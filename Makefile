# `make` lists what can be done. Each target makes .venv first, from requirements.lock, if it is not there.
PYTHON ?= python3
RUN ?= runs/sample
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help figures test lint fix types lab notebooks test-hub lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "topiclib needs Python 3.11 to 3.13, but $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % v)'
	@$(PYTHON) -m venv --clear .venv
	@# uv, itself from the lock and checked by hash, installs the rest in a few seconds
	@awk '/^uv==/{on=1} on{print} on && !/\\$$/{exit}' requirements.lock > .venv/uv.lock.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

figures: $(INSTALLED) ## the main job: fit the sample, write the run folder and its figures
	@$(BIN)/topiclib fit --sample --out $(RUN)
	@$(BIN)/python figures/make.py $(RUN)

test: $(INSTALLED) ## run the tests
	@$(BIN)/python -m pytest

lint: $(INSTALLED) ## check style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

fix: $(INSTALLED) ## mend style where it can be mended
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

types: $(INSTALLED) ## check types
	@$(BIN)/mypy

lab: $(INSTALLED) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

notebooks: $(INSTALLED) ## execute the notebooks into HTML, under runs/notebooks
	@$(BIN)/jupyter nbconvert --log-level WARN --to html --execute --output-dir runs/notebooks notebooks/*.ipynb

lock: $(INSTALLED) ## resolve requirements.lock again (hashes, no torch, no index address)
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --override overrides.txt \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade -q -o requirements.lock

clean: ## remove .venv and everything that was made
	@rm -rf .venv .venv-* runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
