# make help lists what there is to make.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Debian packages: what the build needs, and what the tests and the counting of costs need beside it.
BUILD_PACKAGES := libmicrohttpd-dev libopenblas-dev libjpeg-dev libpng-dev libhdf5-dev nettle-dev \
	zlib1g-dev pkg-config
TEST_PACKAGES := curl python3 python3-requests
COUNT_PACKAGES := python3 valgrind binutils

SWIFT := swift
SERVE_FLAGS :=
# Without XCTest, which leaks at its exit; with lld, as gold warns of every symbol of the sanitizer.
ASAN_FLAGS := --scratch-path .build-asan --sanitize=address --disable-xctest -Xswiftc -use-ld=lld

.PHONY: help serve build test test-asan bench check-costs clean swift build-packages test-packages count-packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: build ## install what is missing, build, and serve on port 5000 (SERVE_FLAGS="--port 8080")
	exec .build/release/deepdream serve $(SERVE_FLAGS)

build: swift build-packages ## build the command in release mode: .build/release/deepdream
	$(SWIFT) build -c release --product deepdream

test: swift build-packages test-packages ## install what is missing, build, and run all tests
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build

test-asan: swift build-packages test-packages ## run the tests of untrusted input under AddressSanitizer
	$(SWIFT) build $(ASAN_FLAGS) --build-tests
	$(SWIFT) test $(ASAN_FLAGS) --skip-build --filter 'ImagingTests|VectorKernelTests'
# Swift's globals, Foundation's Process and libhdf5 keep memory that the leak check takes for lost.
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(ASAN_FLAGS) --skip-build --filter 'HTTPServerTests|ModelLibraryTests'

bench: build ## measure against TensorFlow, PyTorch and the old program; writes docs/benchmarks
	$(MAKE) -C Benchmarks bench

check-costs: build count-packages ## count a step's instructions and allocations with valgrind
	python3 Scripts/check_step_costs.py .build/release/deepdream

clean: ## delete what was built
	rm -rf .build .build-asan

swift:
	@command -v $(SWIFT) > /dev/null || { \
		echo "Swift is missing: install Swift 6.1 or later (https://www.swift.org/install/linux/)" \
			"and put it on the PATH." >&2; exit 1; }

build-packages:
	@$(call install_missing,$(BUILD_PACKAGES))

test-packages:
	@$(call install_missing,$(TEST_PACKAGES))

count-packages:
	@$(call install_missing,$(COUNT_PACKAGES))

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
