# Liqmap.  `make help` lists the targets.

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
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined

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
DESTDIR ?=

ifeq ($(V),1)
Q :=
else
Q := @
endif

MODULES := base model net market cache feed api fcgi
SRC = $(sort $(wildcard src/$(1)/*.c))
OBJ = $(patsubst %.c,$(B)/%.o,$(call SRC,$(1)))
LIB = $(B)/lib$(1).a

LIBS_base := -lz -linih
LIBS_net := -lcurl
LIBS_market := -lcjson
LIBS_fcgi := -lfcgi
LIBS_ALL := -lfcgi -lcurl -lcjson -linih -lz -lm -pthread

ALL_LIBS := $(foreach m,fcgi api feed cache market net model base,$(call LIB,$(m)))

all: build/liqmapd build/liqmap vendor

build/liqmapd build/liqmap: build/%: $(B)/%
	$(Q)cp $< $@.tmp && mv $@.tmp $@

$(B)/liqmapd $(B)/liqmap: $(B)/%: $(B)/src/%.o $(ALL_LIBS)
	$(Q)echo "LD   $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_ALL)

define module
$(call LIB,$(1)): $(call OBJ,$(1))
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

TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*/test_*.c))
TEST_BINS := $(TESTS:%=$(B)/tests/%)

# tests/unit/<module>/test_<file>.c
define unit
$(patsubst %,$(B)/tests/%,$(filter $(1)/%,$(TESTS))): $(B)/tests/%: \
		$(B)/tests/unit/%.o $(call LIB,$(1)) \
		$(foreach u,$(USES_$(1)),$(call LIB,$(u)))
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(LDFLAGS) -o $$@ $$^ -lcmocka \
		$(if $(filter model,$(1)),-lm,$(LIBS_ALL))
endef
$(foreach m,$(MODULES),$(eval $(call unit,$(m))))
$(B)/tests/unit/%.o: CPPFLAGS += -Isrc -Itests

unit: $(TEST_BINS)
	$(Q)scripts/run-units.sh $(TEST_BINS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- the page's one library ---------------------------------------------------
vendor: www/vendor/lightweight-charts.mjs

www/vendor/lightweight-charts.mjs: package-lock.json
	$(Q)npm ci --ignore-scripts --silent
	$(Q)mkdir -p www/vendor
	$(Q)cp node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs $@
	$(Q)cp node_modules/lightweight-charts/LICENSE www/vendor/lightweight-charts.LICENSE

clean:
	rm -rf build www/vendor

.PHONY: all unit vendor clean
.SECONDARY:
