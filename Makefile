# make demo    从零到看见一次叫应 / from nothing to one callout seen
# make test    测试 / the tests
# make test-long  长测试 / drills and deep sweeps, which `make test` leaves out
# make cover   覆盖 / domain and pipeline are covered whole by the tests that prove them
# make gate    合并前必过 / everything that must pass before a merge
# Another interpreter: make PYTHON=/path/to/python3 demo

PYTHON  ?= python3.13 python3.12 python3.11 python3
VENV    := .venv
BIN     := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

.PHONY: setup demo test test-long cover lint gate bench clean

setup: $(VENV)/.dev

demo: $(VENV)/.runtime
	@$(BIN)/callout demo $(ARGS)

# Compiled modules are kept, in a folder of their own: the tests start hundreds of processes, and where the environment
# forbids it each of them would compile all that it imports, which costs more than what is tested.
test test-long cover: export PYTHONDONTWRITEBYTECODE =
test test-long cover: export PYTHONPYCACHEPREFIX = $(CURDIR)/$(VENV)/pycache
# One more than there are cores: some tests wait for processes.
PYTEST := $(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

test: $(VENV)/.dev
	$(PYTEST) -m 'not long'

test-long: $(VENV)/.dev
	$(PYTEST) -m long

# Not with `make test`: watched, these tests take half as long again. On SQLite, for the pure code does not know the database.
cover: $(VENV)/.dev
	$(PYTEST) -m 'not long' -k 'not postgresql' --cov --cov-report= $(addprefix tests/,channels domain pipeline scenarios)
	$(BIN)/python -m coverage report --fail-under=100

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

gate: lint test cover

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	@echo '安装运行所需的包 / installing what callout needs to run'
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	@echo '安装开发和测试所需的包 / installing what the tests need'
	@$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV)/pyvenv.cfg:
	@bare=; \
	for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || { bare=$$python; continue; }; \
	    "$$python" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); exit 1; \
	done; \
	if [ "$$bare" ]; then \
	    echo "$$bare 缺少 venv 模块，请先运行：sudo apt install python3-venv" >&2; \
	    echo "$$bare lacks the venv module; run this first: sudo apt install python3-venv" >&2; \
	else \
	    echo '没有找到 Python 3.11 或更高版本，请安装后重试，或用 make PYTHON=路径 指定。' >&2; \
	    echo 'No Python 3.11 or later found: install one, or name it with make PYTHON=path.' >&2; \
	fi; \
	exit 1
