# Two commands are enough: `make book` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LESSONS := $(shell find book -name '*.ipynb' -not -path '*/.*' 2>/dev/null | sort)

# Waiting threads sleep instead of spinning: otherwise PyTorch becomes ten times slower
# as soon as anything else runs (see CONTRIBUTING.md, "Speed").
export OMP_WAIT_POLICY := PASSIVE

# Real data where this checkout has them next door; everything passes without them.
ifneq ($(wildcard ../shared/data/mnist.npz),)
export LESSONS_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help book test test-colab unit nbval pages lab serve check links outputs bench checkpoints linkcheck clean
help:
	@echo "make book    execute every lesson and build the site into _build/html"
	@echo "make test    unit tests, every notebook with nbval, every page in a browser"
	@echo "make lab     open the lessons in JupyterLab"
	@echo "make serve   look at the built site on http://localhost:8000"
	@echo "make test-colab  every notebook with Colab's versions (needs Python 3.13)"
	@echo "make check   ruff over library, tests and lessons"
	@echo "make links   write launch links and setup cells from _config.yml"
	@echo "make outputs refresh the stored outputs that nbval compares"
	@echo "make bench   measure speed as ratios"
	@echo "make checkpoints  train the weights that take longer than a lesson"
	@echo "make linkcheck  ask every address that the book names whether it answers"
	@echo "make clean   remove everything that was built (not the downloaded data)"

# ---- set-up -------------------------------------------------------------------------
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 10) <= v < (3, 14) else "Python 3.10 to 3.13 is needed, this is %d.%d: choose one with `make PYTHON=python3.12 ...`" % v[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python has no venv: on Debian run 'apt-get install python3-venv', then make again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# The tests look at demos and pages in a real browser.
$(VENV)/.browser: $(VENV)/.installed
	@$(BIN)/python -m lessons_lib.site.browser
	@touch $@

# ---- the book -----------------------------------------------------------------------
book: $(VENV)/.installed
	$(BIN)/python -m lessons_lib.site.execute $(LESSONS)
	@echo "Building the pages ..."
	$(BIN)/jupyter-book build book --config _config.yml --toc $(CURDIR)/_toc.yml \
	  --path-output . --all --warningiserror --keep-going --quiet
	@echo "The book is in _build/html/index.html: open it in a browser, or run 'make serve'."

linkcheck: $(VENV)/.installed
	$(BIN)/python -m lessons_lib.site.execute $(LESSONS)
	$(BIN)/jupyter-book build book --config _config.yml --toc $(CURDIR)/_toc.yml \
	  --path-output . --builder linkcheck

lab: $(VENV)/.installed
	$(BIN)/jupyter lab --notebook-dir=book

serve:
	@test -f _build/html/index.html || { echo "Nothing is built yet: run 'make book' first."; exit 1; }
	@echo "The book is on http://localhost:8000 (stop with Ctrl-C)."
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html 8000

# ---- tests --------------------------------------------------------------------------
test: check unit nbval pages
	@echo "All tests passed."

unit: $(VENV)/.browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests --ignore=tests/pages

nbval: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --nbval-lax --nbval-current-env \
	  --nbval-cell-timeout=120 $(LESSONS)

pages: book $(VENV)/.browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/pages

# The lessons and the library with the versions that Colab has (Python 3.13).
COLAB := .venv-colab
$(COLAB)/.installed: constraints-colab.txt pyproject.toml
	@test -x $(COLAB)/bin/python || $(COLAB_PYTHON) -m venv $(COLAB)
	$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints-colab.txt torch torchvision numpy matplotlib ipywidgets \
	  ipython ipykernel scikit-learn pillow "pytest>=8,<10" "nbval>=0.11,<1"
	$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

COLAB_PYTHON ?= python3.13
test-colab: $(COLAB)/.installed
	OMP_NUM_THREADS=1 $(COLAB)/bin/python -m pytest --nbval-lax --nbval-current-env \
	  --nbval-cell-timeout=120 $(LESSONS)

check: $(VENV)/.installed
	$(BIN)/ruff check .

# ---- for authors --------------------------------------------------------------------
links: $(VENV)/.installed
	$(BIN)/python -m lessons_lib.site.notebooks links

outputs: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m lessons_lib.site.notebooks outputs $(LESSONS)

# All of it takes about a quarter of an hour; parts: make bench TOPICS="training demos".
bench: book $(VENV)/.browser
	$(BIN)/python -m benchmarks $(TOPICS)

checkpoints: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -u -m checkpoints $(NAME)

clean:
	rm -rf _build $(VENV) $(COLAB) .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
