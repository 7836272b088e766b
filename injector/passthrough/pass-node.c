/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libevdev only describes the device. Events are read by read(2), because its
 * way of resyncing after SYN_DROPPED throws away the relative motion that is
 * queued.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "injector/passthrough/pass-entry.h"
#include "injector/passthrough/pass-node.h"
#include "injector/passthrough/pass-opener.h"
#include "input/base/fd.h"
#include "input/base/hot.h"
#include "input/base/own-device.h"

/* --- opening --- */

/* What udev calls the device; a link's node is where it leads. */
static bool node_entry(const char *path, struct pass_entry *entry)
{
	char *real = realpath(path, NULL);
	const int r =
		real ? pass_entry_read(&pass_this_host, basename(real), entry)
		     : -ENOENT;

	free(real);
	return r == 0;
}

static int no_permission(const char *path, struct fault *why)
{
	struct pass_entry e;
	char rule[PASS_RULE_LEN];

	if (!node_entry(path, &e))
		return fault_errno(why, -EACCES,
				   "%s: permission denied: usually only group "
				   "\"input\" may read it",
				   path);
	pass_entry_rule(&e, rule);
	return fault_errno(why, -EACCES,
			   "%s: permission denied. This line in "
			   "/etc/udev/rules.d/70-vinput.rules lets who is "
			   "logged in use it, after 'udevadm trigger': %s",
			   path, rule);
}

int pass_node_open(struct pass_node *n, const char *path, struct fault *why)
{
	bool writable;
	int fd = pass_opener_open(path, &writable);
	int r;

	*n = PASS_NODE_NULL;
	if (fd == -EACCES || fd == -EPERM)
		return no_permission(path, why);
	if (fd == -ENOTTY)
		return fault_set(why, "%s: not an input device", path);
	if (fd < 0)
		return fault_errno(why, fd, "%s: %s", path, strerror(-fd));
	r = pass_node_use(n, fd, why);
	n->writable = writable;
	if (r) {
		struct fault what = *why;

		fault_errno(why, r, "%s: %.400s", path, what.text);
	}
	return r;
}

static int describe(struct pass_node *n, struct fault *why)
{
	struct libevdev *dev;
	int r = libevdev_new_from_fd(n->fd, &dev);

	if (r == -ENOTTY || r == -EINVAL)
		return fault_set(why, "not an input device");
	if (r)
		return fault_errno(why, r, "%s", strerror(-r));
	n->own = own_device_is(libevdev_get_phys(dev));
	n->type_a = pass_spec_is_type_a(dev);
	r = pass_spec_from(&n->spec, dev, &n->notes, why);
	libevdev_free(dev);
	return r;
}

int pass_node_use(struct pass_node *n, int fd, struct fault *why)
{
	int r;

	*n = PASS_NODE_NULL;
	n->fd = fd;
	n->writable = true;
	r = describe(n, why);
	if (r)
		pass_node_close(n);
	return r;
}

void pass_node_close(struct pass_node *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
	n->grabbed = false;
}

/* --- events and state --- */

/* Nobody else reads by this open file: the guard of LEDs only writes. */
void pass_node_set_wait(struct pass_node *n, bool wait)
{
	if (!fcntl(n->fd, F_SETFL, wait ? 0 : O_NONBLOCK))
		n->waits = wait;
}

HOT int pass_node_read(struct pass_node *n, struct input_event *ev, size_t max)
{
	ssize_t len = read(n->fd, ev, max * sizeof(*ev));

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	/* Only a node that is no node can end. */
	return len ? (int)((size_t)len / sizeof(*ev)) : -ENODEV;
}

static int ask(const struct pass_node *n, unsigned long request, void *answer)
{
	return ioctl(n->fd, request, answer) < 0 ? -errno : 0;
}

/*
 * The kernel's bitmaps are arrays of long, in the order of this machine; ours
 * are bytes. The same conversion leads back. n: bytes, whole longs.
 */
static void convert_bits(uint8_t *bits, size_t n)
{
	uint64_t some;

	_Static_assert(sizeof(some) == sizeof(long), "64 bits");
	for (size_t at = 0; at + sizeof(some) <= n; at += sizeof(some)) {
		memcpy(&some, bits + at, sizeof(some));
		some = le64toh(some);
		memcpy(bits + at, &some, sizeof(some));
	}
}

int pass_node_keys(struct pass_node *n, uint8_t key[KEY_CNT / 8])
{
	int r;

	memset(key, 0, KEY_CNT / 8);
	r = ask(n, EVIOCGKEY(KEY_CNT / 8), key);
	convert_bits(key, KEY_CNT / 8);
	return r;
}

static int read_switches(struct pass_node *n, struct state *now)
{
	unsigned long bits = 0; /* the kernel copies whole longs */
	int r = ask(n, EVIOCGSW(sizeof(bits)), &bits);

	for (unsigned int sw = 0; !r && sw < SW_CNT; sw++)
		bit_assign(now->sw, sw, bits >> sw & 1);
	return r;
}

static int read_axes(struct pass_node *n, struct state *now)
{
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		struct input_absinfo info;
		int r;

		if (!spec_has(&n->spec, EV_ABS, code) ||
		    spec_is_mt(&n->spec, code))
			continue;
		r = ask(n, EVIOCGABS(code), &info);
		if (r)
			return r;
		now->abs[code] = info.value;
		now->abs_known |= (uint64_t)1 << code;
	}
	return 0;
}

struct slots {
	uint32_t code;
	int32_t value[SPEC_SLOTS_MAX];
};

static void take_slots(const struct slots *s, unsigned int n_slots,
		       struct state *now)
{
	const unsigned int axis = s->code - STATE_MT_FIRST;

	for (unsigned int i = 0; i < n_slots; i++) {
		struct state_contact *c = &now->contact[i];

		if (s->code == ABS_MT_TRACKING_ID) {
			c->id = s->value[i] < 0 ? -1 : s->value[i];
		} else if (c->id >= 0) {
			c->axis[axis] = s->value[i];
			c->known |= (uint16_t)(1u << axis);
		}
	}
}

static int read_slots(struct pass_node *n, uint16_t code, struct state *now)
{
	struct slots s = { .code = code };
	int r = ask(n, EVIOCGMTSLOTS(sizeof(s)), &s);

	if (!r)
		take_slots(&s, spec_slots(&n->spec), now);
	return r;
}

/* Tracking IDs come first: they say which slots have a contact. */
static int read_contacts(struct pass_node *n, struct state *now)
{
	struct input_absinfo slot;
	int r = ask(n, EVIOCGABS(ABS_MT_SLOT), &slot);

	if (!r)
		r = read_slots(n, ABS_MT_TRACKING_ID, now);
	for (uint16_t code = STATE_MT_FIRST; !r && code <= ABS_MT_TOOL_Y;
	     code++)
		if (code != ABS_MT_TRACKING_ID &&
		    spec_has(&n->spec, EV_ABS, code))
			r = read_slots(n, code, now);
	if (!r && slot.value >= 0 &&
	    (unsigned int)slot.value < spec_slots(&n->spec))
		now->slot = slot.value;
	return r;
}

int pass_node_state(struct pass_node *n, struct state *now)
{
	int r;

	state_init(now, &n->spec);
	r = pass_node_keys(n, now->key);
	if (!r)
		r = read_switches(n, now);
	if (!r)
		r = read_axes(n, now);
	/* The kernel does not know contacts without slots. */
	return r || !spec_slots(&n->spec) || n->type_a ? r
						       : read_contacts(n, now);
}

/* --- what others notice --- */

int pass_node_grab(struct pass_node *n, bool on)
{
	if (n->grabbed == on)
		return 0;
	if (ioctl(n->fd, EVIOCGRAB, (void *)(uintptr_t)on) < 0)
		return -errno;
	n->grabbed = on;
	return 0;
}

/* The size of a mask MUST be a multiple of a long's. */
#define TYPES_LEN sizeof(unsigned long)
_Static_assert(KEY_CNT / 8 % sizeof(unsigned long) == 0, "EVIOCSMASK");

static int set_mask(struct pass_node *n, uint32_t type, const uint8_t *codes,
		    size_t size)
{
	uint8_t longs[KEY_CNT / 8];
	const struct input_mask mask = { .type = type,
					 .codes_size = (uint32_t)size,
					 .codes_ptr = (uintptr_t)longs };

	memcpy(longs, codes, size);
	convert_bits(longs, size);
	return ioctl(n->fd, EVIOCSMASK, &mask) < 0 ? -errno : 0;
}

int pass_node_mask(struct pass_node *n, const uint8_t only[KEY_CNT / 8])
{
	uint8_t types[TYPES_LEN] = { 0 }, all_types[TYPES_LEN];
	uint8_t all_keys[KEY_CNT / 8];
	int r;

	memset(all_types, 0xff, sizeof(all_types));
	memset(all_keys, 0xff, sizeof(all_keys));
	bit_set(types, EV_KEY);
	r = set_mask(n, EV_KEY, only ? only : all_keys, KEY_CNT / 8);
	/* Type 0 stands for the types. */
	return r ? r : set_mask(n, 0, only ? types : all_types, sizeof(types));
}

int pass_node_leds(struct pass_node *n, uint32_t *on)
{
	unsigned long bits = 0;
	int r = ask(n, EVIOCGLED(sizeof(bits)), &bits);

	*on = (uint32_t)bits;
	return r;
}

int pass_node_set_leds(struct pass_node *n, uint32_t mask, uint32_t on)
{
	struct input_event ev[LED_CNT + 1] = { 0 };
	size_t count = 0;

	for (uint16_t led = 0; led < LED_CNT; led++) {
		if (!(mask >> led & 1) || !spec_has(&n->spec, EV_LED, led))
			continue;
		ev[count].type = EV_LED;
		ev[count].code = led;
		ev[count++].value = on >> led & 1;
	}
	if (!count || !n->writable)
		return 0;
	ev[count++].type = EV_SYN;
	return write(n->fd, ev, count * sizeof(*ev)) < 0 ? -errno : 0;
}
