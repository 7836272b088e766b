/* SPDX-License-Identifier: Apache-2.0 */
/* Each device is what its spec says and delivers what is injected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/scenario.h"
#include "tests/guest/tests.h"

/* --- The devices are what was specified --- */

static bool starts_with(const char *line, const char *start)
{
	return !strncmp(line, start, strlen(start));
}

/*
 * A listing in comparable form: the guest's kernel sets the range of tracking
 * IDs itself, and the times of key repeat where the spec has none.
 */
static char *comparable(const char *listing, bool repeat_times)
{
	char *copy = strdup(listing), *rest = copy, *line, *text = NULL;
	bool skipping = false;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	while ((line = strsep(&rest, "\n"))) {
		bool value = starts_with(line, "      ");

		if (value && skipping)
			continue;
		if (value && !repeat_times && starts_with(line, "      Value"))
			continue;
		skipping = strstr(line, "(ABS_MT_TRACKING_ID)") != NULL;
		if (line[0])
			fprintf(out, "%s\n", line);
	}
	fclose(out);
	free(copy);
	return text;
}

/* Return: whether the guest's listing is, or soon becomes, that of the spec. */
bool is_as_specified(const struct device *dev)
{
	bool repeat_times = strstr(dev->spec, "      Value") != NULL;
	char *want = comparable(dev->spec, repeat_times), *got = NULL;
	bool same = false;

	for (long end = now_ms() + EVENT_MS; !same && now_ms() < end;) {
		char *listing = vm_ask(&vm, "print %d", dev->node);

		free(got);
		got = comparable(listing, repeat_times);
		free(listing);
		same = !strcmp(got, want);
	}
	if (!same)
		print_error("%s\n--- expected:\n%s--- the guest sees:\n%s",
			    dev->srv.spec, want, got);
	free(want);
	free(got);
	return same;
}

void assert_all_as_specified(void)
{
	bool all = true;

	for (size_t i = 0; i < n_devices; i++)
		all &= is_as_specified(&devices[i]);
	assert_true(all);
}

void guest_sees_each_device_as_its_spec_says(void **state)
{
	begin();
	assert_all_as_specified();
	done();
}

/* --- Events --- */

/*
 * Through an injector of its own where one can connect: a server remembers for
 * each source whether it sends ABS_X and ABS_Y beside its contacts.
 */
static void assert_plays(const struct device *dev, const struct scenario *sc)
{
	bool connects = !dev->srv.cuttlefish;
	int fd = connects ? server_connect(&dev->srv) : dev->srv.inject_fd;

	wipe_slots(dev);
	server_write(fd, sc->in, sc->n_in * sizeof(sc->in[0]));
	assert_reads(dev, sc->want, sc->n_want);
	if (connects)
		close(fd);
}

void assert_plays_all(void)
{
	static struct scenario sc;
	char path[512];

	for (size_t i = 0; i < n_devices; i++) {
		snprintf(path, sizeof(path), "tests/guest/scenarios/%.200s.txt",
			 devices[i].srv.spec);
		scenario_read(&sc, path);
		assert_plays(&devices[i], &sc);
	}
	assert_reads_nothing_more();
}

void guest_reads_what_is_injected_into_each_device(void **state)
{
	begin();
	assert_plays_all();
	done();
}

/* Press and release, one frame each. */
static void assert_reads_both(const struct device *dev, uint16_t type,
			      uint16_t code)
{
	const struct vi_event ev[] = { vi_event(type, code, 1),
				       vi_event(EV_SYN, SYN_REPORT, 0),
				       vi_event(type, code, 0),
				       vi_event(EV_SYN, SYN_REPORT, 0) };

	server_inject(&dev->srv, ev, 4);
	assert_reads(dev, ev, 4);
}

/* With contacts, an injector must not send BTN_TOUCH and its like. */
void guest_reads_every_key_and_switch_of_each_device(void **state)
{
	begin();
	for (size_t i = 0; i < n_devices; i++) {
		char *copy = strdup(devices[i].spec), *rest = copy, *line;
		unsigned int type = 0, code;

		while ((line = strsep(&rest, "\n"))) {
			sscanf(line, "  Event type %u", &type);
			if (sscanf(line, "    Event code %u", &code) != 1 ||
			    (type != EV_KEY && type != EV_SW))
				continue;
			if (code >= BTN_DIGI && code < BTN_GEAR_DOWN &&
			    strstr(devices[i].spec, "(ABS_MT_SLOT)"))
				continue;
			assert_reads_both(&devices[i], (uint16_t)type,
					  (uint16_t)code);
		}
		free(copy);
	}
	assert_reads_nothing_more();
	done();
}

static size_t add_contact_events(struct vi_event *ev, int slot, int id,
				 int move)
{
	size_t n = 0;

	ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	if (id >= 0)
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, id);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_X, 100 + 50 * slot + move);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_Y, 200 + 30 * slot + move);
	return n;
}

/* Ten fingers come down and move twice: 100 events, SYN_REPORT the last. */
static size_t ten_fingers(struct vi_event *ev)
{
	size_t n = 0;

	for (int move = 0; move < 3; move++)
		for (int slot = 0; slot < 10; slot++)
			n += add_contact_events(ev + n, slot,
						move ? -1 : 900 + slot, move);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	return n;
}

static size_t only_mt(struct vi_event *ev, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (vi_is_syn_report(&ev[i]) ||
		    (vi_type(&ev[i]) == EV_ABS &&
		     vi_code(&ev[i]) >= ABS_MT_SLOT))
			ev[kept++] = ev[i];
	return kept;
}

/* Rings have 4 or 64 entries. */
void assert_reads_100_events_as_one(void)
{
	const struct device *dev;
	struct vi_event want[128], got[256];
	char *want_text, *got_text;
	size_t n, has_slot;

	dev = touchscreen();
	wipe_slots(dev);
	n = ten_fingers(want);
	assert_int_equal(n, 101);
	server_inject(&dev->srv, want, n);
	want_text = scenario_text(want + 1, n - 1);
	n = vm_take_frame(&vm, dev->node, got, 256, EVENT_MS);
	n = only_mt(got, n);
	/* A guest whose slot is 0, as after a wipe in time, drops the first. */
	has_slot = n && vi_code(&got[0]) == ABS_MT_SLOT;
	got_text = scenario_text(got + has_slot, n - has_slot);
	assert_string_equal(got_text, want_text);
	free(got_text);
	free(want_text);

	for (int slot = 0; slot < 10; slot++) {
		char frame[64];

		snprintf(frame, sizeof(frame),
			 "ABS_MT_SLOT %d, ABS_MT_TRACKING_ID -1", slot);
		inject(dev, frame);
		n = vm_take_frame(&vm, dev->node, got, 256, EVENT_MS);
		assert_true(n > 0);
	}
	assert_reads_nothing_more();
}

void guest_reads_a_frame_of_100_events_as_one(void **state)
{
	begin();
	assert_reads_100_events_as_one();
	done();
}
