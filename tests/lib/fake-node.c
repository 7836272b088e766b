/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "input/spec/spec.h"
#include "tests/lib/fake-node.h"

void fake_node_add(struct fake_node *n, unsigned int type, unsigned int code)
{
	bit_set(n->bits[0], type);
	bit_set(n->bits[type], code);
}

void fake_node_axis(struct fake_node *n, unsigned int code, int min, int max)
{
	fake_node_add(n, EV_ABS, code);
	n->abs[code].minimum = min;
	n->abs[code].maximum = max;
	for (unsigned int i = 0;
	     code == ABS_MT_TRACKING_ID && i < FAKE_NODE_SLOTS; i++)
		n->slot[code][i] = -1;
}

void fake_node_keyboard(struct fake_node *n)
{
	strcpy(n->name, "Keyboard of a test");
	n->id = (struct input_id){ BUS_USB, 0x1234, 0xabcd, 0x110 };
	bit_set(n->bits[0], EV_SYN);
	fake_node_add(n, EV_KEY, KEY_A);
	fake_node_add(n, EV_KEY, KEY_B);
	fake_node_add(n, EV_KEY, KEY_LEFTCTRL);
	fake_node_add(n, EV_KEY, KEY_LEFTSHIFT);
	fake_node_add(n, EV_KEY, KEY_CAPSLOCK);
	fake_node_add(n, EV_MSC, MSC_SCAN);
	fake_node_add(n, EV_LED, LED_CAPSL);
	fake_node_add(n, EV_LED, LED_NUML);
	fake_node_add(n, EV_REP, REP_DELAY);
	fake_node_add(n, EV_REP, REP_PERIOD);
	n->repeat[0] = 250;
	n->repeat[1] = 33;
}

static int fail_with(int error)
{
	errno = error;
	return -1;
}

/* As the kernel copies what does not fit: cut. */
static int answer(void *to, unsigned long request, const void *value,
		  size_t size)
{
	const size_t room = _IOC_SIZE(request);
	const size_t len = size < room ? size : room;

	memset(to, 0, room);
	memcpy(to, value, len);
	return (int)len;
}

/* Text attributes are there or not. */
static int answer_text(void *to, unsigned long request, const char *text)
{
	return *text ? answer(to, request, text, strlen(text) + 1)
		     : fail_with(ENOENT);
}

static int grab(struct fake_node *n, bool on)
{
	if (n->taken)
		return fail_with(EBUSY);
	if (on == n->grabbed)
		return fail_with(on ? EBUSY : EINVAL);
	n->grabbed = on;
	n->grabs += on;
	if (on && n->key_at_grab)
		bit_set(n->key, n->key_at_grab);
	n->key_at_grab = 0;
	return 0;
}

static int answer_slots(const struct fake_node *n, unsigned long request,
			void *arg)
{
	const uint32_t code = *(uint32_t *)arg;
	const size_t room = _IOC_SIZE(request) - sizeof(code);
	const size_t size = sizeof(n->slot[0]);

	if (code < ABS_MT_SLOT || code >= ABS_CNT ||
	    !bit_test(n->bits[EV_ABS], code))
		return fail_with(EINVAL);
	memcpy((uint8_t *)arg + sizeof(code), n->slot[code],
	       size < room ? size : room);
	return 0;
}

/* A bitmap as the kernel has it: an array of long. */
static int answer_bits(void *arg, unsigned long request, const uint8_t *bits,
		       size_t len)
{
	uint64_t longs[KEY_CNT / 64];

	memset(longs, 0, sizeof(longs));
	memcpy(longs, bits, len);
	for (size_t i = 0; i < KEY_CNT / 64; i++)
		longs[i] = htole64(longs[i]);
	return answer(arg, request, longs, (len + 7) / 8 * 8);
}

static void take_bits(uint8_t *bits, const void *longs, size_t len)
{
	uint64_t some;

	for (size_t at = 0; at < len; at += sizeof(some)) {
		memcpy(&some, (const uint8_t *)longs + at, sizeof(some));
		some = htole64(some);
		memcpy(bits + at, &some, sizeof(some));
	}
}

static int set_mask(struct fake_node *n, const struct input_mask *mask)
{
	const void *codes = (const void *)(uintptr_t)mask->codes_ptr;

	if (mask->codes_size % sizeof(long))
		return fail_with(EINVAL);
	if (mask->type == EV_KEY && mask->codes_size == sizeof(n->mask_keys))
		take_bits(n->mask_keys, codes, sizeof(n->mask_keys));
	if (mask->type == 0 && mask->codes_size == sizeof(n->mask_types))
		take_bits(n->mask_types, codes, sizeof(n->mask_types));
	return 0;
}

static int answer_fixed(struct fake_node *n, unsigned long request, void *arg)
{
	static const int version = EV_VERSION;

	switch (request) {
	case EVIOCGVERSION:
		answer(arg, request, &version, sizeof(version));
		return 0;
	case EVIOCGID:
		answer(arg, request, &n->id, sizeof(n->id));
		return 0;
	case EVIOCGREP:
		answer(arg, request, n->repeat, sizeof(n->repeat));
		return 0;
	case EVIOCSCLOCKID:
		return 0;
	case EVIOCSMASK:
		return set_mask(n, arg);
	case EVIOCGRAB:
		return grab(n, arg != NULL);
	}
	return fail_with(EINVAL);
}

int fake_node_ioctl(struct fake_node *n, unsigned long request, void *arg)
{
	const unsigned int nr = _IOC_NR(request);

	if (n->error)
		return fail_with(n->error);
	if (nr >= _IOC_NR(EVIOCGABS(0)) && nr <= _IOC_NR(EVIOCGABS(ABS_MAX)) &&
	    _IOC_DIR(request) == _IOC_READ) {
		if (!bit_test(n->bits[EV_ABS], nr - _IOC_NR(EVIOCGABS(0))))
			return fail_with(EINVAL);
		answer(arg, request, &n->abs[nr - _IOC_NR(EVIOCGABS(0))],
		       sizeof(n->abs[0]));
		return 0;
	}
	if (nr >= _IOC_NR(EVIOCGBIT(0, 0)) && nr < _IOC_NR(EVIOCGABS(0)))
		return answer_bits(arg, request,
				   n->bits[nr - _IOC_NR(EVIOCGBIT(0, 0))],
				   sizeof(n->bits[0]));
	switch (nr) {
	case _IOC_NR(EVIOCGNAME(0)):
		return answer_text(arg, request, n->name);
	case _IOC_NR(EVIOCGUNIQ(0)):
		return answer_text(arg, request, n->uniq);
	case _IOC_NR(EVIOCGPHYS(0)):
		return answer_text(arg, request, n->phys);
	case _IOC_NR(EVIOCGPROP(0)):
		return answer_bits(arg, request, n->prop, sizeof(n->prop));
	case _IOC_NR(EVIOCGKEY(0)):
		return answer_bits(arg, request, n->key, sizeof(n->key));
	case _IOC_NR(EVIOCGSW(0)):
		return answer_bits(arg, request, n->sw, sizeof(n->sw));
	case _IOC_NR(EVIOCGLED(0)):
		return answer_bits(arg, request, n->led, sizeof(n->led));
	case _IOC_NR(EVIOCGMTSLOTS(0)):
		return answer_slots(n, request, arg);
	}
	return answer_fixed(n, request, arg);
}
