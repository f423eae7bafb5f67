# Each command does all its own set-up; from the second time on that takes a moment.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Tests that touch and type; those that only look at what is drawn run beside all others.
LOOKS := $(addprefix tests/screens/,test_kiosk_look.py test_look.py test_tongues.py)
HANDS := $(filter-out $(LOOKS),$(wildcard tests/screens/test_*.py)) tests/e2e/test_walk.py
.PHONY: help setup demo kiosk serve test unit lint format screenshots bench prove lock clean

help: ## Explain these commands
	@echo 'Mostrador: the shopper'"'"'s online cart, wish lists and history at the shop counter.'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  \033[36mmake %-11s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo 'Settings of the program itself: .venv/bin/mostrador settings'

setup: ## Make the checkout ready: Debian packages, virtual environment, locked Python packages
	@.ci/setup

demo: setup ## Load the demo shop, start the server, scan a card and show who it is
	@$(PY) -m server demo

kiosk: setup ## Load the demo shop, start the server and the customer's kiosk, with a code to go on with
	@$(PY) -m server demo --kiosk

serve: setup ## Run the server on the database of MOSTRADOR_DATABASE (make serve PORT=8600)
	@$(PY) -m server serve $(if $(PORT),--port $(PORT))

test: setup lint ## Everything a change must pass: style, types, arrows, all tests in random order
	@$(PY) -m pytest -q -n 2 --dist worksteal tests $(addprefix --ignore=,$(HANDS))
	@# With the machine to itself: a scanner's keys are told from a person's by milliseconds.
	@$(PY) -m pytest -q $(HANDS)

unit: setup ## The quick part of the tests, in about a minute
	@$(PY) -m pytest -q -n 2 -m unit tests/server tests/kiosk --ignore=tests/server/http --ignore=tests/server/cli

lint: setup ## Style, types and the arrows between the rooms
	@$(PY) -m ruff format --check --quiet . || (echo 'make format puts this right'; exit 1)
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy --no-error-summary
	@arrows=$$(.venv/bin/lint-imports --no-logo 2>&1) || (echo "$$arrows"; exit 1)

format: setup ## Put the style right
	@$(PY) -m ruff format --quiet .
	@$(PY) -m ruff check --fix --quiet .

screenshots: setup ## A picture of each screen in each state into var/screenshots (make screenshots LOOK='--size 1280x800 --theme dark')
	@$(PY) -m tests.screens $(LOOK)

bench: ## Measure: fill a database, load the real server, print a table (make bench CUSTOMERS=1000000 BENCH='--engine postgresql')
	@.ci/setup bench
	@$(PY) -m tests.bench $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(ORDERS),--orders $(ORDERS)) $(BENCH)

prove: setup ## The long campaigns: kill -9 at random moments, records in random order (make prove TIMES=50 PROVE='--engine postgresql')
	@$(PY) -m tests.prove $(if $(TIMES),--times $(TIMES)) $(PROVE)

lock: setup ## Write requirements.lock anew (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --all-extras --upgrade pyproject.toml --output-file requirements.lock

clean: ## Remove what was built or measured; databases elsewhere stay
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
