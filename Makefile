# Huiying. `make help` lists the targets.
#
# One non-recursive makefile. Every folder's *.c become one archive; a program links its own
# archive and those below it: base <- sys <- rules <- daemon <- cli.
#
#   CC=clang           another compiler        WERROR=1   warnings are errors
#   SANITIZE=address,undefined                 COVERAGE=1 gcov instrumentation
#   BUILD=dir          objects and programs    DATA=dir   real test material, not in this tree
#   CONFIG=file        what `make run` runs      V=1 shows the commands

.DEFAULT_GOAL := all
BUILD    ?= build
ifeq ($(origin CC),default)
CC       := gcc
endif
PREFIX   ?= /usr/local
Q        := $(if $(V),,@)
say       = $(if $(V),@:,@printf '  %-5s %s\n' $(1) $(subst $(BUILD)/,,$@))
OPT      ?= -O2 -g
PKG_CONFIG ?= pkg-config

PACKAGES := libuv libzmq libcurl libxml-2.0 libpcre2-8 sqlite3 libpq jansson libfyaml \
            uchardet libsodium libpsl icu-uc libdeflate libutf8proc opencc libcrypto
TEST_PACKAGES := cmocka libmicrohttpd

# Third-party headers are system headers: their warnings are not ours.
EXTERNAL_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) $(TEST_PACKAGES) 2>/dev/null))
LDLIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lm
TEST_LDLIBS := $(shell $(PKG_CONFIG) --libs $(TEST_PACKAGES) 2>/dev/null) -lpthread

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wswitch-enum -Wvla -Wwrite-strings -Wformat=2 -Wundef -Wpointer-arith -Wconversion \
            -Wno-overlength-strings
HARDENING := -fstack-protector-strong -fno-common -fPIE
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(EXTERNAL_CFLAGS) $(WARNINGS) $(HARDENING) $(OPT) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS)

ifeq ($(WERROR),1)
ALL_CFLAGS += -Werror
endif
ifdef SANITIZE
ALL_CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
ALL_LDFLAGS += -fsanitize=$(SANITIZE)
endif
ifdef COVERAGE
ALL_CFLAGS += --coverage -O0
ALL_LDFLAGS += --coverage
endif

# ---- archives: what each folder holds and what it stands on ------------------------------

LIB_DIRS := common/base common/sys common/rules crawler analyzer alerter report cli
lib_name  = $(BUILD)/lib/$(subst /,-,$(1)).a
objects   = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(1)/main.c,$(wildcard $(1)/*.c)))

COMMON_LIBS   := $(call lib_name,common/rules) $(call lib_name,common/sys) $(call lib_name,common/base)
CRAWLER_LIBS  := $(call lib_name,crawler) $(COMMON_LIBS)
ANALYZER_LIBS := $(call lib_name,analyzer) $(COMMON_LIBS)
ALERTER_LIBS  := $(call lib_name,alerter) $(COMMON_LIBS)
ALL_LIBS      := $(call lib_name,cli) $(call lib_name,report) $(call lib_name,crawler) \
                 $(call lib_name,analyzer) $(call lib_name,alerter) $(COMMON_LIBS)

define archive_rule
$(call lib_name,$(1)): $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR)
	$$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach dir,$(LIB_DIRS),$(eval $(call archive_rule,$(dir))))

# ---- programs ----------------------------------------------------------------------------

PROGRAMS := $(BUILD)/bin/huiying $(BUILD)/bin/huiying-crawler $(BUILD)/bin/huiying-analyzer \
            $(BUILD)/bin/huiying-alerter
SIMWEB   := $(BUILD)/tests/simweb

$(BUILD)/bin/huiying:          $(BUILD)/cli/main.o      $(ALL_LIBS)
$(BUILD)/bin/huiying-crawler:  $(BUILD)/crawler/main.o  $(CRAWLER_LIBS)
$(BUILD)/bin/huiying-analyzer: $(BUILD)/analyzer/main.o $(ANALYZER_LIBS)
$(BUILD)/bin/huiying-alerter:  $(BUILD)/alerter/main.o  $(ALERTER_LIBS)
$(PROGRAMS):
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

all: $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# ---- tests: one program per tests/unit/<folder>/x_test.c, linked with what it needs --------

# An archive: each test takes from it only what it names.
TEST_LIB     := $(BUILD)/lib/tests-lib.a
$(TEST_LIB): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

SIMWEB_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/web/*.c))
UNIT_SOURCES := $(wildcard tests/unit/*/*_test.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
unit_of       = $(filter $(BUILD)/tests/unit/$(1)/%,$(UNIT_TESTS))

$(call unit_of,base):     $(call lib_name,common/base)
$(call unit_of,sys):      $(call lib_name,common/sys) $(call lib_name,common/base)
$(call unit_of,rules):    $(COMMON_LIBS)
$(call unit_of,crawler):  $(CRAWLER_LIBS)
$(call unit_of,analyzer): $(ANALYZER_LIBS)
$(call unit_of,alerter):  $(ALERTER_LIBS)
$(call unit_of,report):   $(ALL_LIBS)
$(call unit_of,cli):      $(ALL_LIBS)
$(call unit_of,web):      $(filter-out %/main.o,$(SIMWEB_OBJECTS)) $(COMMON_LIBS)
$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(TEST_LIB)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(TEST_LIB) $(filter-out $(TEST_LIB),$(filter %.a,$^)) \
		$(LDLIBS) $(TEST_LDLIBS)

$(SIMWEB): $(SIMWEB_OBJECTS) $(COMMON_LIBS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(TEST_LDLIBS)

# Programs that only tests and benches start, one source each.
HELPER_SOURCES := $(wildcard tests/helpers/*.c)
HELPERS        := $(HELPER_SOURCES:%.c=$(BUILD)/%)
$(HELPERS): $(BUILD)/%: $(BUILD)/%.o $(TEST_LIB) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) $(TEST_LDLIBS)

# A fuzz target is a libFuzzer entry point; linked with replay.c it runs its corpus as a test,
# with FUZZER=1 (and SANITIZE=fuzzer-no-link,...) it is linked with libFuzzer's own main.
FUZZ_MAIN    := $(if $(FUZZER),,$(BUILD)/tests/fuzz/replay.o)
FUZZ_SOURCES := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ_REPLAY  := $(FUZZ_SOURCES:%.c=$(BUILD)/%)
$(FUZZ_REPLAY): $(BUILD)/%: $(BUILD)/%.o $(FUZZ_MAIN) $(ALL_LIBS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(FUZZER),-fsanitize=fuzzer) -o $@ $^ $(LDLIBS)

TEST_PROGRAMS := $(UNIT_TESTS) $(FUZZ_REPLAY) $(SIMWEB) $(HELPERS)
tests: $(PROGRAMS) $(TEST_PROGRAMS)

test: deps-test
	+@$(MAKE) --no-print-directory tests
	@BUILD=$(BUILD) DATA="$(DATA)" tests/run $(ONLY)

quality: all $(HELPERS)
	@BUILD=$(BUILD) DATA="$(DATA)" tests/quality/run

bench: all $(SIMWEB) $(HELPERS)
	@BUILD=$(BUILD) tests/bench/run
	@$(BUILD)/tests/helpers/schedule_sim

run-real: all $(HELPERS)
	@BUILD=$(BUILD) DATA="$(DATA)" tests/integration/run-real

fuzz: deps-test
	@CC=clang tests/fuzz/run $(ONLY)

# ---- run -----------------------------------------------------------------------------------

run: deps
	+@$(MAKE) --no-print-directory all $(if $(CONFIG),,$(SIMWEB))
	@BUILD=$(BUILD) CONFIG="$(CONFIG)" tests/web/run

deps:
	@packaging/deps run
deps-test:
	@packaging/deps test

# ---- care ----------------------------------------------------------------------------------

style:
	@tests/style

san:
	+@$(MAKE) --no-print-directory test CC=clang BUILD=$(BUILD)-san SANITIZE=address,undefined WERROR=1

cov:
	+@$(MAKE) --no-print-directory test CC=gcc BUILD=$(BUILD)-cov COVERAGE=1
	@tests/coverage $(BUILD)-cov

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/huiying
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	cp -R rules $(DESTDIR)$(PREFIX)/share/huiying/
	install -d $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5

clean:
	rm -rf $(BUILD) $(BUILD)-san $(BUILD)-cov

help:
	@echo 'make deps        install the packages the programs need (Debian 12; root or sudo)'
	@echo 'make all         build $(BUILD)/bin/huiying and the daemons'
	@echo 'make run         install, build, and run the whole pipeline on the simulated web'
	@echo '                 CONFIG=file.yaml runs real sources instead'
	@echo 'make test        install what the tests need and run them all; ONLY=name for some;'
	@echo '                 DATA=dir adds the tests that need real material'
	@echo 'make style       layers, function length, banned calls, formatting budgets'
	@echo 'make san         the same tests with clang, ASan and UBSan'
	@echo 'make cov         the same tests with coverage'
	@echo 'make bench       every performance figure as a ratio measured in one run'
	@echo 'make quality     scores on labelled data; needs DATA=dir'
	@echo 'make run-real    crawl real pages served on loopback; needs DATA=dir'
	@echo 'make fuzz        run the fuzz targets for a while; ONLY=name for one'
	@echo 'make install     PREFIX=$(PREFIX) DESTDIR='
	@echo 'make clean       remove what was built'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all tests test quality bench run run-real fuzz deps deps-test style san cov install clean help
.SECONDARY:
