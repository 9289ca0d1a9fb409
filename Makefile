# `make` or `make help` tells what there is. Everything is kept in .venv/ and .data/.
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
PROCESS := not browser and not machine and not race and not backup and not server
# Two servers at a time; a file's tests on one of them, which share what is expensive to make. Not beside a browser: it
# gives up on a page when a network comes or goes.
SERVERS := $(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder tests/server -m "not browser"
SERVED := $(PYTEST) tests/server -m "browser"
# A browser waits most of the time: beside it there is room for another run, with its own PostgreSQL.
BROWSER := '$(PYTEST) tests/journeys -m "browser"' '$(SERVED)'
MACHINE := '$(PYTEST) -m "machine and not browser and not server"'
RACES := '$(PYTEST) -m "race and not server"'
BACKUPS := '$(PYTEST) -m "backup and not race and not server"'
SHELLS := .ci/run $(wildcard $(addsuffix /*.sh,local DEPLOY_ENGINE DEPLOY_ENGINE/lib DEPLOY_ENGINE/lib/* UPDATE_ENGINE UPDATE_ENGINE/lib SUPERVISION_ENGINE))
# What Django's settings ask for, where a command reads them without a database.
NO_SITE := SECRET_KEY=none DATABASE_URL=postgres:///none

.DEFAULT_GOAL := help
.PHONY: help install run reset test test-fast test-server lint format bench requirements messages

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

install: ## the virtual environment and what the site runs on
	@local/install.sh base

run: install ## the whole site with a demo group, on http://127.0.0.1:8000/ (PORT=8080 for another port)
	@$(PYTHON) -m local.run

reset: install ## forget the demo's data; the next `make run` starts over
	@$(PYTHON) -m local.run reset

install-dev:
	@local/install.sh dev

# Its programs share the servers that are expensive to make: see tests/server/shelf.py.
test test-server: export OC_PIZZA_TEST_RUN := $(shell cat /proc/sys/kernel/random/uuid)

test: install-dev lint ## everything: lint, unit, integration, races, journeys in a real browser, booted servers
	$(PYTEST) -n 2 -m "$(PROCESS)"
	$(PYTHON) -m local.beside $(BROWSER) $(BACKUPS) -- $(MACHINE) $(RACES)
	$(SERVERS)
	@$(PYTHON) -m tests.server.shelf

test-server: install-dev ## what is proved on a Debian booted inside the tests (as root)
	$(SERVED)
	$(SERVERS)
	@$(PYTHON) -m tests.server.shelf

# schemathesis is a second of importing for each process, and what it asks of the API is not among these.
test-fast: install-dev ## unit and integration tests, in random order, without the sweeps through the whole house and the long stories
	$(PYTEST) -n 2 -p no:schemathesis -m "$(PROCESS) and not sweep and not story"

lint: install-dev ## ruff, mypy, the import rule, templates, bandit, known vulnerabilities, shell
	@$(PYTHON) -m local.beside 'env $(NO_SITE) $(PYTHON) -m mypy' -- \
	  '$(PYTHON) -m ruff check .' '$(PYTHON) -m ruff format --check .' '.venv/bin/lint-imports --no-cache' \
	  '.venv/bin/djlint --quiet --lint pizzeria $(wildcard city_*/)' \
	  '.venv/bin/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive .' \
	  '$(PYTHON) -m local.audit requirements/server.txt' '.venv/bin/shellcheck $(SHELLS)'

format: install-dev ## ruff's formatting and fixes
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: install-dev ## the menu and the order against this machine's limits (benchmarks/RESULTS.md)
	$(PYTHON) -m benchmarks

requirements: install-dev ## compile requirements/*.txt, with hashes, for Python 3.11 to 3.13
	for of in server base dev tls; do \
	  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade requirements/$$of.in -o requirements/$$of.txt || exit; \
	done

messages: install-dev ## collect the texts for translation and compile them
	$(NO_SITE) $(PYTHON) manage.py makemessages -l en --no-location --no-obsolete -i .venv
	$(NO_SITE) $(PYTHON) manage.py compilemessages -l en -i .venv
