PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test lint

demo: .venv/demo
	$(BIN)/python app.py

test: .venv/test lint
	PATH="$(CURDIR)/$(BIN):$$PATH" .ci/install-browser
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations=10

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/install-node
	$(BIN)/python .ci/join-scripts .javascript
	npx --yes @biomejs/biome@2.6.8 lint --error-on-warnings .javascript

.venv/demo: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/test: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements-dev.txt
	touch $@
