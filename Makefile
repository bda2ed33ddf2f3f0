# Everything a newcomer needs: Python 3.11 or later and make. `make` lists the targets.

PYTHON ?= python3
JOBS ?= 2
ROUNDS ?= 200
PORT ?= 8600
DATA ?= build/hub

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
UV ?= uv
# Hundreds of processes are started by tests and the demo; each would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --quiet --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help demo serve test soak check format docs bench mutants lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp ## tell the whole story on this machine, then show the site (ONCE=1: end after the story, PORT=8600)
	$(PY) -m hub.demo --port $(PORT) $(if $(ONCE),--once)

serve: $(VENV)/run.stamp ## run a hub of your own (DATA=build/hub PORT=8600)
	test -f $(DATA)/hub.toml || $(BIN)/odr-hub init --data $(DATA) --url http://127.0.0.1:$(PORT)
	$(BIN)/odr-hub serve --data $(DATA) --port $(PORT)

test: $(VENV)/test.stamp ## run every test (JOBS=2 at a time)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

soak: $(VENV)/test.stamp ## kill a hub 200 times under load: nothing acknowledged is lost (ROUNDS=200)
	ODR_KILL_ROUNDS=$(ROUNDS) $(PY) -m pytest -n 0 tests/e2e/test_kill9.py

check: $(VENV)/test.stamp ## format, lint, types, import contracts, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --num-workers $(JOBS) .
	$(BIN)/lint-imports
	$(PY) -m tools.generated --check

format: $(VENV)/test.stamp ## put every file into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/test.stamp ## write the signing page and the generated pages of docs/ again
	$(PY) -m schemas.document --write
	$(PY) -m tools.signpage
	$(PY) -m tools.generated

bench: $(VENV)/test.stamp ## measure, each figure beside the raw limit of this machine
	$(PY) -m bench

mutants: $(VENV)/test.stamp ## turn each check into "pass", one at a time: the tests must notice (ONLY=signing.merkle)
	$(PY) -m tools.mutants --jobs $(JOBS) $(if $(ONLY),--only $(ONLY))

lock: ## resolve the dependencies again (needs uv; UPGRADE=1 takes newer versions)
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group build --group test --constraint requirements.lock --output-file requirements-test.lock

clean: ## remove what make made
	rm -rf $(VENV) build demo-output

# One stamp for each lock: the demo installs what runs, the tests what tests need besides. Modules are compiled when
# they are first imported: most never are, and half a minute goes into compiling all.
$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "ODR Hub needs Python 3.11 or later; $(PYTHON) is not. Try: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-test.lock
	$(PIP) install --no-compile --require-hashes --requirement requirements-test.lock
	@touch $@
