# Everything a checkout can do. `make demo` and `make test` prepare the machine first, once.

PRESET ?= dev
JOBS   ?= $(shell nproc)
VENV   ?= .venv
BIN    := $(VENV)/bin
BUILD  := build/$(PRESET)
# Neither a terminal nor an answer is there in a container or a pipeline.
export DEBIAN_FRONTEND = noninteractive
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup setup-ci configure build demo test test-cpp test-python bench docs lint format stubs clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     prepare this machine, build, write out/brief.html from the embedded sample"
	@echo "make test     prepare this machine, build, run every C++ and Python test"
	@echo "make build    compile the library, the Python extension and the C++ tests"
	@echo "make bench    run every benchmark beside its rivals and write docs/benchmarks.md"
	@echo "make docs     build the site into out/site"
	@echo "make lint     check formatting, style and types; make format mends what can be mended"
	@echo "make stubs    write python/clarion/_core.pyi anew"
	@echo "make setup    only prepare this machine: system headers and $(VENV)"
	@echo "make clean    remove what was built; $(VENV) stays"

setup: $(VENV)/test.stamp

setup-ci: setup
	@cmake/setup-system.sh ci

build/system.stamp: cmake/setup-system.sh
	@echo "== system packages"
	@cmake/setup-system.sh
	@mkdir -p build && touch $@

# The long option, for the pip of Debian 12 knows no -C.
INPLACE := --config-settings=wheel.cmake=false --config-settings=editable.mode=inplace

# The package is installed in place: Python reads it from python/, and CMake writes the extension there.
$(VENV)/base.stamp: pyproject.toml | build/system.stamp
	@echo "== Python environment $(VENV)"
	@test -x $(BIN)/python || "$$(cmake/setup-system.sh python)" -m venv $(VENV)
	@$(BIN)/python -m pip install -q 'pybind11>=3,<4'
	@$(BIN)/python -m pip install -q $(INPLACE) -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/base.stamp
	@echo "== test dependencies"
	@$(BIN)/python -m pip install -q $(INPLACE) -e '.[test]'
	@touch $@

$(VENV)/bench.stamp: $(VENV)/test.stamp
	@echo "== benchmark rivals"
	@$(BIN)/python -m pip install -q $(INPLACE) -e '.[bench]'
	@touch $@

$(VENV)/docs.stamp: $(VENV)/base.stamp
	@$(BIN)/python -m pip install -q $(INPLACE) -e '.[docs]'
	@touch $@

configure: $(VENV)/base.stamp
	@echo "== build $(BUILD)"
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET) -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

# The extension alone: a newcomer does not wait for the tests to compile.
demo: configure
	@cmake --build $(BUILD) -j $(JOBS) --target _core
	@echo "== clarion brief"
	@mkdir -p out
	@$(BIN)/clarion brief --out out/brief.html
	@echo "Open out/brief.html in a browser."

test: test-cpp test-python

test-cpp: $(VENV)/test.stamp build
	@echo "== C++ tests"
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

test-python: $(VENV)/test.stamp build
	@echo "== Python tests"
	@CLARION_BUILD=$(CURDIR)/$(BUILD) $(BIN)/python -m pytest -q

bench: $(VENV)/bench.stamp build
	@echo "== benchmarks"
	@$(BIN)/python -m benchmarks

docs: $(VENV)/docs.stamp
	@echo "== out/site"
	@$(BIN)/python -m mkdocs build -q --strict

lint: $(VENV)/test.stamp
	@echo "== lint"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@command -v clang-format-16 >/dev/null || { echo "clang-format-16 is missing: cmake/setup-system.sh ci" >&2; exit 1; }
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format-16 --dry-run -Werror

format: $(VENV)/test.stamp
	@$(BIN)/ruff check -q --fix . || true
	@$(BIN)/ruff format -q .
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format-16 -i

stubs: $(VENV)/test.stamp build
	@$(BIN)/python tests/contracts/stubs.py --write

clean:
	rm -rf build out python/clarion/*.so
