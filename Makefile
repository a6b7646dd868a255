# Torchlight. `make run` opens the app, `make test` checks everything; both install what they need.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install $(if $(CI),--quiet) --disable-pip-version-check
PORT ?= 8501
# Another interpreter: make PYTHON=/path/to/python3.12
PYTHON ?=
# With it, each worker and each app of the tests would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check unit together browser tree clean

help:
	@echo "make run     the app on http://localhost:$(PORT)"
	@echo "make test    linter, types, every test; browser tests need Chromium"
	@echo "make check   linter and types only;  make unit, make browser: one half of the tests"
	@echo "make tree    brings the list of folders in CONTRIBUTING.md up to date"
	@echo "make clean   removes $(VENV), what was built and the tools' caches, never the workspace"

run: $(VENV)/.installed
	@echo "Torchlight: http://localhost:$(PORT)   (end it with Ctrl-C)"
	@$(PY) -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

# Types are checked beside the tests. What runs under a clock comes last and has the machine for
# itself: each of those tests starts an app with workers of its own.
test: $(VENV)/.installed-tests
	$(MAKE) --jobs=2 check together
	$(PY) -m pytest -m alone --durations=6 tests/browser tests/faults

check: $(VENV)/.installed-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

unit: $(VENV)/.installed-tests
	$(PY) -m pytest -n auto -m "not browser" --durations=15

together: $(VENV)/.installed-tests
	$(PY) -m pytest -n auto --dist worksteal -m "not alone" --durations=15

browser: $(VENV)/.installed-tests
	$(PY) -m pytest -m browser --durations=5

tree: $(VENV)/.installed-tests
	$(PY) -m tests.contributing

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache

# The stamps: installed once, and again when a requirements file changes.
$(VENV)/.installed: requirements.txt | $(PY)
	@echo "Installing what Torchlight needs (a few minutes the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-tests: tests/requirements.txt requirements.txt | $(PY)
	@echo "Installing what Torchlight and its tests need (a few minutes the first time) ..."
	@$(PIP) -r requirements.txt -r tests/requirements.txt
	@touch $(VENV)/.installed $@

$(PY):
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; \
	    $$python -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "That Python could not make a virtual environment." >&2; \
	    echo "On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "Torchlight needs Python 3.11 or newer; none was found as: $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)." >&2; \
	echo "Install one, or name it: make $(firstword $(MAKECMDGOALS) run) PYTHON=/path/to/python3.12" >&2; \
	exit 1
