# Liqmap.  `make help` lists the targets, `make V=1` shows the commands.
# VARIANT is one of release, clang, asan, tsan, coverage and fuzz; each has a
# build directory of its own.

VARIANT ?= release
B := build/$(VARIANT)

STD := -std=c11 -D_XOPEN_SOURCE=700
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wvla \
	-Wundef -Werror
# With contraction, gcc and clang would differ in the last bit of a grid.
NUMBERS := -ffp-contract=off -fno-fast-math

OPT_release := -O2 -g1
OPT_clang := -O2 -g1
# The model's loops are worth it.  It asks for no errno and takes no trap, and the
# last two flags change no result.
MODEL_OPT_release := -O3 -fno-math-errno -fno-trapping-math
MODEL_OPT_clang := $(MODEL_OPT_release)
OPT_coverage := -O0 -g --coverage -fprofile-update=prefer-atomic
OPT_asan := -O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OPT_tsan := -O1 -g1 -fsanitize=thread
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
ifeq ($(OPT_$(VARIANT)),)
$(error VARIANT is one of release clang asan tsan coverage fuzz)
endif

CC_clang := clang
# So that unit tests run with both compilers.
CC_asan := clang
CC_fuzz := clang
ifneq ($(CC_$(VARIANT)),)
CC := $(CC_$(VARIANT))
endif

# config.mk and CFLAGS of the environment add to these flags, never replace them.
-include config.mk

# Hardening of the installed programs.  The last two flags are not supported on
# every processor.
SUPPORTED = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null \
	2>/dev/null && echo $(1))
ifneq ($(filter release clang,$(VARIANT)),)
HARDEN_C := -fPIE -fstack-protector-strong \
	$(call SUPPORTED,-fstack-clash-protection) \
	$(call SUPPORTED,-fcf-protection=full)
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack
# Without optimisation _FORTIFY_SOURCE does nothing and warns.
ifeq ($(filter -O0,$(CFLAGS)),)
HARDEN_CPP := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif

override CFLAGS := $(STD) $(WARN) $(NUMBERS) $(OPT_$(VARIANT)) $(HARDEN_C) $(CFLAGS)
override CPPFLAGS := -Iinclude $(HARDEN_CPP) $(CPPFLAGS)
override LDFLAGS := $(OPT_$(VARIANT)) $(HARDEN_LD) $(LDFLAGS)

PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
DESTDIR ?=
FUZZ_SECONDS ?= 20

ifeq ($(V),1)
Q :=
else
Q := @
endif

