# Every command of this project; `make` alone lists them. Each makes the virtual environment it needs
# and installs what it needs there, pinned (requirements/*.txt), once, and again when that changes.
# To add a command: a target with a "## what it does" behind it, and its name in .PHONY.
.PHONY: help mnist xor test lint types format core-oldest bench claims defaults fleets growth tables troubles diagnosis recorder estimators same exact reach intervals busy to97 fuzz wheel lock install clean kills
.NOTPARALLEL:
.DEFAULT_GOAL := help

# The stamp of an installation bears the folder's name, so that a moved or copied checkout is installed anew.
HERE := $(shell pwd -P | cksum | cut -d ' ' -f 1)
RUN := .venv/.run-$(HERE)
DEV := .venv/.dev-$(HERE)
OLDEST := .venv-numpy2.0/.core-oldest-$(HERE)
PY := .venv/bin/python
UV := .venv-lock/bin/uv pip compile --upgrade --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock"

# Who runs out of tests takes half of what the other has left: a few files have most of the work.
TEST_PROCESSES ?= 2

# Pictures go to files, and nothing of another environment comes in.
export MPLBACKEND := Agg
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

mnist: $(RUN) ## learn real handwritten digits; pictures in out/mnist
	@$(PY) -m glassnet mnist --plots out/mnist

xor: $(RUN) ## learn XOR
	@$(PY) -m glassnet xor

# Tests train many tiny networks, for which a second thread of the BLAS only waits.
test core-oldest fuzz same troubles diagnosis: export OPENBLAS_NUM_THREADS := 1
test: lint types ## lint, types, and all tests with branch coverage: what must pass before a change lands
	$(PY) -m pytest -q -rs -n $(TEST_PROCESSES) --dist worksteal --cov --cov-report=
	$(PY) -m coverage report --include="src/glassnet/core/*" --fail-under=100
	$(PY) -m coverage report --omit="src/glassnet/core/*" --fail-under=98

lint: $(DEV) ## style and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV) ## static types
	$(PY) -m mypy

format: $(DEV) ## put style and formatting right, where that needs no thought
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

core-oldest: $(OLDEST) ## the tests of the core on the oldest NumPy that is supported
	.venv-numpy2.0/bin/python -m pytest -q -rs tests/core tests/sources tests/intake $(wildcard tests/test_[ailos]*.py)

bench: $(DEV) ## ours beside the others, as ratios (those that are installed)
	$(PY) -m benchmarks

claims: $(DEV) ## accuracy, memory and start-up, each against what is claimed (ten minutes)
	$(PY) -m benchmarks.claims

defaults: $(DEV) ## the table of docs/defaults.md, measured again (some minutes)
	$(PY) -m benchmarks.defaults --mnist

fleets: $(DEV) ## many networks at once beside one after another, and JAX (JAX_PYTHON=a Python that has it); ten minutes
	$(PY) -m benchmarks.fleets

growth: $(DEV) ## docs/benchmarks.md, measured anew: how cost grows with rows, widths, depths, members, batch
	$(PY) -m benchmarks.growth

tables: $(DEV) ## docs/tables.md, measured anew: the recipe for tables beside others (an hour; a run broken off goes on)
	$(PY) -m benchmarks.tables

diagnosis: $(DEV) ## how often the diagnosis is right, for docs/diagnosis.md (twenty minutes; MORE="--half tuning" for what thresholds are set on)
	$(PY) -m benchmarks.diagnosis --page $(MORE)
	$(PY) -m benchmarks.diagnosis.five --page

recorder: $(DEV) ## what a Recorder costs a training
	$(PY) -m benchmarks.recorder

troubles: $(DEV) ## the gallery of docs/troubles made anew: its pictures, and what diagnose says there (a minute)
	@$(PY) docs/troubles/scripts/shown.py --renew

estimators: $(DEV) ## fit and predict of the drop-in beside scikit-learn's MLP, for docs/from-scikit-learn.md (some minutes)
	$(PY) -m benchmarks.estimators

same: $(DEV) ## whether the drop-in predicts as well as scikit-learn's MLP; it measures no time (some minutes)
	$(PY) -m benchmarks.same

exact: $(DEV) ## Levenberg-Marquardt beside SciPy's and Adam, hard small tasks, Jacobians beside PyTorch's and JAX's (an hour)
	$(PY) -m benchmarks.jacobians
	$(PY) -m benchmarks.solved
	$(PY) -m benchmarks.exact

reach: $(DEV) ## up to which size exact fits pay, for docs/second-order.md (eight minutes)
	$(PY) -m benchmarks.reach

intervals: $(DEV) ## how often intervals cover, over 500 simulated sets of rows (some minutes)
	$(PY) -m benchmarks.coverage

busy: $(DEV) ## training while another process occupies one core
	$(PY) -m benchmarks.busy

to97: $(DEV) ## time to 97 % on MNIST, each contender's best of three tries
	$(PY) -m benchmarks.to97

kills: $(DEV) ## kill -9 at a thousand moments of saving, in each format
	$(PY) tests/saving/kills.py

fuzz: $(DEV) ## 200,000 damaged files and 1,000 networks and fleets for each format of files; ten minutes
	$(PY) tests/saving/fuzz_formats.py --files 200000 --every
	ROUND_TRIPS=500 $(PY) -m pytest -q tests/saving -k comes_back_bit_for_bit

wheel: $(DEV) ## build the wheel in dist/; its limits are in tests/test_project.py
	@rm -rf dist
	@$(PY) -m hatchling build -t wheel
	@wc -c dist/*.whl
	@$(PY) -m pytest -q tests/test_project.py -k wheel

install: $(DEV) ## only make the environment of the developers, .venv

lock: ## choose the newest versions and write the lock files, requirements/*.txt, anew
	@test -x .venv-lock/bin/uv || { sh requirements/install .venv-lock && .venv-lock/bin/python -m pip install --quiet uv; }
	$(UV) --extra dev -o requirements/dev.txt pyproject.toml requirements/build.in
	$(UV) --extra plots -c requirements/dev.txt -o requirements/run.txt pyproject.toml requirements/build.in
	$(UV) -o requirements/core-oldest.txt requirements/core-oldest.in

clean: ## remove everything that these commands have made
	rm -rf .venv .venv-* build dist out .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(RUN): requirements/run.txt requirements/install pyproject.toml .venv/bin/python
	@sh requirements/install .venv requirements/run.txt
	@touch $@

$(DEV): requirements/dev.txt requirements/install pyproject.toml .venv/bin/python
	@sh requirements/install .venv requirements/dev.txt
	@touch $@

# NumPy 2.0.2 has no wheels for Python 3.13 and later.
$(OLDEST): requirements/core-oldest.txt requirements/install pyproject.toml .venv-numpy2.0/bin/python
	@sh requirements/install .venv-numpy2.0 requirements/core-oldest.txt 12
	@touch $@

# Without a recipe: where it is missing, the stamps above are made anew.
.venv/bin/python .venv-numpy2.0/bin/python:
