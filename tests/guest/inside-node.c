/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev-uinput.h>
#include <limits.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "injector/monitor/monitor-uinput.h"
#include "input/spec/spec-file.h"
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define NODES_MAX    256
#define FRAME_EVENTS 128

/* --- Specs --- */

static const struct spec_set sets[] = { { "WIDTH", "1280" },
					{ "HEIGHT", "800" } };

static bool mentions(const char *path, const char *name)
{
	char line[1024], hole[32];
	FILE *in = fopen(path, "re");
	bool found = false;

	assert_non_null(in);
	snprintf(hole, sizeof(hole), "%%%s", name);
	while (!found && fgets(line, sizeof(line), in))
		found = strstr(line, hole);
	fclose(in);
	return found;
}

void node_spec(struct spec *spec, const char *file)
{
	struct spec_set used[ARRAY_LEN(sets)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (mentions(file, sets[i].name))
			used[n++] = sets[i];
	assert_ok(spec_file_load(spec, file, used, n));
}

void node_spec_of(struct spec *spec, const char *name, const char *text)
{
	*spec = (struct spec){ .ids = { .bustype = BUS_USB, .vendor = 1 } };
	snprintf(spec->name, sizeof(spec->name), "%s", name);
	event_text_device(text, spec);
}

/* --- Plugging --- */

static bool seen[NODES_MAX];

static void path_of(int number, char path[32])
{
	snprintf(path, 32, "/dev/input/event%d", number);
}

void node_forget(void)
{
	char path[32];

	for (int i = 0; i < NODES_MAX; i++) {
		path_of(i, path);
		seen[i] = !access(path, F_OK);
	}
}

static bool is_named(int fd, const char *name)
{
	char its[256] = "";

	return !name || (ioctl(fd, EVIOCGNAME(sizeof(its) - 1), its) >= 0 &&
			 !strcmp(its, name));
}

static bool take_new(struct node *n, const char *name)
{
	for (int i = 0; i < NODES_MAX; i++) {
		if (seen[i])
			continue;
		path_of(i, n->path);
		n->fd = open(n->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (n->fd < 0)
			continue;
		seen[i] = is_named(n->fd, name);
		if (seen[i])
			return true;
		close(n->fd);
		n->fd = -1;
	}
	return false;
}

void node_await(struct node *n, const char *name)
{
	double end = clock_ms() + INSIDE_MS;

	*n = (struct node){ .fd = -1 };
	while (!take_new(n, name)) {
		if (clock_ms() > end)
			fail_msg("no new device named %s", name ? name : "*");
		usleep(2000);
	}
}

void node_plug(struct node *n, const struct spec *spec)
{
	struct libevdev_uinput *uinput;

	assert_ok(monitor_uinput_new(&uinput, spec, NULL));
	node_await(n, spec->name);
	n->uinput = uinput;
}

/* Whether another one may have its number. */
static void unsee(const struct node *n)
{
	seen[atoi(n->path + strlen("/dev/input/event"))] = false;
}

void node_remove(struct node *n)
{
	monitor_uinput_free(n->uinput);
	n->uinput = NULL;
	if (n->fd < 0)
		return;
	close(n->fd);
	n->fd = -1;
	unsee(n);
}

void node_await_end(const struct node *n)
{
	INSIDE_WAIT(access(n->path, F_OK) < 0);
}

/* --- Events --- */

void node_emit(struct node *n, const struct vi_event *ev, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_ok(monitor_uinput_write(n->uinput, &ev[i]));
}

void node_play(struct node *n, const char *frame)
{
	struct vi_event ev[FRAME_EVENTS];

	node_emit(n, ev, event_text_frame(frame, ev, FRAME_EVENTS));
}

static bool has_bit(const struct node *n, unsigned long request,
		    unsigned int bit)
{
	uint8_t bits[KEY_CNT / 8] = { 0 };

	assert_sys(ioctl(n->fd, request, bits));
	return bit_test(bits, bit);
}

bool node_key(const struct node *n, unsigned int key)
{
	return has_bit(n, EVIOCGKEY(KEY_CNT / 8), key);
}

bool node_led(const struct node *n, unsigned int led)
{
	return has_bit(n, EVIOCGLED(8), led);
}

bool node_is_grabbed(const struct node *n)
{
	if (ioctl(n->fd, EVIOCGRAB, (void *)1))
		return true;
	ioctl(n->fd, EVIOCGRAB, NULL);
	return false;
}

void node_set_led(const struct node *n, unsigned int led, int on)
{
	const struct input_event ev[2] = {
		{ .type = EV_LED, .code = (uint16_t)led, .value = on },
		{ .type = EV_SYN },
	};

	assert_num(write(n->fd, ev, sizeof(ev)), sizeof(ev));
}

/* --- Hearing --- */

void heard_fini(struct heard *h)
{
	free(h->ev);
	*h = (struct heard){ 0 };
}

static void keep(struct heard *h, const struct input_event *in)
{
	int32_t value = in->value;

	if (in->type == EV_ABS && in->code == ABS_MT_TRACKING_ID && value >= 0)
		value = h->contacts++;
	if (h->n == h->max) {
		h->max = h->max ? 2 * h->max : 256;
		h->ev = realloc(h->ev, h->max * sizeof(*h->ev));
		assert_non_null(h->ev);
	}
	h->ev[h->n++] = vi_event(in->type, in->code, value);
}

static bool frame_is_empty(const struct heard *h)
{
	return !h->n || vi_is_syn_report(&h->ev[h->n - 1]);
}

/* The kernel's own frames, of repeats, have the value 1. */
static void hear(struct heard *h, const struct input_event *in)
{
	const bool syn = in->type == EV_SYN && in->code == SYN_REPORT;

	h->lost |= in->type == EV_SYN && in->code == SYN_DROPPED;
	if (in->type == EV_LED || in->type == EV_SND || in->type == EV_REP ||
	    (in->type == EV_KEY && in->value == 2) ||
	    (syn && (in->value == 1 || frame_is_empty(h))))
		return;
	keep(h, in);
	h->frames += syn;
}

void node_hear(struct node *n, struct heard *h)
{
	struct input_event in[64];
	ssize_t len;

	while ((len = read(n->fd, in, sizeof(in))) > 0)
		for (size_t i = 0; i < (size_t)len / sizeof(in[0]); i++)
			hear(h, &in[i]);
	if (len < 0 && errno != EAGAIN)
		fail_msg("%s: %s", n->path, strerror(errno));
}

static size_t frame_length(const struct heard *h, size_t at)
{
	size_t n = 0;

	while (at + n < h->n && !vi_is_syn_report(&h->ev[at + n]))
		n++;
	return at + n < h->n ? n + 1 : n;
}

void assert_heard_same(const struct heard *got, const struct heard *want)
{
	for (size_t at = 0; at < got->n || at < want->n;) {
		const size_t n = frame_length(want, at);
		const size_t m = frame_length(got, at);
		char *a, *b;

		if (n == m && !memcmp(got->ev + at, want->ev + at,
				      n * sizeof(*got->ev))) {
			at += n;
			continue;
		}
		a = event_text_write(got->ev + at, m);
		b = event_text_write(want->ev + at, n);
		fail_msg("event %zu: got %s, not %s", at, a, b);
	}
}
