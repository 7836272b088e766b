# SPDX-License-Identifier: Apache-2.0
# make            build everything into build/release
# make help       the other targets

VARIANT ?= release
B := build/$(VARIANT)
VERSION := 0.1.0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
SPECDIR := $(DATADIR)/vinput/specs

CC ?= cc
PKG_CONFIG ?= pkg-config
pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

# $(call probe,FLAG): FLAG if the compiler knows it
probe = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null \
	&& echo $(1))
HARDEN := $(call probe,-fstack-protector-strong) \
	$(call probe,-fstack-clash-protection) $(call probe,-fcf-protection)

V_CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 $(HARDEN)
V_CFLAGS_asan := -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
V_CFLAGS_tsan := -O1 -fsanitize=thread
V_LDFLAGS_release := -Wl,-z,relro,-z,now
V_LDFLAGS_asan := -fsanitize=address,undefined
V_LDFLAGS_tsan := -fsanitize=thread

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wwrite-strings -Wno-unused-parameter
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	-DSPECDIR='"$(SPECDIR)"' \
	$(call pkg_cflags,libevdev jansson) $(CPPFLAGS)
ALL_CFLAGS = -std=gnu17 -g -fPIE $(V_CFLAGS_$(VARIANT)) $(WARN) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,--as-needed $(V_LDFLAGS_$(VARIANT)) $(LDFLAGS)

LIBS := $(call pkg_libs,libevdev jansson) -lev
TEST_LIBS := $(call pkg_libs,cmocka)

# input/: one program; all but its main.c is an archive that tests link too.
# injector/: vinput-*.c are programs, the rest is theirs in common.
INPUT_SRC := $(filter-out input/main.c,$(wildcard input/*.c))
INJ_MAIN := $(wildcard injector/vinput-*.c)
INJ_SRC := $(filter-out $(INJ_MAIN),$(wildcard injector/*.c))
TESTLIB_SRC := $(wildcard tests/lib/*.c)
TEST_MAIN := $(wildcard tests/unit/test-*.c tests/wire/test-*.c)

PROGRAMS := $(B)/vhost-user-input $(INJ_MAIN:injector/%.c=$(B)/%)
TESTS := $(TEST_MAIN:%.c=$(B)/%)
ARCHIVES := $(B)/testlib.a $(B)/injector.a $(B)/input.a

.PHONY: all
all: $(PROGRAMS)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/input.a: $(call obj,$(INPUT_SRC))
$(B)/injector.a: $(call obj,$(INJ_SRC))
$(B)/testlib.a: $(call obj,$(TESTLIB_SRC))
$(ARCHIVES):
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/vhost-user-input: $(call obj,input/main.c) $(B)/input.a
	$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

$(B)/vinput-%: $(B)/obj/injector/vinput-%.o $(B)/injector.a $(B)/input.a
	$(CC) $(ALL_LDFLAGS) $^ $(LIBS) -o $@

$(B)/tests/%: $(B)/obj/tests/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) $^ $(LIBS) $(TEST_LIBS) -o $@

# Keep objects: make would take those of chained rules for intermediate.
.SECONDARY:

.PHONY: clean
clean:
	rm -rf build

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)