MODULES := base model render net hosts cache exchange series record api fcgi notify report cli daemon
SRC = $(sort $(wildcard src/$(1)/*.c))
OBJ = $(patsubst %.c,$(B)/%.o,$(call SRC,$(1)))
LIB = $(B)/lib$(1).a

LIBS_base := -ldeflate -lz -linih
LIBS_net := -lcurl
LIBS_hosts := -lhiredis
LIBS_exchange := -lcjson
LIBS_record := -lsqlite3 -lwebsockets
LIBS_render := -lcairo
LIBS_fcgi := -lfcgi
LIBS_notify := -lcrypto
LIBS_ALL := -lfcgi -lcurl -lhiredis -lsqlite3 -lwebsockets -lcrypto -lcjson -lcairo -linih -ldeflate -lz -lm -pthread

# The daemon has no use for what only the command line uses.
DAEMON_LIBS := $(foreach m,daemon notify fcgi api record render series exchange cache hosts net model base,$(call LIB,$(m)))
ALL_LIBS := $(call LIB,cli) $(call LIB,report) $(DAEMON_LIBS)

all: build/liqmapd build/liqmap page ## the two programs and the page (default)

# Compared each time: another variant may have been copied since.
build/liqmapd build/liqmap: build/%: $(B)/% always
	$(Q)cmp -s $< $@ || { cp $< $@.tmp && mv $@.tmp $@; }

$(B)/liqmapd: $(DAEMON_LIBS)
$(B)/liqmap: $(ALL_LIBS)
$(B)/liqmapd $(B)/liqmap: $(B)/%: $(B)/src/%.o
	$(Q)echo "LD   $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

# Only the two main files contain the commit, so that a commit recompiles only them.
BUILD_ID := 0.1.0 ($(shell git rev-parse --short HEAD 2>/dev/null || echo unknown))
MAINS := $(B)/src/liqmapd.o $(B)/src/liqmap.o
$(MAINS): override CPPFLAGS += -DLIQ_BUILD_ID='"$(BUILD_ID)"'
$(MAINS): $(B)/build-id
ifneq ($(shell cat $(B)/build-id 2>/dev/null),$(BUILD_ID))
.PHONY: $(B)/build-id
endif
$(B)/build-id:
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(BUILD_ID)' >$@

$(B)/src/model/%.o: override CFLAGS += $(MODEL_OPT_$(VARIANT))
# Under the sanitizers most files cost more to optimise than they run; these do
# nearly all the work of the tests.
ASAN_HOT := $(call SRC,model) $(wildcard src/series/[cmp]*.c src/report/[mors]*.c) \
	src/render/canvas.c src/render/cells.c src/exchange/demo_path.c \
	src/base/png.c src/base/decimal.c
ifeq ($(VARIANT),asan)
$(ASAN_HOT:%.c=$(B)/%.o): override CFLAGS += -O1
endif

define module
$(call LIB,$(1)): $(call OBJ,$(1))
	$(Q)mkdir -p $$(@D)
	$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module,$(m))))

$(B)/%.o: %.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)echo "CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# --- tests -----------------------------------------------------------------
# A test links only the module it tests and what that module may use, so a
# forbidden dependency does not link.
USES_base :=
USES_model :=
USES_render := model base
USES_net := base
USES_hosts := base
USES_cache := base
USES_exchange := cache base
USES_series := exchange cache model base
USES_record := series exchange cache model base
USES_api := record render series exchange cache model base
USES_fcgi := base
USES_notify := net exchange cache base
USES_report := model base
USES_cli := base
LIBS_FOR = $(foreach m,$(1) $(USES_$(1)),$(LIBS_$(m))) -lm \
	$(if $(filter model,$(1)),,-pthread)

# It links in a third of the time, and there are 280 programs of tests.  Those that
# are installed are linked as the system does it.
TEST_LD := $(shell command -v ld.lld >/dev/null && echo -fuse-ld=lld)

TEST_SOURCES := $(wildcard tests/unit/*/test_*.c)
# A program that starts no thread has no race to find.
ifeq ($(VARIANT),tsan)
TEST_SOURCES := $(shell grep -lE 'pthread_create|liq_work_new|liq_http_curl|liq_hosts_new|server_start.s, [1-9]' \
	$(TEST_SOURCES))
endif
TESTS := $(patsubst tests/unit/%.c,%,$(TEST_SOURCES))
TEST_BINS := $(TESTS:%=$(B)/tests/%)
# What scripts/test runs with gcc as well as under the sanitizers: where a compiler
# can change a result, and where gcc alone runs all cases.
GCC_TESTS := $(filter model/% render/% report/% series/test_packed \
	base/test_decimal base/test_jsonw,$(TESTS)) \
	$(patsubst tests/unit/%.c,%,$(shell grep -l TEST_DIVISOR $(TEST_SOURCES)))
GCC_BINS := $(addprefix $(B)/tests/,$(sort $(GCC_TESTS)))

# tests/unit/<module>/test_<file>.c
define unit
$(patsubst %,$(B)/tests/%,$(filter $(1)/%,$(TESTS))): $(B)/tests/%: \
		$(B)/tests/unit/%.o $(call LIB,$(1)) \
		$(foreach u,$(USES_$(1)),$(call LIB,$(u)))
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(LDFLAGS) $(TEST_LD) -o $$@ $$^ -lcmocka $(call LIBS_FOR,$(1))
endef
$(foreach m,$(MODULES),$(eval $(call unit,$(m))))
# Property tests take this fraction of their random series: all of them with
# gcc, a few where each costs more and the property is the same.
DIVISOR_release := 1
DIVISOR_clang := 5
DIVISOR_coverage := 20
DIVISOR_asan := 20
DIVISOR_tsan := 20
DIVISOR_fuzz := 20
$(B)/tests/%.o: override CPPFLAGS += -Isrc -Itests \
	-DTEST_DIVISOR=$(DIVISOR_$(VARIANT))
# Unit tests take longer to compile than to run.
ifneq ($(filter release asan tsan,$(VARIANT)),)
$(B)/tests/unit/%.o: override CFLAGS += -O0
$(B)/tests/unit/%.o: override CPPFLAGS += -U_FORTIFY_SOURCE
endif

# Each fuzzer's corpus runs through the same code in every variant, without the
# fuzzer.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(FUZZERS:%=$(B)/tests/fuzz/replay_%)

$(REPLAYS): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o \
		$(B)/tests/fuzz/replay.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) $(TEST_LD) -o $@ $^ $(LIBS_ALL)

# The C model's numbers for tests/reference.
$(B)/tests/model_dump: $(B)/tests/reference/model_dump.o $(call LIB,model)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm

BENCHES := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench_*.c))

$(BENCHES): $(B)/%: $(B)/%.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

