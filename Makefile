# SPDX-License-Identifier: Apache-2.0
#
# make            build the programs into build/release
# make demo       show a keyboard and a touchscreen at work
# make demo-browser
#                 print the URL of a page, and show what a browser sends
# make demo-guest boot Linux in QEMU, and print the URL of a page that shows its
#                 console
# make check      run all tests, JOBS of them side by side (one per CPU)
# make check-unit, check-wire, check-fuzz, check-specs, check-package,
# check-guest, check-browser
#                 run some of them; check-guest boots Linux in QEMU, check-browser
#                 starts Chromium; DIR=ring: the unit tests of one folder
# make check-repeat
#                 run unit, wire and package tests RUNS (20) times
# make soak       put random load on one server for SOAK_SECONDS (1800)
# make mutate     put N (150) faults into PATHS (input injector), one at a time, drawn
#                 by SEED (1): does a test find each?
# make check-model
#                 search all states of a model of the rings' notifications, with Spin
# make check-asan run the unit tests, and those of vinput-stream,
#                 vinput-passthrough, vinput-hold and vinput-launch, with ASan and
#                 UBSan
# make fuzz       fuzz each parser for FUZZ_SECONDS (60), with clang 14
# make bench      measure speed, beside a floor that only moves events
# make bench-browser
#                 measure the page of vinput-stream, beside a bare echo
# make bench-guest
#                 measure from a key until the picture of a guest has changed in
#                 a browser, beside plain noVNC; WAYS=relay: only that way
# make bench-check, bench-baseline
#                 compare instructions per frame with the baseline; record one
# make bench-readme
#                 measure for README.md; PEERS=DIR: beside other servers in DIR
# make lint       check layers; run clang-format, clang-tidy, cppcheck, shellcheck,
#                 mandoc
# make deps-build install the Debian packages that 'make' needs
# make deps       install those that all of this needs
# make install    install below PREFIX (/usr/local); DESTDIR is put before it
# make uninstall  remove what was installed there
# make clean      remove build/
# make WEBRTC=no  build without data channels and video: no OpenSSL, no usrsctp
# make VIDEO=no   build without video: no libvpx, no libsrtp2, no libyuv
# make NOVNC=no   build without noVNC, which npm fetches: vinput-stream shows
#                 screens (--display) as video only; NOVNC=DIR: it is in DIR
# make LIBINPUT=no
#                 build without vinput-passthrough --via=libinput
# make SHARED_LIBS=yes
#                 the device servers load libev, jansson and libc, too
#
# demo, check and lint install missing packages when run as root, or if sudo
# asks for no password; otherwise they print the command. VARIANT=asan or tsan
# builds into build/asan or build/tsan and works with each target. CC, CFLAGS,
# CPPFLAGS and LDFLAGS are yours. tests/README.md: how to run a single test.

VARIANT ?= release
B := build/$(VARIANT)
VERSION := 0.1.0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
SPECDIR = $(DATADIR)/vinput/specs
UNITDIR ?= $(PREFIX)/lib/systemd/system
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
# Where VMMs look for back-ends (vhost-user: back-end program conventions).
DISCOVERYDIR = $(DATADIR)/qemu/vhost-user

CC ?= cc
PKG_CONFIG ?= pkg-config
INSTALL ?= install

# $(call once,NAME,COMMAND): what COMMAND prints. It runs when NAME is first
# used: not for 'make help', and not before tests/deps brought a compiler.
once = $(eval $(1) := $(shell $(2)))$(if $(filter-out 0,$(.SHELLSTATUS)),\
	$(error '$(2)' failed; 'make deps-build' installs what a build needs))$($(1))

# FLAG if the compiler knows it
probe = if $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null; \
	then echo $(1); fi;
HARDEN = $(call once,HARDEN,$(call probe,-fstack-protector-strong) \
	$(call probe,-fstack-clash-protection) $(call probe,-fcf-protection))

V_CFLAGS_release = -O2 -fno-plt -D_FORTIFY_SOURCE=2 $(HARDEN)
V_CFLAGS_asan := -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
V_CFLAGS_tsan := -O1 -fsanitize=thread
V_CFLAGS_fuzz := $(V_CFLAGS_asan) -fsanitize=fuzzer-no-link
V_LDFLAGS_release := -Wl,-z,relro,-z,now
V_LDFLAGS_asan := -fsanitize=address,undefined
V_LDFLAGS_tsan := -fsanitize=thread
V_LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined

PC_NAMES := libevdev jansson libseccomp
# libev has no .pc file: its header, and the compiler, are looked for, too.
PC_CFLAGS = $(call once,PC_CFLAGS,$(PKG_CONFIG) --cflags $(PC_NAMES) && \
	$(CC) $(CPPFLAGS) -include ev.h -E -x c /dev/null >/dev/null)
