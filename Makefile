# weir: short names for what meson and the scripts do. `make help` lists them.
BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
# kinds of tests for `make test`; scripts/test.sh lists them
TESTS ?= unit scripts laws demo
# worlds of `make sim-check`
SEEDS ?= 10000
# of virtual time in `make soak`
HOURS ?= 24
export FUZZ_SECONDS
# what `make release` builds
RELEASE = weir libweir-preload.so libweir-packetdrill.so $(addprefix bench/, netbench netbench-lib \
	limits tapmove inproc bench-instr bench-sim $(notdir $(basename $(wildcard bench/idle_conns.c))))
# which allocations fail in `make faults`: paths, paths/N, log, N, all (hours)
FAULTS ?= paths

.PHONY: all help release deps demo test test-asan test-tsan test-clang sim-check soak lint \
	bench bench-quick bench-instr faults fuzz apps man install clean

all:		## build into build/: the command is build/weir
	@scripts/deps.sh build
	@scripts/build.sh $(BUILD)

help:		## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 14

release:	## into build-release/, optimized across files: fast, slow to build
	@scripts/deps.sh build
	@WEIR_TARGETS="$(RELEASE)" \
		scripts/build.sh build-release -Db_lto=true -Doptimization=3

deps:		## install what building, testing and linting need (Debian 12)
	@scripts/deps.sh build demo test lint man

demo:		## an unmodified curl fetches from an unmodified http.server
	@scripts/deps.sh build demo
	@scripts/build.sh $(BUILD)
	@scripts/demo.sh $(BUILD)

test:		## unit tests, script tests and the quick lints
	@scripts/deps.sh build demo test
	@scripts/test.sh $(TESTS)

test-asan:	## the unit tests under ASan and UBSan
	@scripts/deps.sh build test clang
	@scripts/test.sh asan

test-tsan:	## the tests with threads under TSan
	@scripts/deps.sh build test clang
	@scripts/test.sh tsan

faults:		## the unit tests with each allocation failing once, by call path
	@scripts/deps.sh build test clang
	@FAULTS=$(FAULTS) scripts/test.sh faults

test-clang:	## the unit tests as clang builds them
	@scripts/deps.sh build test clang
	@scripts/test.sh clang

sim-check:	## SEEDS (10000) bad worlds in virtual time, by three builds
	@scripts/deps.sh build clang
	@scripts/sim_check.sh $(SEEDS)

soak:		## HOURS (24) of virtual time in which nothing may grow
	@scripts/deps.sh build test
	@scripts/build.sh $(BUILD)
	@$(BUILD)/tests/soak --hours $(HOURS)

lint:		## laws, sizes, symbols, warnings, sparse, clang-tidy, shellcheck
	@scripts/deps.sh build test lint man
	@scripts/lint.sh

bench:		## weir against the host's kernel and lwIP, as ratios (15 min)
	@scripts/deps.sh build bench
	@$(MAKE) --no-print-directory release RELEASE="$(RELEASE) bench/lwip"
	@scripts/bench.sh build-release

bench-quick:	## the rows that have a bar, in less than 90 s
	@scripts/deps.sh build bench
	@$(MAKE) --no-print-directory release RELEASE="$(RELEASE) bench/lwip"
	@scripts/bench.sh build-release quick

bench-instr:	## instructions per request/response, by function (callgrind)
	@scripts/deps.sh build bench
	@scripts/build.sh $(BUILD)
	@BUILD=$(abspath $(BUILD)) bench/instr.py

fuzz:		## each fuzz target for FUZZ_SECONDS (60)
	@scripts/deps.sh build clang
	@scripts/fuzz.sh run

apps:		## unmodified programs on weir, as a table
	@scripts/deps.sh build apps
	@scripts/build.sh $(BUILD)
	@BUILD=$(abspath $(BUILD)) tests/apps/apps.py

man:		## manual pages into build/man
	@scripts/deps.sh man
	@scripts/man.sh $(BUILD)/man

install: all	## into PREFIX (/usr/local)
	@scripts/deps.sh man
	@scripts/man.sh $(BUILD)/man
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@meson install -C $(BUILD)
	@scripts/man.sh install $(BUILD)/man "$(DESTDIR)$(PREFIX)/share/man"

clean:		## remove what was built
	rm -rf $(BUILD) build-release build-asan build-tsan build-clang build-lint \
		build-fuzz