test: unit js ## the quick tests: unit tests, page scripts, reference model

unit: $(TEST_BINS) $(if $(filter tsan,$(VARIANT)),,$(REPLAYS)) ## unit tests of VARIANT=release|asan|tsan|clang
	$(Q)scripts/run-units.sh $^

# The other programs find nothing with gcc that the sanitizers, and the end-to-end
# tests of what gcc has made, do not find.
unit-gcc: $(GCC_BINS)
	$(Q)scripts/run-units.sh $^

asan: ## unit tests with the address and undefined-behaviour sanitizers
	$(Q)$(MAKE) VARIANT=asan unit

tsan: ## unit tests that start threads, with the thread sanitizer
	$(Q)$(MAKE) VARIANT=tsan unit

# Programs that scripts/test runs, built before its suites run side by side.
# Each VARIANT has its own directory, so all build at the same time.
build-release: all
build-release build-asan build-tsan: build-%:
	$(Q)$(MAKE) VARIANT=$* test-programs

# Its warnings come with the sanitizer, which is clang's too.
build-clang:
	$(Q)$(MAKE) VARIANT=clang build/clang/tests/model_dump

programs: $(B)/tests/model_dump $(B)/liqmapd $(B)/liqmap

# Nothing starts the programs of these sanitizers but tests/e2e, which makes what it
# starts: of asan's, the main files are compiled, for clang's warnings.
test-programs: $(if $(filter release,$(VARIANT)),$(GCC_BINS) $(BENCHES),$(TEST_BINS)) \
	$(if $(filter asan coverage,$(VARIANT)),$(REPLAYS)) \
	$(if $(filter tsan,$(VARIANT)),,$(if $(filter asan,$(VARIANT)),$(MAINS),programs))

JS_TESTS := $(wildcard tests/js/*.half.mjs tests/reference/*.test.mjs)
E2E_TESTS := $(wildcard tests/e2e/*.half.mjs tests/web/*.half.mjs)

js: $(B)/tests/model_dump ## page scripts and the reference model
	$(Q)$(MAKE) VARIANT=clang build/clang/tests/model_dump
	$(if $(JS_TESTS),$(Q)node --test $(JS_TESTS))

e2e: all ## the real programs against a mock exchange, and the page in a browser
	$(if $(E2E_TESTS),$(Q)node --test $(E2E_TESTS))

coverage: ## share of the lines of src/ that unit and end-to-end tests run
	$(Q)scripts/coverage.sh

scripts-test:
	$(Q)scripts/run-units.sh $(wildcard tests/scripts/test_*.sh)

check: ## everything that a commit must pass: scripts/test
	$(Q)scripts/test

# --- source checks ---------------------------------------------------
C_SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
C_ALL := $(C_SOURCES) $(sort $(wildcard src/*/*.h include/liqmap/*.h \
	tests/*.h tests/*/*.[ch] tests/*/*/*.[ch]))

# A check that cannot run has failed.
need = @command -v $(1) >/dev/null || { \
	echo "$(1) is missing; install the package $(1)" >&2; exit 1; }

lint: tidy cppcheck types ## clang-tidy, cppcheck, tsc

# States of a function that the analyser looks at: its default of 225000 takes nine
# times as long.  TIDY_NODES=225000 looks deeper.
TIDY_NODES ?= 20000
tidy:
	$(Q)scripts/tidy.sh $(C_SOURCES) -- $(STD) -Iinclude -DLIQ_BUILD_ID='""' \
		-Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES)

cppcheck:
	$(call need,cppcheck)
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --suppress=missingInclude \
		--suppress=missingIncludeSystem \
		--suppress=duplicateAssignExpression -DLIQ_BUILD_ID='""' -Iinclude src

types: $(if $(wildcard www/jsconfig.json),node_modules/.bin/tsc)
	$(if $(wildcard www/jsconfig.json),$(Q)node_modules/.bin/tsc -p www/jsconfig.json --noEmit)

layers: ## which module may include which
	$(Q)scripts/check-layers.sh

bans: ## banned functions and words; function and file length
	$(Q)scripts/check-bans.sh
	$(Q)scripts/top-length.sh >/dev/null

fmt: ## format the C
	$(call need,clang-format)
	$(Q)clang-format -i $(C_ALL)

fmt-check:
	$(call need,clang-format)
	$(Q)clang-format --dry-run -Werror $(C_ALL)

# --- fuzzing --------------------------------------------------------------------
fuzz: ## run each fuzzer for FUZZ_SECONDS (20); findings are in build/fuzz/found
	$(Q)$(MAKE) VARIANT=fuzz run-fuzzers