PC_LIBS = $(call once,PC_LIBS,$(PKG_CONFIG) --libs $(PC_NAMES))
CMOCKA = $(call once,CMOCKA,$(PKG_CONFIG) --libs cmocka)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wwrite-strings -Wno-unused-parameter \
	-Wno-missing-field-initializers
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	$(PC_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS = -std=gnu17 -g -fPIE $(V_CFLAGS_$(VARIANT)) $(WARN) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,--as-needed $(V_LDFLAGS_$(VARIANT)) $(LDFLAGS)
LIBS = $(PC_LIBS) -lev
# The device servers contain libev and jansson, and vhost-user-input, of which there is
# one for each device, libc as well, where these exist as archives: they start sooner so,
# and take less memory. SHARED_LIBS=yes: they load them, so that an update of these needs
# no new build.
SHARED_LIBS ?= no
links = if [ $(VARIANT) = release ] && [ $(SHARED_LIBS) = no ] && \
	echo 'int json_loadb(void); int ev_run(void); \
	int main(void) { return json_loadb() + ev_run(); }' | \
	$(CC) -fPIE $(CFLAGS) -x c - -x none -pie $(LDFLAGS) $(1) \
	-o /dev/null 2>/dev/null; then echo yes; fi
ARCHIVED = -Wl,-Bstatic -ljansson -lev -Wl,-Bdynamic -lm
HAS_ARCHIVED = $(call once,HAS_ARCHIVED,$(call links,$(ARCHIVED)))
SERVER_LIBS = $(if $(HAS_ARCHIVED),$(ARCHIVED) $(filter-out -ljansson,$(PC_LIBS)),\
	$(PC_LIBS) -lev)
STATIC = -static-pie -ljansson -lev -lm
HAS_STATIC = $(call once,HAS_STATIC,$(call links,$(STATIC)))
# Where the linker can: what a start uses is put together.
ORDER = -Wl,-T,input/start.ld
HAS_ORDER = $(call once,HAS_ORDER,$(call links,$(STATIC) $(ORDER)))
DEVICE_LIBS = $(if $(HAS_STATIC),$(STATIC) $(if $(HAS_ORDER),$(ORDER)),$(SERVER_LIBS))
# vinput-passthrough contains libevdev, too; what it calls of libm libc has as well.
EVDEV_ARCHIVE = $(if $(HAS_ARCHIVED),$(wildcard \
	$(call once,EVDEV_FILE,$(CC) -print-file-name=libevdev.a)))
PASS_LIBS = $(EVDEV_ARCHIVE) $(filter-out -lm,$(SERVER_LIBS)) -ldl -lc -lm
# Its headers: vinput-passthrough loads it for --via=libinput only. LIBINPUT=no:
# also where it is installed.
LIBINPUT ?= yes
HAS_LIBINPUT = $(call once,HAS_LIBINPUT,if [ $(LIBINPUT) != no ] && \
	$(PKG_CONFIG) --exists 'libinput >= 1.19'; then echo yes; fi)
LIBINPUT_CPPFLAGS = $(if $(HAS_LIBINPUT),-DHAVE_LIBINPUT \
	$(call once,LIBINPUT_CFLAGS,$(PKG_CONFIG) --cflags libinput))
# What only vinput-inject uses.
INJECT_LIBS = $(call once,INJECT_LIBS,$(PKG_CONFIG) --libs xkbcommon yaml-0.1 libutf8proc)

# WEBRTC=no: without data channels, for which OpenSSL and usrsctp are needed, and
# without video. VIDEO=no: only without that, which needs libvpx, libsrtp2,
# libyuv, which has no .pc file, and zlib.
WEBRTC ?= yes
VIDEO ?= yes
HAS_VIDEO := $(if $(filter no,$(WEBRTC) $(VIDEO)),no,yes)
RTC_PC := usrsctp libssl libcrypto $(if $(filter yes,$(HAS_VIDEO)),vpx libsrtp2 zlib)
RTC_CFLAGS = $(call once,RTC_CFLAGS,$(PKG_CONFIG) --cflags $(RTC_PC))
RTC_PC_LIBS = $(call once,RTC_PC_LIBS,$(PKG_CONFIG) --libs $(RTC_PC))
RTC_LIBS = $(if $(filter no,$(WEBRTC)),,$(RTC_PC_LIBS)) \
	$(if $(filter yes,$(HAS_VIDEO)),-lyuv)
LEFT_OUT := $(if $(filter no,$(WEBRTC)),injector/rtc/rtc-% tests/lib/rtc-% \
	tests/unit/rtc/test-rtc-% tests/wire/test-rtc-% tests/fuzz/fuzz-rtc-% \
	injector/rfb/rfb-auth.c tests/unit/rfb/test-rfb-auth.c \
	tests/wire/test-stream-password.c,\
	injector/rtc/no-rtc.c injector/rfb/no-auth.c) $(if $(filter no,$(HAS_VIDEO)),\
	injector/rtc/rtc-media.c injector/rtc/rtc-srtp.c \
	injector/rtc/rtc-rtcp.c injector/rtc/rtp-% \
	injector/video/video-% injector/stream/stream-video.c \
	injector/stream/stream-screen.c injector/stream/stream-vnc.c \
	tests/unit/stream/test-stream-video.c \
	tests/unit/stream/test-stream-screen.c \
	tests/unit/stream/test-stream-vnc.c \
	injector/display/display-screen.c \
	tests/unit/display/test-display-screen.c \
	injector/rfb/rfb-client.c injector/rfb/rfb-zrle.c \
	tests/lib/video-% tests/unit/video/test-video-% \
	tests/unit/rtc/test-rtc-media% tests/unit/rtc/test-rtc-rtcp.c \
	tests/unit/rtc/test-rtp-% tests/wire/test-video-% \
	tests/unit/rfb/test-rfb-client.c tests/unit/rfb/test-rfb-cursor.c \
	tests/unit/rfb/test-rfb-zrle.c tests/fuzz/fuzz-rfb-client.c \
	tests/fuzz/fuzz-rtc-rtcp.c,injector/stream/no-video.c)

# noVNC, with which vinput-stream's page shows pictures: npm's, as its
# package-lock.json has it; NOVNC=DIR: what is unpacked there; NOVNC=no: without.
NOVNC ?= npm
export NOVNC
NOVNC_FILES := build/novnc-$(subst /,-,$(NOVNC)).inc
NOVNC_CPPFLAGS = $(if $(filter no,$(NOVNC)),,-DNOVNC_FILES='"$(NOVNC_FILES)"')

# What only vinput-stream uses.
STREAM_LIBS = $(call once,STREAM_LIBS,$(PKG_CONFIG) --libs libwebsockets)

# input/: one program; all but its main.c is an archive that tests link too.
# injector/: vinput-*.c are programs, the rest is an archive.
FILTERS_SRC := input/sandbox/make-filters.c
NAMES_SRC := input/spec/make-names.c
SHIPPED_SRC := input/spec/make-shipped.c
MAKE_SRC := $(FILTERS_SRC) $(NAMES_SRC) $(SHIPPED_SRC)
INPUT_SRC := $(filter-out input/main.c $(MAKE_SRC),$(wildcard input/*.c input/*/*.c))
INJ_MAIN := $(wildcard injector/*/vinput-*.c)
INJ_SRC := $(filter-out $(INJ_MAIN) $(LEFT_OUT),$(wildcard injector/*/*.c))
TESTLIB_SRC := $(filter-out $(LEFT_OUT),$(wildcard tests/lib/*.c))
LIBVINJECT_SRC := $(wildcard injector/libvinject/*.c)
AGENT_SRC := $(wildcard tests/guest/agent*.c)
INSIDE_SRC := $(wildcard tests/guest/inside*.c)
GUEST_SRC := $(filter-out $(AGENT_SRC) $(INSIDE_SRC),$(wildcard tests/guest/*.c))

PROGRAMS := $(B)/vhost-user-input $(addprefix $(B)/,$(basename $(notdir $(INJ_MAIN))))
# DIR: the folder whose unit tests are meant (ring, input/ring, ...); all if empty.
DIR :=
UNIT_SRC := $(filter-out $(LEFT_OUT),\
	$(wildcard tests/unit/$(or $(notdir $(DIR:%/=%)),*)/test-*.c))
$(if $(UNIT_SRC),,$(error DIR=$(DIR): no such folder in tests/unit; there are \
	$(notdir $(wildcard tests/unit/*))))
UNIT := $(UNIT_SRC:%.c=$(B)/%)
WIRE := $(patsubst %.c,$(B)/%,$(filter-out $(LEFT_OUT),$(wildcard tests/wire/test-*.c)))
# Tests about rings run a second time, with packed ones.
PACKED := $(addprefix $(B)/tests/wire/test-,attack-memory chains device-state \
	flow-fair flow-kept flow-pressure flow-stall flow-start frames idle \
	inband inflight iotlb iotlb-changes log memory messages model \
	receipts receipts-cost \
	receipts-flow receipts-hostile receipts-life receipts-race reconnect \
	restart rings shortcut vfio vfio-user vvu-hostile vvu-proxy wrong-door)
# These run with vinput-hold, too; those that cannot pass there have a row in
# tests/lib/held.c.
HELD := $(addprefix $(B)/tests/wire/test-,acks chains config device-state \
	flow-kept flow-stall flow-start frames inband inflight initial iotlb \
	iotlb-changes log postcopy rings status)
# In these, injectors send through shared memory when they run a second time.
SHARED := $(addprefix $(B)/tests/wire/test-,model vinject vinject-receipts)
# In these, vinput-launch has --template when they run a second time.
TEMPLATED := $(addprefix $(B)/tests/wire/test-,launch launch-bridge \
	launch-control launch-death launch-life launch-logs)
SOAK := $(B)/tests/soak/test-soak
GUEST := $(addprefix $(B)/tests/guest/,test-guest agent inside)
BENCH_MAIN := $(addprefix tests/bench/,bench.c floor.c instructions.c \
	plot.c send-floor.c table.c)
EVDEV := $(B)/tests/bench/evdev-stand-in.so
CLOCK_STEP := $(B)/tests/wire/clock-step.so
NODE_STAND_IN := $(B)/tests/wire/node-stand-in.so
UDEV_STAND_IN := $(B)/tests/wire/udev-stand-in.so
VFIO_STAND_IN := $(B)/tests/wire/vfio-stand-in.so
BENCH_SRC := $(filter-out $(BENCH_MAIN) tests/bench/evdev-stand-in.c,\
	$(wildcard tests/bench/*.c))
BENCH := $(BENCH_MAIN:%.c=$(B)/%)
FUZZ_MAIN := $(filter-out $(LEFT_OUT),$(wildcard tests/fuzz/fuzz-*.c))
FUZZ_SRC := $(filter-out $(FUZZ_MAIN) %/replay.c,$(wildcard tests/fuzz/*.c))
FUZZ := $(FUZZ_MAIN:%.c=$(B)/%)
REPLAY := $(FUZZ_MAIN:tests/fuzz/fuzz-%.c=$(B)/tests/fuzz/replay-%)
ARCHIVES := $(B)/testlib.a $(B)/injector.a $(B)/input.a
LIBVINJECT := $(B)/libvinject.a $(B)/libvinject.so.0
MANUALS := $(wildcard input/*.[1-9] injector/*/*.[1-9])

.PHONY: all
all: $(PROGRAMS) $(LIBVINJECT)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
LINK = $(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

$(B)/obj/%.o: %.c $(B)/made-with/FLAGS
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# For libraries, which may end up anywhere.
$(B)/obj/pic/%.o: %.c $(B)/made-with/FLAGS
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -MMD -MP -c $< -o $@

# What one may give another value changes this file and so makes again.
FLAGS = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
$(B)/made-with/%: FORCE
	@mkdir -p $(@D)
	@echo '$($*)' | cmp -s - $@ || echo '$($*)' >$@
.PHONY: FORCE

$(call obj,input/spec/spec-file.c): $(B)/made-with/SPECDIR
$(call obj,input/spec/spec-file.c): ALL_CPPFLAGS += -DSPECDIR='"$(SPECDIR)"'

# The sandbox's filters are made here, by libseccomp, if what is built can run
# here. If not, each program is linked with it and makes its own when it starts.
$(B)/make-filters: $(FILTERS_SRC) input/sandbox/sandbox-rules.c \
		$(wildcard input/sandbox/*.h) $(B)/made-with/FLAGS
	$(CC) -I. -D_GNU_SOURCE $(PC_CFLAGS) $(CPPFLAGS) -std=gnu17 $(WARN) \
		$(CFLAGS) $(filter %.c,$^) $(LDFLAGS) -lseccomp -o $@
$(B)/sandbox-filters.inc: $(B)/make-filters
	@$< >$@ || : >$@
$(call obj,input/sandbox/sandbox-filters.c): $(B)/sandbox-filters.inc
$(call obj,input/sandbox/sandbox-filters.c): \
	ALL_CPPFLAGS += -DSANDBOX_FILTERS='"$(B)/sandbox-filters.inc"'

# So are the tables of names, by libevdev; second names are found by the header's.
$(B)/make-names: $(NAMES_SRC) input/spec/names-evdev.h input/spec/names-kinds.h \
		$(B)/made-with/FLAGS
	$(CC) -I. -D_GNU_SOURCE $(PC_CFLAGS) $(CPPFLAGS) -std=gnu17 $(WARN) \
		$(CFLAGS) $(filter %.c,$^) $(LDFLAGS) -levdev -o $@
$(B)/names-tables.inc: $(B)/make-names
	@$(CC) $(CPPFLAGS) -dM -E -include linux/input.h -x c /dev/null | $< >$@ || : >$@
$(call obj,input/spec/names-table.c): $(B)/names-tables.inc
$(call obj,input/spec/names-table.c): \
	ALL_CPPFLAGS += -DNAMES_TABLES='"$(B)/names-tables.inc"'

# And what the reader makes of the shipped specs, and of others for a test. The folder is
# named, too, since what was removed changes its time only.
READER_SRC := $(filter-out $(MAKE_SRC) %/spec-file.c %/spec-shipped.c %/spec-sets.c,\
	$(wildcard input/spec/*.c)) input/base/near.c
$(B)/make-shipped: $(SHIPPED_SRC) $(READER_SRC) $(wildcard input/spec/*.h input/base/*.h) \
		$(B)/names-tables.inc $(B)/made-with/FLAGS
	$(CC) -I. -D_GNU_SOURCE -DNAMES_TABLES='"$(B)/names-tables.inc"' $(PC_CFLAGS) \
		$(CPPFLAGS) -std=gnu17 $(WARN) $(CFLAGS) $(filter %.c,$^) \
		$(LDFLAGS) $(PC_LIBS) -o $@
$(B)/shipped-specs.inc: specs $(wildcard specs/*.json)
$(B)/good-specs.inc: tests/data/spec/good $(wildcard tests/data/spec/good/*.json)
$(B)/shipped-specs.inc $(B)/good-specs.inc: $(B)/make-shipped
	@$(B)/make-shipped $(filter %.json,$^) >$@ || : >$@
$(call obj,input/spec/spec-shipped.c): $(B)/shipped-specs.inc
$(call obj,input/spec/spec-shipped.c): \
	ALL_CPPFLAGS += -DSHIPPED_SPECS='"$(B)/shipped-specs.inc"'
# In place of the archive's, which has the shipped ones.
$(B)/tests/unit/spec/test-make-shipped: $(B)/obj/good-specs.o
$(B)/obj/good-specs.o: ALL_CPPFLAGS += -DSHIPPED_SPECS='"$(B)/good-specs.inc"'
$(B)/obj/good-specs.o: input/spec/spec-shipped.c $(B)/good-specs.inc $(B)/made-with/FLAGS
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(call obj,$(filter injector/rfb/rfb-auth.c injector/rtc/rtc-% injector/video/video-% tests/lib/rtc-% tests/lib/video-%,$(INJ_SRC) $(TESTLIB_SRC))): \
	ALL_CPPFLAGS += $(RTC_CFLAGS)

$(call obj,injector/stream/web-page.c): $(wildcard injector/stream/page/*)

# Folders are named, too, since what was removed changes theirs only.
NOVNC_TREE := $(if $(filter npm no,$(NOVNC)),,$(shell \
	find -L $(NOVNC)/core $(NOVNC)/vendor 2>/dev/null))
build/novnc-npm.inc: injector/stream/novnc/package-lock.json
$(NOVNC_FILES): $(NOVNC_TREE)
build/novnc-%.inc: injector/stream/novnc/embed
	@mkdir -p $(@D)
	@$< $(NOVNC) $@
WEB_NOVNC = $(call obj,injector/stream/web-novnc.c)
$(WEB_NOVNC): $(if $(filter no,$(NOVNC)),,$(NOVNC_FILES)) $(B)/made-with/NOVNC_CPPFLAGS
$(WEB_NOVNC): ALL_CPPFLAGS += $(NOVNC_CPPFLAGS)

VIDEO_CPPFLAGS = $(if $(filter yes,$(HAS_VIDEO)),-DHAVE_VIDEO)
COUNTS_THREADS = $(call obj,tests/wire/test-rtc-stream.c tests/wire/test-rtc-load.c)
$(COUNTS_THREADS): $(B)/made-with/VIDEO_CPPFLAGS
$(COUNTS_THREADS): ALL_CPPFLAGS += $(VIDEO_CPPFLAGS)

PASS_LIBINPUT = $(call obj,injector/passthrough/pass-libinput.c \
	injector/passthrough/pass-libinput-calls.c)
$(PASS_LIBINPUT): $(B)/made-with/LIBINPUT_CPPFLAGS
$(PASS_LIBINPUT): ALL_CPPFLAGS += $(LIBINPUT_CPPFLAGS)

$(B)/input.a: $(call obj,$(INPUT_SRC))
$(B)/injector.a: $(call obj,$(INJ_SRC)) $(B)/made-with/WEBRTC $(B)/made-with/VIDEO
$(B)/testlib.a: $(call obj,$(TESTLIB_SRC)) $(B)/made-with/WEBRTC $(B)/made-with/VIDEO
$(B)/bench.a: $(call obj,$(BENCH_SRC))
$(B)/fuzz.a: $(call obj,$(FUZZ_SRC))
$(ARCHIVES) $(B)/bench.a $(B)/fuzz.a:
	@rm -f $@
	$(AR) rcs $@ $(filter %.o,$^)

$(B)/libvinject.a: $(LIBVINJECT_SRC:%.c=$(B)/obj/pic/%.o)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/libvinject.so.0: $(LIBVINJECT_SRC:%.c=$(B)/obj/pic/%.o) \
		injector/libvinject/libvinject.map
	$(CC) -shared $(filter-out -pie,$(ALL_LDFLAGS)) -Wl,-soname,$(@F) \
		-Wl,--version-script=injector/libvinject/libvinject.map \
		$(filter %.o,$^) -o $@

$(B)/vinput-passthrough $(B)/vinput-hold: $(B)/made-with/SERVER_LIBS
$(B)/vinput-passthrough $(B)/vinput-hold: LIBS = $(SERVER_LIBS)
$(B)/vhost-user-input: LIBS = $(DEVICE_LIBS)
$(B)/vhost-user-input: $(call obj,input/main.c) $(B)/input.a input/start.ld \
		$(B)/made-with/DEVICE_LIBS
	$(LINK) -o $@

.SECONDEXPANSION:
$(B)/vinput-%: $$(call obj,$$(wildcard injector/*/vinput-$$*.c)) \
		$(B)/injector.a $(B)/input.a
	$(LINK) -o $@

$(B)/vinput-inject $(filter $(B)/tests/unit/inject/% $(B)/tests/unit/recording/%,$(UNIT)) \
$(B)/tests/fuzz/fuzz-recording $(B)/tests/fuzz/replay-recording: \
	LIBS += $(INJECT_LIBS) -lm
$(filter $(B)/tests/unit/rfb/%,$(UNIT)) \
$(filter $(B)/tests/wire/test-rtc-% $(B)/tests/wire/test-video-%,$(WIRE)) \
$(filter $(B)/tests/fuzz/fuzz-rtc-% $(B)/tests/fuzz/fuzz-rfb%,$(FUZZ)) \
$(filter $(B)/tests/fuzz/replay-rtc-% $(B)/tests/fuzz/replay-rfb%,$(REPLAY)): \
	LIBS += $(RTC_LIBS)

$(B)/vinput-stream $(filter $(B)/tests/unit/stream/% $(B)/tests/unit/display/% \
	$(B)/tests/unit/rtc/% $(B)/tests/unit/video/%,$(UNIT)): \
	LIBS += $(STREAM_LIBS) $(INJECT_LIBS) $(RTC_LIBS) -lm

$(B)/vinput-passthrough: $(B)/made-with/PASS_LIBS
$(B)/vinput-passthrough: LIBS = $(PASS_LIBS)
$(filter $(B)/tests/unit/passthrough/%,$(UNIT)): LIBS += -ldl -lm

$(B)/tests/%: $(B)/obj/tests/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(CMOCKA) -Wl,-u,check_choose_cases -o $@

$(UNIT): ALL_LDFLAGS += -Wl,-u,open_fds_count

# The server in which a library that is put into it can replace libc's functions.
LOADING := $(B)/tests/wire/vhost-user-input
$(LOADING): LIBS = $(SERVER_LIBS)
$(LOADING): $(call obj,input/main.c) $(B)/input.a $(B)/made-with/SERVER_LIBS
	@mkdir -p $(@D)
	$(LINK) -o $@
$(addprefix $(B)/tests/wire/test-,idle vfio): | $(LOADING)
$(addprefix $(B)/tests/wire/test-,idle launch-clock pass-replug): | $(CLOCK_STEP)

$(addprefix $(B)/tests/wire/test-,passthrough passthrough-serve \
	passthrough-frames pass-group \
	pass-replug pass-dir pass-sandbox launch-passthrough passthrough-libinput \
	inject-record): | $(NODE_STAND_IN)
$(addprefix $(B)/tests/wire/test-,passthrough-libinput pass-dir): | $(UDEV_STAND_IN)
$(B)/tests/wire/test-vfio: | $(VFIO_STAND_IN)

# So that what loop.c does to libev is undone.
$(B)/tests/unit/base/test-loop-unbound: ALL_LDFLAGS += -Wl,--exclude-libs,ALL

$(BENCH): $(B)/%: $(B)/obj/%.o $(B)/bench.a $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(CMOCKA) -lm -o $@

# Put into programs by LD_PRELOAD.
$(NODE_STAND_IN): $(B)/obj/pic/tests/lib/fake-node.o
$(EVDEV) $(CLOCK_STEP) $(NODE_STAND_IN) $(UDEV_STAND_IN) $(VFIO_STAND_IN): $(B)/%.so: $(B)/obj/pic/%.o
	@mkdir -p $(@D)
	$(CC) -shared $(filter-out -pie,$(ALL_LDFLAGS)) $^ -o $@

# The same target with libFuzzer's main(), and with one that any compiler has.
FUZZ_LIBS := $(B)/fuzz.a $(B)/testlib.a $(B)/injector.a $(B)/input.a
$(FUZZ): $(B)/%: $(B)/obj/%.o $(FUZZ_LIBS)
$(REPLAY): $(B)/tests/fuzz/replay-%: $(B)/obj/tests/fuzz/fuzz-%.o \
	$(call obj,tests/fuzz/replay.c) $(FUZZ_LIBS)
$(FUZZ) $(REPLAY):
	@mkdir -p $(@D)
	$(LINK) -o $@

$(SOAK): $(call obj,$(wildcard tests/soak/*.c)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(CMOCKA) -o $@

$(B)/tests/guest/test-guest: $(call obj,$(GUEST_SRC)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(CMOCKA) -o $@

$(B)/tests/guest/inside: $(call obj,$(INSIDE_SRC)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(LINK) $(CMOCKA) -o $@

# It is alone in its guest: no libraries there.
$(B)/tests/guest/agent: $(call obj,$(AGENT_SRC)) $(B)/input.a
	@mkdir -p $(@D)
	$(CC) -static $(LDFLAGS) $^ $(LIBS) -o $@

# Keep objects: make would take those of chained rules for intermediate.
.SECONDARY:

# --- tests ---

# JOBS: how many tests run side by side; one per CPU if empty.
JOBS :=
RUN = tests/run $(JOBS:%=-j%)
RUNS := 20

# Tests that others would disturb, or that would disturb others. The kernel
# limits how many fds a user may have in flight, and fails the server's own
# sendmsg() while test-attack-fds has hundreds.
ALONE := $(B)/tests/wire/test-attack-fds

# For targets that install missing packages: make again, now with a compiler. The
# recipe's line begins with +, which passes on the jobserver of 'make -j'.
AGAIN = $(MAKE) -s --no-print-directory \
	$(if $(findstring j,$(MAKEFLAGS)),,-j$(shell nproc))
# The same in a command of tests/run, which does not have the jobserver.
AGAIN_IN_RUN = MAKEFLAGS=$$(printf "%s" "$$MAKEFLAGS" | \
	sed "s/ -j[0-9]*//; s/ --jobserver-[a-z]*=[^ ]*//") \
	$(MAKE) -s --no-print-directory -j$(shell nproc)
WIRE_RUN = $(foreach t,$(filter-out $(ALONE),$(WIRE)),$(t) $(if $(filter $(t),$(PACKED)),\
	'VINPUT_RING=packed $(t)') $(if $(filter $(t),$(HELD)),'VINPUT_HOLD=1 $(t)') \
	$(if $(filter $(t),$(SHARED)),'VINPUT_SHARE=1 $(t)') \
	$(if $(filter $(t),$(TEMPLATED)),'VINPUT_TEMPLATE=1 $(t)'))
PACKAGE := $(wildcard tests/package/test-*)
PACKAGE_RUN = $(PACKAGE:%='% $(B)')
# Debian's comes first: it has the Debian packages.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
SPECS_RUN = '$(PYTHON) tests/schema/run'
# rust-vmm's front-end, where a recent cargo exists.
RUST_RUN = $(if $(filter 0,$(shell tests/rust-vmm/run --possible; echo $$?)),\
	'tests/rust-vmm/run $(B)')
BROWSER_RUN = 'tests/browser/run $(B)'
REPLAY_RUN = $(foreach name,$(FUZZ_MAIN:tests/fuzz/fuzz-%.c=%),\
	'$(B)/tests/fuzz/replay-$(name) tests/fuzz/corpus/$(name)')
# The programs may be of any variant; the tests and the agent, which is linked
# statically, are always the release variant. GUEST_ONLY: a pattern of names.
GUEST_RUN = 'tests/deps build check guest || exit 77; \
	$(AGAIN_IN_RUN) $(PROGRAMS) && \
	$(AGAIN_IN_RUN) VARIANT=release guest-tests && \
	tests/guest/run build/release $(B) "$(GUEST_ONLY)"'

.PHONY: demo demo-browser demo-guest deps deps-build check check-unit check-wire check-specs check-package soak
.PHONY: mutate check-model
.PHONY: check-rust-vmm check-browser
.PHONY: check-guest guest-tests check-fuzz check-asan check-sanitized check-repeat test-programs
demo-browser:
	@tests/deps build
	+@$(AGAIN) $(PROGRAMS)
	@tests/demo-browser $(B)
demo-guest:
	@tests/demo-guest possible
	@NOVNC=$(DEMO_NOVNC) tests/deps build guest
	@[ $(DEMO_NOVNC) = $(NOVNC) ] || tests/guest/fetch-novnc
	+@tests/demo-guest fetch & \
		$(AGAIN) NOVNC=$(DEMO_NOVNC) $(PROGRAMS) && wait $$!
	@tests/demo-guest $(B)
# npm takes minutes to be installed, Debian's noVNC seconds.
DEMO_NOVNC = $(if $(filter npm,$(NOVNC)),$(shell command -v npm >/dev/null && \
	echo npm || echo build/guest/novnc/usr/share/novnc),$(NOVNC))
demo:
	@tests/deps build
	+@$(AGAIN) $(PROGRAMS)
	@tests/demo $(B)

deps:
	@tests/deps build check lint guest browser fuzz bench model
deps-build:
	@tests/deps build

# The browser and the soak take longest, so they start early. The guest comes
# alone: on an emulated CPU that is not served, its driver seems to have stalled.
check:
	@tests/deps build check
	@tests/deps guest || true
	@tests/deps browser || true
	+@$(AGAIN) $(PROGRAMS) $(UNIT) $(WIRE) $(SOAK) $(REPLAY)
	@tests/downloads guest rust-vmm browser
	@$(RUN) $(BROWSER_RUN) $(SOAK) $(UNIT) $(WIRE_RUN) $(REPLAY_RUN) \
		$(SPECS_RUN) $(PACKAGE_RUN) $(RUST_RUN) --alone $(ALONE) $(GUEST_RUN)

check-unit:
	@tests/deps build check
	+@$(AGAIN) $(UNIT)
	@$(RUN) $(UNIT)
check-wire:
	@tests/deps build check
	+@$(AGAIN) $(PROGRAMS) $(WIRE)
	@$(RUN) $(WIRE_RUN) --alone $(ALONE)
soak:
	@tests/deps build check
	+@$(AGAIN) $(PROGRAMS) $(SOAK)
	@SOAK_SECONDS=$${SOAK_SECONDS:-1800} $(SOAK)
N := 150
SEED := 1
PATHS := input injector
mutate:
	@tests/deps build check
	@tests/mutate/run -n $(N) --seed $(SEED) $(PATHS)
check-fuzz:
	@tests/deps build check
	+@$(AGAIN) $(REPLAY)
	@$(RUN) $(REPLAY_RUN)
check-specs:
	@tests/deps check
	@$(RUN) $(SPECS_RUN)
check-rust-vmm:
	@tests/deps build
	+@$(AGAIN) $(PROGRAMS)
	@tests/downloads rust-vmm
	@$(RUN) 'tests/rust-vmm/run $(B)'
check-package:
	@tests/deps build check
	+@$(AGAIN) $(PROGRAMS)
	@$(RUN) $(PACKAGE_RUN)
check-browser:
	@tests/deps build
	@tests/deps browser || true
	+@$(AGAIN) $(PROGRAMS)
	@tests/downloads browser
	@$(RUN) $(BROWSER_RUN)
check-guest:
	@tests/deps guest browser || true
	@tests/downloads guest browser
	@$(RUN) $(GUEST_RUN)
guest-tests: $(GUEST)
# Everything written in C, to see that no caller of an interface was forgotten.
test-programs: $(UNIT) $(WIRE) $(SOAK) $(GUEST) $(REPLAY) $(BENCH) $(EVDEV)
check-repeat: $(PROGRAMS) $(UNIT) $(WIRE)
	@status=0; for i in $$(seq $(RUNS)); do \
		$(RUN) $(UNIT) $(WIRE_RUN) $(PACKAGE_RUN) --alone $(ALONE) || \
			status=1; \
	done; exit $$status
# Its variants by the kind of ring.
check-model:
	@tests/deps model || true
	@$(RUN) $(foreach ring,split_flags split_event_idx packed_flags \
		packed_event_idx,'tests/model/run "$(ring)*"')
check-asan:
	@tests/deps build check
	+@$(AGAIN) VARIANT=asan check-sanitized
SANITIZED_WIRE := $(filter $(addprefix $(B)/tests/wire/test-,stream% rtc-% \
	video-screen passthrough% pass-replug pass-group pass-dir launch-passthrough hold \
	hold-kinds hold-messages hold-foreign launch launch-bridge launch-control \
	launch-death launch-template launch-upgrade restart),$(WIRE))
check-sanitized: $(PROGRAMS) $(UNIT) $(SANITIZED_WIRE)
	@$(RUN) $(UNIT) $(SANITIZED_WIRE)

# --- fuzzing ---

# FUZZ_ONLY: names of targets, all if empty. 'make fuzz FUZZ_SECONDS=keep' adds
# what was found to the corpus that check-fuzz replays.
CLANG ?= clang-14
FUZZ_SECONDS ?= 60
FUZZ_ONLY ?=

.PHONY: fuzz fuzzers
fuzz:
	@tests/deps build fuzz
	+@$(AGAIN) VARIANT=fuzz CC=$(CLANG) fuzzers
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS) $(FUZZ_ONLY)
fuzzers: $(FUZZ)

# --- benchmarks ---

# BENCH_OPTIONS: see $(B)/tests/bench/bench --help.
BENCH_RUN = $(B)/tests/bench/bench $(ROUNDS_$@) $(BENCH_OPTIONS)
ROUNDS_bench-readme = --rounds=9
COUNT_RUN = $(B)/tests/bench/instructions $(B) tests/bench/instructions.txt

# The figures of bench-readme, and whether README.md shows them.
FIGURES := tests/bench/figures
SHOWN_RUN = $(B)/tests/bench/table $(FIGURES).json README.md | \
	diff README.md - && \
	$(B)/tests/bench/plot $(FIGURES).json | cmp - $(FIGURES).svg
PEERS ?=

.PHONY: bench bench-check bench-baseline bench-readme bench-browser bench-guest
bench bench-check bench-baseline bench-readme:
	@tests/deps build bench
	+@$(AGAIN) $(PROGRAMS) $(BENCH) $(EVDEV)
	@$(RUN_$@)
bench-browser:
	@tests/deps build browser
	+@$(AGAIN) $(PROGRAMS)
	@tests/browser/run $(B) bench
bench-guest:
	@tests/demo-guest possible
	@tests/deps build browser guest
	+@$(AGAIN) $(PROGRAMS)
	@tests/browser/run $(B) bench-guest $(WAYS)
RUN_bench = $(BENCH_RUN) --json=$(B)/bench.json $(B) && \
	$(B)/tests/bench/plot $(B)/bench.json >$(B)/bench.svg
RUN_bench-readme = $(BENCH_RUN) $(PEERS:%=--peers=%) \
	--json=$(FIGURES).json $(B) && \
	$(B)/tests/bench/plot $(FIGURES).json >$(FIGURES).svg && \
	$(B)/tests/bench/table $(FIGURES).json README.md >$(B)/table.out && \
	cat $(B)/table.out >README.md
RUN_bench-check = $(RUN) '$(COUNT_RUN)' '$(SHOWN_RUN)'
RUN_bench-baseline = $(COUNT_RUN) --write

# --- lint ---

C_FILES := $(wildcard input/*.c input/*/*.c injector/*/*.c tests/*/*.c tests/*/*/*.c)
C_HEADERS := $(wildcard input/*.h input/*/*.h injector/*/*.h tests/*/*.h)
SCRIPTS := .ci/run tests/model/run tests/browser/run tests/rust-vmm/run tests/deps tests/demo tests/demo-browser tests/demo-guest tests/run tests/fuzz/run $(PACKAGE) \
	injector/vinput.bash-completion \
	injector/stream/novnc/embed \
	$(addprefix tests/guest/,run fetch-qemu fetch-qemu-vfio-user fetch-kernel fetch-busybox fetch-novnc fetch-libinput fetch-systemd make-initramfs)
LINT_FLAGS = $(ALL_CPPFLAGS) -DSPECDIR='""' $(LIBINPUT_CPPFLAGS) \
	-std=gnu17

.PHONY: lint lint-layers lint-format lint-tidy lint-cppcheck lint-scripts lint-manuals
lint:
	@tests/deps build check lint
	@$(MAKE) -k --no-print-directory lint-layers lint-format lint-manuals lint-scripts \
		lint-cppcheck lint-tidy
lint-layers: $(PROGRAMS)
	@$(PYTHON) tests/lint/layers $(B)/obj input/main.c $(MAKE_SRC) \
		$(INPUT_SRC) $(INJ_MAIN) $(INJ_SRC)
lint-format:
	@clang-format-14 --dry-run -Werror $(C_FILES) $(C_HEADERS)
lint-tidy:
	@printf '%s\n' $(C_FILES) | xargs -P $$(nproc) -I FILE \
		clang-tidy-14 --quiet FILE -- $(LINT_FLAGS) \
		2>/dev/null
lint-cppcheck:
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,portability,performance -j $$(nproc) \
		--suppress=invalidscanf:tests/* -I. -D_GNU_SOURCE \
		'-DLIST_HEAD(name,type)=struct type *' \
		'-DTAILQ_HEAD(name,type)=struct type *' \
		'-DLIST_FOREACH(it,head,link)=while ((it = next(head)))' \
		'-DTAILQ_FOREACH(it,head,link)=while ((it = next(head)))' \
		$(C_FILES)
lint-scripts:
	@shellcheck -S warning -x -P SCRIPTDIR $(SCRIPTS)
lint-manuals:
	@mandoc -T lint -W warning $(MANUALS)

# --- installation ---

# bash looks for a file of each program's name; vinput-inject's is for all.
COMPLETED := $(filter-out vinput-inject,$(notdir $(PROGRAMS)))

# The loader's cache is made anew where the library came to one of its folders.
UNITS := injector/launch/vinput-launch@.service \
	injector/passthrough/vinput-passthrough@.service
SCHEMAS := injector/launch/launch.schema.json \
	injector/passthrough/passthrough.schema.json

LDCONFIG ?= ldconfig
LDCONFIG_RUN = if [ -z "$(DESTDIR)" ] && \
	$(LDCONFIG) -NXv 2>/dev/null | grep -q '^$(LIBDIR):'; then \
	$(LDCONFIG) || echo "programs find libvinject.so.0 after 'ldconfig'"; fi

.PHONY: install uninstall
install: all
	$(INSTALL) -d $(addprefix $(DESTDIR),$(BINDIR) $(SPECDIR) \
		$(MANDIR)/man1 $(MANDIR)/man3 $(MANDIR)/man5 $(DISCOVERYDIR) \
		$(DATADIR)/vinput/passthrough \
		$(LIBDIR)/pkgconfig $(INCLUDEDIR) $(UNITDIR) $(COMPLETIONDIR))
	$(INSTALL) -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 $(wildcard specs/*.json) $(DESTDIR)$(SPECDIR)
	$(INSTALL) -m 644 $(filter %.1,$(MANUALS)) $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 $(filter %.3,$(MANUALS)) $(DESTDIR)$(MANDIR)/man3
	$(INSTALL) -m 644 $(filter %.5,$(MANUALS)) $(DESTDIR)$(MANDIR)/man5
	sed 's|@BINDIR@|$(BINDIR)|' input/50-vinput.json.in \
		>$(DESTDIR)$(DISCOVERYDIR)/50-vinput.json
	for unit in $(UNITS); do \
		sed 's|@BINDIR@|$(BINDIR)|' $$unit.in \
			>$(DESTDIR)$(UNITDIR)/$${unit##*/}; done
	$(INSTALL) -m 644 $(SCHEMAS) $(DESTDIR)$(DATADIR)/vinput
	$(INSTALL) -m 644 $(wildcard injector/passthrough/examples/*.json) \
		$(DESTDIR)$(DATADIR)/vinput/passthrough
	$(INSTALL) -m 644 injector/vinput.bash-completion \
		$(DESTDIR)$(COMPLETIONDIR)/vinput-inject
	for p in $(COMPLETED); do \
		ln -sf vinput-inject $(DESTDIR)$(COMPLETIONDIR)/$$p; done
	$(INSTALL) -m 644 injector/libvinject/vinject.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 644 $(LIBVINJECT) $(DESTDIR)$(LIBDIR)
	ln -sf libvinject.so.0 $(DESTDIR)$(LIBDIR)/libvinject.so
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' \
		injector/libvinject/libvinject.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/libvinject.pc
	@$(LDCONFIG_RUN)

uninstall:
	rm -f $(addprefix $(DESTDIR)$(BINDIR)/,$(notdir $(PROGRAMS)))
	rm -f $(addprefix $(DESTDIR)$(DATADIR)/vinput/,$(wildcard specs/*.json))
	rm -f $(foreach m,$(MANUALS),\
		$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m))
	rm -f $(DESTDIR)$(DISCOVERYDIR)/50-vinput.json
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(notdir $(UNITS))) \
		$(addprefix $(DESTDIR)$(DATADIR)/vinput/,$(notdir $(SCHEMAS)) \
		$(patsubst injector/passthrough/examples/%,passthrough/%,\
		$(wildcard injector/passthrough/examples/*.json)))
	rm -f $(addprefix $(DESTDIR)$(COMPLETIONDIR)/,$(notdir $(PROGRAMS)))
	rm -f $(DESTDIR)$(INCLUDEDIR)/vinject.h $(addprefix \
		$(DESTDIR)$(LIBDIR)/libvinject,.a .so.0 .so) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/libvinject.pc
	-rmdir $(DESTDIR)$(SPECDIR) $(DESTDIR)$(DATADIR)/vinput/passthrough \
		$(DESTDIR)$(DATADIR)/vinput
	@$(LDCONFIG_RUN)

.PHONY: clean help
clean:
	rm -rf build
help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

-include $(wildcard $(addprefix $(B)/obj/,*/*.d */*/*.d */*/*/*.d */*/*/*/*.d))
