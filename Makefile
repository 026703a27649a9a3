# The first of these that is there; or name one: make demo PYTHON=/where/python/is
PYTHONS := python3.11 python3.12 python3.13
FOUND = $(firstword $(foreach each,$(PYTHONS),$(shell command -v $(each) 2>/dev/null)))
PYTHON ?= $(or $(FOUND),$(error there is none of $(PYTHONS): name one by PYTHON=))
BIN := .venv/bin
# Python compiles what it imports; of 15,000 files that is a third, and pip would compile them all.
PIP := $(BIN)/pip install --quiet --no-compile
EXAMPLES ?= 1000

.PHONY: demo test fuzz test-gpu bench-gpu lint compiled browser debian-browser

demo: .venv/demo
	$(BIN)/python app.py

# One thread for each of the two processes: more of them wait for one another at every step. In the
# order of their names the tests of the whole page come first (`tests/conftest.py` groups them). What
# Python makes of the sources is kept, whatever the shell says, for many tests start a process.
test:
	$(MAKE) --jobs=2 lint compiled browser
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --durations=10

# What Python makes of the libraries, and numba of librosa: once, and not in each test process.
compiled: .venv/test
	-PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --collect-only --quiet >/dev/null
	$(BIN)/python -c "import librosa, numpy; librosa.pyin(numpy.ones(4096), fmin=100, fmax=200)" 2>/dev/null

# Debian's comes while pip installs; where there is none, Playwright brings its own.
browser: debian-browser .venv/test
	PATH="$(CURDIR)/$(BIN):$$PATH" .ci/install-browser

debian-browser:
	.ci/install-browser debian

# The property tests alone, with new examples each time: make fuzz EXAMPLES=10000
fuzz: .venv/test
	OMP_NUM_THREADS=1 EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile=fuzz

# Where there is a GPU, with a PyTorch that knows it: make test-gpu BIN=/where/python/is
test-gpu:
	$(BIN)/python -m pytest -m gpu --durations=5

bench-gpu:
	$(BIN)/python -m benchmarks.gpu

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/python .ci/join-scripts .javascript
	PATH="$(CURDIR)/$(BIN):$$PATH" npx --yes @biomejs/biome@2.6.8 lint --error-on-warnings .javascript

.venv/demo: requirements.txt
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	touch $@

.venv/test: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements-dev.txt
	touch $@
