# Everything a developer does, from the project's root. `make` alone lists it.
# The work is in tools/ (each file has --help); nothing has to be installed first but Python 3.11-3.13 and Node.js.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help run demo-reset test test-long differential mutate follow bench lint format lock messages screenshots audit install

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## install what is missing and serve the whole product, with demo data (PORT=8000)
	@$(PYTHON) -m tools.run

demo-reset: ## throw the demo's data away; the next `make run` starts over
	@$(PYTHON) -m tools.run --reset

test: ## all tests: SQLite, PostgreSQL with Redis and a worker, Chromium (ARGS= for pytest)
	@$(PYTHON) -m tools.test $(if $(ARGS),-- $(ARGS))

test-long: ## the tests that take longer than the ordinary run allows
	@$(PYTHON) -m tools.test --long $(if $(ARGS),-- $(ARGS))

differential: install ## ask the decision and its plain reference the same (ARGS="--seconds 600 --seed 7", --help)
	@$(BIN)/python -m tools.differential $(ARGS)

mutate: install ## change the policy in one place at a time: does a test notice? (ARGS="requirements --processes 2", --help)
	@$(BIN)/python -m tools.mutate $(ARGS)

follow: install ## an ordering system's copy through 100,000 changes, server and client killed (ARGS="--changes 2000", --help)
	@$(BIN)/python -m tools.follow $(ARGS)

bench: ## measure, print the figures beside their baselines, write docs/benchmarks.md
	@$(PYTHON) -m tools.bench $(ARGS)

lint: install ## format, rules, types, templates, imports, migrations, deploy check, translations
	@$(BIN)/python -m tools.lint

format: install ## let the formatters have their way
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/djhtml --tabwidth 2 templates || true

install:
	@$(PYTHON) -m tools.install --dev

lock: install ## lock Python and front-end packages again, with hashes
	@$(BIN)/python -m tools.lock

messages: install ## gather the translatable strings into the Swedish catalogue
	@$(BIN)/python -m tools.messages update

screenshots: install ## take the README's pictures from the running demo (PORT=8000)
	@$(BIN)/python -m tools.screenshots

audit: install ## known vulnerabilities in the locked packages
	@$(BIN)/python -m tools.audit
