/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's input devices, as evdev shows them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "input/spec/spec-print.h"
#include "input/spec/spec.h"
#include "tests/guest/agent.h"

int node_fd[NODES_MAX];

void forget_nodes(void)
{
	for (int i = 0; i < NODES_MAX; i++)
		node_fd[i] = -1;
}

static int open_node(int node)
{
	char path[40];

	snprintf(path, sizeof(path), "/dev/input/event%d", node);
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* It was unplugged, or its driver has lost it. Return: -1. */
static int close_node(int node)
{
	close(node_fd[node]);
	return -1;
}

static int open_nodes(void)
{
	int n = 0;

	for (int i = 0; i < NODES_MAX; i++) {
		if (node_fd[i] < 0)
			node_fd[i] = open_node(i);
		n += node_fd[i] >= 0;
	}
	return n;
}

void report_events(int node)
{
	struct input_event ev[64];
	char line[sizeof(ev) / sizeof(ev[0]) * 40];
	ssize_t len;

	while ((len = read(node_fd[node], ev, sizeof(ev))) > 0) {
		size_t at = 0;

		for (size_t i = 0; i < (size_t)len / sizeof(ev[0]); i++)
			at += (size_t)snprintf(
				line + at, sizeof(line) - at, "e %d %u %u %d\n",
				node, ev[i].type, ev[i].code, ev[i].value);
		say("%s", line);
	}
	if (len < 0 && errno == ENODEV)
		node_fd[node] = close_node(node);
	else if (len < 0 && errno != EAGAIN)
		die("read from a device");
}

/*
 * The bits of event type `type` that the node has; not those that evdev hides.
 */
static void read_bits(int fd, unsigned int type, uint8_t *bits)
{
	uint8_t types[SPEC_BITMAP_LEN] = { 0 };

	if (type == EV_SYN || ioctl(fd, EVIOCGBIT(0, sizeof(types)), types) < 0)
		return;
	if (!bit_test(types, type))
		return;
	if (type == EV_REP) {
		bit_set(bits, REP_DELAY);
		bit_set(bits, REP_PERIOD);
		return;
	}
	ioctl(fd, EVIOCGBIT(type, SPEC_BITMAP_LEN), bits);
}

static void read_abs(int fd, struct spec *spec)
{
	for (unsigned int code = 0; code < ABS_CNT; code++) {
		struct input_absinfo abs;

		if (!spec_has(spec, EV_ABS, (uint16_t)code) ||
		    ioctl(fd, EVIOCGABS(code), &abs) < 0)
			continue;
		spec->abs[code] = (struct spec_abs){
			.min = abs.minimum,
			.max = abs.maximum,
			.fuzz = abs.fuzz,
			.flat = abs.flat,
			.res = abs.resolution,
		};
	}
}

/* The device as the guest sees it, in the form of a spec. */
static void read_spec(int fd, struct spec *spec)
{
	struct input_id id = { 0 };
	unsigned int rep[2];

	memset(spec, 0, sizeof(*spec));
	ioctl(fd, EVIOCGNAME(sizeof(spec->name)), spec->name);
	ioctl(fd, EVIOCGUNIQ(sizeof(spec->serial)), spec->serial);
	ioctl(fd, EVIOCGID, &id);
	spec->ids.bustype = id.bustype;
	spec->ids.vendor = id.vendor;
	spec->ids.product = id.product;
	spec->ids.version = id.version;
	ioctl(fd, EVIOCGPROP(sizeof(spec->props)), spec->props);
	for (unsigned int type = 0; type < EV_CNT; type++)
		read_bits(fd, type, spec->bits[type]);
	read_abs(fd, spec);
	if (ioctl(fd, EVIOCGREP, rep) == 0) {
		spec->has_repeat = true;
		spec->repeat_delay_ms = rep[REP_DELAY];
		spec->repeat_period_ms = rep[REP_PERIOD];
	}
}

static bool tell_driver(const char *file, const char *device)
{
	char path[80];
	int fd;
	bool told;

	snprintf(path, sizeof(path), "/sys/bus/virtio/drivers/virtio_input/%s",
		 file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	told = fd >= 0 && write(fd, device, strlen(device)) > 0;
	close(fd);
	return told;
}

const char *do_rebind(const struct request *r)
{
	char path[80], to[256] = "";
	const char *device;

	/* The parent of the event node's input device: ".../virtioN". */
	snprintf(path, sizeof(path), "/sys/class/input/event%d/device/device",
		 r->n);
	if (readlink(path, to, sizeof(to) - 1) < 0)
		return strerror(errno);
	device = strrchr(to, '/') + 1;
	if (!tell_driver("unbind", device))
		return "unbind";
	node_fd[r->n] = close_node(r->n);
	return tell_driver("bind", device) ? NULL : "bind";
}

const char *do_wait(const struct request *r)
{
	for (int i = 0; i < 1000; i++) {
		if (open_nodes() >= r->n)
			return NULL;
		sleep_ms(10);
	}
	return "fewer devices came";
}

const char *do_list(const struct request *r)
{
	for (int i = 0; i < NODES_MAX; i++) {
		char name[256] = "";

		if (node_fd[i] < 0)
			continue;
		ioctl(node_fd[i], EVIOCGNAME(sizeof(name) - 1), name);
		say("d %d %s\n", i, name);
	}
	return NULL;
}

const char *do_print(const struct request *r)
{
	static struct spec spec;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		die("open_memstream");
	read_spec(node_fd[r->n], &spec);
	spec_print(out, &spec);
	fclose(out);
	say_lines(text);
	free(text);
	return NULL;
}

static void say_on(int type, const uint8_t *bits)
{
	for (unsigned int code = 0; code < SPEC_CODES; code++)
		if (bit_test(bits, code))
			say("d %d %u 1\n", type, code);
}

/* One value per slot; -1 where there is no contact. */
static void read_slots(int fd, uint32_t code, int32_t *value)
{
	struct {
		uint32_t code;
		int32_t value[SPEC_SLOTS_MAX];
	} mt = { .code = code };

	memset(mt.value, -1, sizeof(mt.value));
	ioctl(fd, EVIOCGMTSLOTS(sizeof(mt)), &mt);
	memcpy(value, mt.value, sizeof(mt.value));
}

const char *do_contacts(const struct request *r)
{
	int32_t id[SPEC_SLOTS_MAX], x[SPEC_SLOTS_MAX], y[SPEC_SLOTS_MAX];
	int fd = node_fd[r->n];
	struct input_absinfo slot;

	if (ioctl(fd, EVIOCGABS(ABS_MT_SLOT), &slot) < 0)
		return strerror(errno);
	read_slots(fd, ABS_MT_TRACKING_ID, id);
	read_slots(fd, ABS_MT_POSITION_X, x);
	read_slots(fd, ABS_MT_POSITION_Y, y);
	say("d at %d\n", slot.value);
	for (int i = 0; i <= slot.maximum && i < SPEC_SLOTS_MAX; i++)
		if (id[i] >= 0)
			say("d %d %d %d %d\n", i, id[i], x[i], y[i]);
	return NULL;
}

/*
 * Asking for the state of keys and switches drops their queued events from the
 * asking client, so open the node a second time.
 */
const char *do_state(const struct request *r)
{
	uint8_t key[SPEC_BITMAP_LEN] = { 0 }, sw[SPEC_BITMAP_LEN] = { 0 };
	uint8_t axes[SPEC_BITMAP_LEN] = { 0 };
	int fd = open_node(r->n);

	if (fd < 0)
		return strerror(errno);
	ioctl(fd, EVIOCGKEY(sizeof(key)), key);
	ioctl(fd, EVIOCGSW(sizeof(sw)), sw);
	say_on(EV_KEY, key);
	say_on(EV_SW, sw);
	read_bits(fd, EV_ABS, axes);
	for (unsigned int code = 0; code < ABS_MT_SLOT; code++) {
		struct input_absinfo abs;

		if (bit_test(axes, code) && !ioctl(fd, EVIOCGABS(code), &abs))
			say("d %d %u %d\n", EV_ABS, code, abs.value);
	}
	close(fd);
	return NULL;
}

const char *do_write(const struct request *r)
{
	struct input_event ev[2] = {
		{ .type = (uint16_t)r->args[0],
		  .code = (uint16_t)r->args[1],
		  .value = r->args[2] },
		{ .type = EV_SYN, .code = SYN_REPORT },
	};

	if (write(node_fd[r->n], ev, sizeof(ev)) != sizeof(ev))
		return strerror(errno);
	return NULL;
}