FUZZ_BINS := $(FUZZERS:%=$(B)/tests/fuzz/fuzz_%)

$(FUZZ_BINS): %: %.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS_ALL)

# New inputs go to build/: a finding joins tests/fuzz/corpus by hand.
run-fuzzers: $(FUZZ_BINS)
	$(Q)for f in $(FUZZERS); do \
		mkdir -p $(B)/corpus/$$f $(B)/found && echo "FUZZ $$f" && \
		$(B)/tests/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) \
			-artifact_prefix=$(B)/found/$$f- -print_final_stats=0 -verbosity=0 \
			$(B)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; done

# --- speed: what has a goal, and the page -------------------------------------
bench: ## measure all that has a goal in about a minute; writes docs/performance.md
	$(Q)$(MAKE) VARIANT=release build-benches
	$(Q)node tests/bench/bench.mjs

build-benches: all $(BENCHES)

bench-page: all ## what the page costs in a browser
	$(Q)node scripts/bench-page.mjs

SOAK_REQUESTS ?= 100000
SOAK_MINUTES ?= 30

soak: all ## SOAK_REQUESTS (100000) over all routes while exchanges fail
	$(Q)node tests/bench/soak.mjs --requests $(SOAK_REQUESTS) --minutes $(SOAK_MINUTES)

crowd: all ## 1,000 viewers for a minute on both web servers, and a viewer beside a flood
	$(Q)node tests/bench/crowd.mjs

# --- the page ----------------------------------------------------------------
CHART := node_modules/lightweight-charts
PAGE := $(shell find www -type f ! -path 'www/vendor/*' ! -path 'www/types/*')

page: build/www/index.html ## the bundled page, build/www

build/www/index.html: scripts/bundle.mjs package-lock.json $(PAGE) \
		| node_modules/.bin/tsc
	$(Q)echo "PAGE $(@D)"
	$(Q)node $< $(@D)

# The library of the page as it is in www/, without bundling.
vendor: www/vendor/lightweight-charts.mjs www/vendor/lightweight-charts.LICENSE

www/vendor/lightweight-charts.mjs: package-lock.json | node_modules/.bin/tsc
	$(Q)mkdir -p $(@D)
	$(Q)cp $(CHART)/dist/lightweight-charts.standalone.production.mjs $@

www/vendor/lightweight-charts.LICENSE: package-lock.json | node_modules/.bin/tsc
	$(Q)mkdir -p $(@D)
	$(Q)cp $(CHART)/LICENSE $@

node_modules/.bin/tsc: package-lock.json
	$(Q)npm ci --ignore-scripts --loglevel=error >/dev/null
	$(Q)touch $@

# --- installing -------------------------------------------------------------------
SHARE := $(DESTDIR)$(PREFIX)/share/liqmap
ETC := $(DESTDIR)$(SYSCONFDIR)/liqmap

install: all ## to DESTDIR and PREFIX (/usr/local); keeps existing settings
	install -D -m 755 build/liqmapd $(DESTDIR)$(PREFIX)/bin/liqmapd
	install -D -m 755 build/liqmap $(DESTDIR)$(PREFIX)/bin/liqmap
	$(Q)cd build/www && find . -type f | \
		while IFS= read -r f; do \
			install -D -m 644 "$$f" "$(abspath $(SHARE))/www/$$f" || exit 1; \
		done
	$(Q)for f in conf/* $(wildcard README.md LICENSE); do \
		install -D -m 644 $$f $(SHARE)/$$f || exit 1; done
	$(Q)[ -e $(ETC)/liqmap.conf ] || \
		install -D -m 644 conf/liqmap.conf $(ETC)/liqmap.conf

clean: ## remove all build output
	rm -rf build www/vendor

help: ## this list
	@awk -F '## ' '/^[a-z0-9-]+:.*## / { sub(/:.*/, "", $$1); \
		printf "%-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

OBJECTS := $(MAINS) $(foreach m,$(MODULES),$(call OBJ,$(m))) \
	$(TESTS:%=$(B)/tests/unit/%.o) $(FUZZERS:%=$(B)/tests/fuzz/fuzz_%.o) \
	$(B)/tests/fuzz/replay.o $(B)/tests/reference/model_dump.o \
	$(BENCHES:%=%.o)
-include $(OBJECTS:.o=.d)

.PHONY: all always unit unit-gcc test asan tsan build-release build-clang \
	build-asan build-tsan programs test-programs coverage js e2e scripts-test check lint tidy \
	cppcheck types layers bans fmt fmt-check fuzz run-fuzzers bench build-benches \
	bench-page soak crowd page vendor \
	install clean help
.SECONDARY:
.DELETE_ON_ERROR:
