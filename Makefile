# Liqmap.  `make help` lists the targets, `make V=1` shows the commands.

VARIANT ?= release
B := build/$(VARIANT)

STD := -std=c11 -D_XOPEN_SOURCE=700
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wvla \
	-Wundef -Werror
# Contraction would make gcc and clang disagree in the last bit of a grid.
NUMBERS := -ffp-contract=off -fno-fast-math

OPT_release := -O2 -g
OPT_clang := -O2 -g
# The model's loops are worth it.  It asks for no errno and takes no trap, and the
# last two flags change no result.
MODEL_OPT_release := -O3 -fno-math-errno -fno-trapping-math
MODEL_OPT_clang := $(MODEL_OPT_release)
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
ifeq ($(OPT_$(VARIANT)),)
$(error VARIANT is one of release clang asan tsan fuzz)
endif

CC_clang := clang
CC_fuzz := clang
ifneq ($(CC_$(VARIANT)),)
CC := $(CC_$(VARIANT))
endif

# config.mk and the caller's CFLAGS may add to these, never replace them.
-include config.mk
override CFLAGS := $(STD) $(WARN) $(NUMBERS) $(OPT_$(VARIANT)) $(CFLAGS)
override CPPFLAGS := -Iinclude $(CPPFLAGS)
override LDFLAGS := $(OPT_$(VARIANT)) $(LDFLAGS)

PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
DESTDIR ?=
FUZZ_SECONDS ?= 20

ifeq ($(V),1)
Q :=
else
Q := @
endif

MODULES := base model net market cache feed api fcgi cli
SRC = $(sort $(wildcard src/$(1)/*.c))
OBJ = $(patsubst %.c,$(B)/%.o,$(call SRC,$(1)))
LIB = $(B)/lib$(1).a

LIBS_base := -lz -linih
LIBS_net := -lcurl
LIBS_market := -lcjson
LIBS_fcgi := -lfcgi
LIBS_ALL := -lfcgi -lcurl -lcjson -linih -lz -lm -pthread

ALL_LIBS := $(foreach m,cli fcgi api feed cache market net model base,$(call LIB,$(m)))

all: build/liqmapd build/liqmap vendor ## the two programs and the page (default)

build/liqmapd build/liqmap: build/%: $(B)/%
	$(Q)cp $< $@.tmp && mv $@.tmp $@

$(B)/liqmapd $(B)/liqmap: $(B)/%: $(B)/src/%.o $(ALL_LIBS)
	$(Q)echo "LD   $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

# The commit is in the two programs only, so that a commit recompiles no more.
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
USES_net := base
USES_market := base
USES_cache := base
USES_feed := cache market base
USES_api := feed cache market model base
USES_fcgi := api feed cache market model base
LIBS_FOR = $(foreach m,$(1) $(USES_$(1)),$(LIBS_$(m))) -lm \
	$(if $(filter model,$(1)),,-pthread)

TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*/test_*.c))
TEST_BINS := $(TESTS:%=$(B)/tests/%)

# tests/unit/<module>/test_<file>.c
define unit
$(patsubst %,$(B)/tests/%,$(filter $(1)/%,$(TESTS))): $(B)/tests/%: \
		$(B)/tests/unit/%.o $(call LIB,$(1)) \
		$(foreach u,$(USES_$(1)),$(call LIB,$(u)))
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(LDFLAGS) -o $$@ $$^ -lcmocka $(call LIBS_FOR,$(1))
endef
$(foreach m,$(MODULES),$(eval $(call unit,$(m))))
$(B)/tests/%.o: override CPPFLAGS += -Isrc -Itests

# What the fuzzers found, and what they start from, goes through the same code
# in every variant, without the fuzzer.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(FUZZERS:%=$(B)/tests/fuzz/replay_%)

$(REPLAYS): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o \
		$(B)/tests/fuzz/replay.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

# The C model's numbers for tests/reference.
$(B)/tests/model_dump: $(B)/tests/reference/model_dump.o $(call LIB,model)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm

test: unit js ## the quick tests: units, page scripts, the model's second writing

unit: $(TEST_BINS) $(REPLAYS) ## unit tests of VARIANT=release|clang|asan|tsan
	$(Q)scripts/run-units.sh $(TEST_BINS) $(REPLAYS)

asan: ## unit tests with the address and undefined-behaviour sanitizers
	$(Q)$(MAKE) VARIANT=asan unit

tsan: ## unit tests with the thread sanitizer
	$(Q)$(MAKE) VARIANT=tsan unit

JS_TESTS := $(wildcard tests/js/*.test.mjs tests/reference/*.test.mjs)
E2E_TESTS := $(wildcard tests/e2e/*.test.mjs tests/web/*.test.mjs)

js: $(B)/tests/model_dump
	$(Q)$(MAKE) VARIANT=clang build/clang/tests/model_dump
	$(if $(JS_TESTS),$(Q)node --test $(JS_TESTS))

e2e: all ## the real programs against a fake exchange, and the page in a browser
	$(if $(E2E_TESTS),$(Q)node --test $(E2E_TESTS))

scripts-test:
	$(Q)scripts/run-units.sh $(wildcard tests/scripts/test_*.sh)

check: ## everything that a commit must pass
	$(Q)$(MAKE) layers bans fmt-check
	$(Q)$(MAKE) VARIANT=release all test scripts-test
	$(Q)$(MAKE) VARIANT=clang build/clang/liqmapd build/clang/liqmap unit
	$(Q)$(MAKE) asan
	$(Q)$(MAKE) tsan
	$(Q)$(MAKE) lint
	$(Q)$(MAKE) e2e

# --- looking at the source ---------------------------------------------------
C_SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
C_ALL := $(C_SOURCES) $(sort $(wildcard src/*/*.h include/liqmap/*.h \
	tests/*.h tests/*/*.[ch] tests/*/*/*.[ch]))
TIDIED := $(C_SOURCES:%=build/lint/%.tidy)

lint: $(if $(shell command -v clang-tidy),$(TIDIED)) cppcheck types ## clang-tidy, cppcheck, tsc

$(TIDIED): build/lint/%.tidy: % .clang-tidy $(wildcard include/liqmap/*.h src/*/*.h)
	$(Q)mkdir -p $(@D)
	$(Q)echo "TIDY $<"
	$(Q)clang-tidy --quiet $< -- $(STD) -Iinclude -DLIQ_BUILD_ID='""' \
		2>$@.log || { cat $@.log; exit 1; }
	$(Q)touch $@

cppcheck:
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --suppress=missingInclude \
		--suppress=missingIncludeSystem \
		--suppress=duplicateAssignExpression -DLIQ_BUILD_ID='""' -Iinclude src

types: $(if $(wildcard www/jsconfig.json),node_modules/.bin/tsc)
	$(if $(wildcard www/jsconfig.json),$(Q)node_modules/.bin/tsc -p www/jsconfig.json --noEmit)

layers: ## who may include whom
	$(Q)scripts/check-layers.sh

bans: ## words that may not be in the code; the longest functions
	$(Q)scripts/check-bans.sh
	$(Q)scripts/top-length.sh >/dev/null

fmt: ## format the C
	$(Q)clang-format -i $(C_ALL)

fmt-check:
	$(Q)clang-format --dry-run -Werror $(C_ALL)

# --- fuzzing and speed ---------------------------------------------------------
fuzz: ## each fuzzer for FUZZ_SECONDS (20); what it finds joins tests/fuzz/corpus
	$(Q)$(MAKE) VARIANT=fuzz run-fuzzers

FUZZ_BINS := $(FUZZERS:%=$(B)/tests/fuzz/fuzz_%)

$(FUZZ_BINS): %: %.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS_ALL)

# New inputs go to build/, so that only what a person adds is committed.
run-fuzzers: $(FUZZ_BINS)
	$(Q)for f in $(FUZZERS); do \
		mkdir -p $(B)/corpus/$$f $(B)/found && echo "FUZZ $$f" && \
		$(B)/tests/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) \
			-artifact_prefix=$(B)/found/$$f- -print_final_stats=0 -verbosity=0 \
			$(B)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; done

BENCHES := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/bench_*.c))

$(BENCHES): $(B)/%: $(B)/%.o $(ALL_LIBS)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

bench: all $(BENCHES) ## medians of many runs, with compiler and CPU
	$(Q)$(CC) --version | head -n 1
	$(Q)sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | uniq -c
	$(Q)for b in $(BENCHES); do echo "$$b" && $$b || exit 1; done
	$(Q)if [ -x scripts/bench.sh ]; then scripts/bench.sh; fi
	$(Q)node scripts/bench-page.mjs

# --- the page's one library ---------------------------------------------------
CHART := node_modules/lightweight-charts

vendor: www/vendor/lightweight-charts.mjs www/vendor/lightweight-charts.LICENSE

www/vendor/lightweight-charts.mjs: package-lock.json | node_modules/.bin/tsc
	$(Q)mkdir -p $(@D)
	$(Q)cp $(CHART)/dist/lightweight-charts.standalone.production.mjs $@

www/vendor/lightweight-charts.LICENSE: package-lock.json | node_modules/.bin/tsc
	$(Q)mkdir -p $(@D)
	$(Q)cp $(CHART)/LICENSE $@

node_modules/.bin/tsc: package-lock.json
	$(Q)npm ci --ignore-scripts --silent
	$(Q)touch $@

# --- installing -------------------------------------------------------------------
SHARE := $(DESTDIR)$(PREFIX)/share/liqmap
ETC := $(DESTDIR)$(SYSCONFDIR)/liqmap

install: all ## to DESTDIR and PREFIX (/usr/local); settings that exist are kept
	install -D -m 755 build/liqmapd $(DESTDIR)$(PREFIX)/bin/liqmapd
	install -D -m 755 build/liqmap $(DESTDIR)$(PREFIX)/bin/liqmap
	$(Q)cd www && find . -type f ! -name jsconfig.json ! -path './types/*' | \
		while IFS= read -r f; do \
			install -D -m 644 "$$f" "$(abspath $(SHARE))/www/$$f" || exit 1; \
		done
	$(Q)for f in conf/* $(wildcard README.md LICENSE); do \
		install -D -m 644 $$f $(SHARE)/$$f || exit 1; done
	$(Q)[ -e $(ETC)/liqmap.conf ] || \
		install -D -m 644 conf/liqmap.conf $(ETC)/liqmap.conf

clean: ## remove what was built
	rm -rf build www/vendor

help: ## this list
	@awk -F '## ' '/^[a-z0-9-]+:.*## / { sub(/:.*/, "", $$1); \
		printf "%-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

OBJECTS := $(MAINS) $(foreach m,$(MODULES),$(call OBJ,$(m))) \
	$(TESTS:%=$(B)/tests/unit/%.o) $(FUZZERS:%=$(B)/tests/fuzz/fuzz_%.o) \
	$(B)/tests/fuzz/replay.o $(B)/tests/reference/model_dump.o \
	$(BENCHES:%=%.o)
-include $(OBJECTS:.o=.d)

.PHONY: all unit test asan tsan js e2e scripts-test check lint cppcheck types \
	layers bans fmt fmt-check fuzz run-fuzzers bench vendor install clean help
.SECONDARY:
.DELETE_ON_ERROR:
