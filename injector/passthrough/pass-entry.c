/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/passthrough/pass-entry.h"
#include "input/spec/spec.h"

const struct pass_host pass_this_host = { .sys = "/sys/class/input",
					  .dev = "/dev/input" };

/* --- kinds: as udev's input_id has them, as far as a user would say --- */

static const char *const kind_names[PASS_KINDS] = {
	"keyboard", "mouse",   "touchpad", "touchscreen",
	"pen",	    "gamepad", "switch",   "keys",
};

const char *pass_kind_name(unsigned int i)
{
	return kind_names[i];
}

static bool has_xy(const struct pass_bits *b)
{
	return (bit_test(b->abs, ABS_X) && bit_test(b->abs, ABS_Y)) ||
	       (bit_test(b->abs, ABS_MT_POSITION_X) &&
		bit_test(b->abs, ABS_MT_POSITION_Y) &&
		!bit_test(b->abs, ABS_MT_SLOT - 1));
}

/* The device has a position: which kind is that? */
static unsigned int kind_of_position(const struct pass_bits *b)
{
	if (bit_test(b->key, BTN_STYLUS) || bit_test(b->key, BTN_TOOL_PEN))
		return PASS_PEN;
	if (bit_test(b->key, BTN_TOOL_FINGER) &&
	    !bit_test(b->prop, INPUT_PROP_DIRECT))
		return PASS_TOUCHPAD;
	if (bit_test(b->key, BTN_TOUCH) || bit_test(b->prop, INPUT_PROP_DIRECT))
		return PASS_TOUCHSCREEN;
	return bit_test(b->key, BTN_LEFT) ? PASS_MOUSE : 0;
}

static bool is_gamepad(const struct pass_bits *b)
{
	for (unsigned int key = BTN_JOYSTICK; key < BTN_DIGI; key++)
		if (bit_test(b->key, key))
			return !bit_test(b->key, BTN_JOYSTICK - 1);
	return false;
}

/* udev: all of the first 31 keys, from Escape to D. */
static bool is_keyboard(const struct pass_bits *b)
{
	for (unsigned int key = KEY_ESC; key < KEY_F; key++)
		if (!bit_test(b->key, key))
			return false;
	return true;
}

/* Those that any power button has do not count. */
static bool has_other_keys(const struct pass_bits *b)
{
	for (unsigned int key = KEY_ESC; key < KEY_CNT; key++) {
		if (key == BTN_MISC)
			key = KEY_OK;
		if (bit_test(b->key, key) && key != KEY_POWER &&
		    key != KEY_SLEEP && key != KEY_WAKEUP)
			return true;
	}
	return false;
}

static bool has_switches(const struct pass_bits *b)
{
	for (size_t i = 0; i < sizeof(b->sw); i++)
		if (b->sw[i])
			return true;
	return false;
}

unsigned int pass_kinds(const struct pass_bits *b)
{
	unsigned int kinds = has_xy(b) ? kind_of_position(b) : 0;

	if (bit_test(b->rel, REL_X) && bit_test(b->rel, REL_Y) &&
	    bit_test(b->key, BTN_LEFT))
		kinds |= PASS_MOUSE;
	if (!kinds && is_gamepad(b))
		kinds = PASS_GAMEPAD;
	if (is_keyboard(b))
		kinds |= PASS_KEYBOARD;
	if (!kinds && has_other_keys(b))
		kinds = PASS_KEYS;
	return has_switches(b) ? kinds | PASS_SWITCH : kinds;
}

/* --- sysfs --- */

/* The first line of a file of a device; "" if there is none. */
static void read_attribute(const struct pass_host *host, const char *node,
			   const char *what, char *text, int size)
{
	char path[512];
	FILE *f;

	text[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s/device/%s", host->sys, node, what);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(text, size, f))
		text[strcspn(text, "\n")] = '\0';
	fclose(f);
}

static uint16_t read_id(const struct pass_host *host, const char *node,
			const char *what)
{
	char text[16];

	read_attribute(host, node, what, text, sizeof(text));
	return (uint16_t)strtoul(text, NULL, 16);
}

/* Words of the size of a long, in hex; the last one has bit 0. */
static void read_bits(const struct pass_host *host, const char *node,
		      const char *what, uint8_t *bits, size_t len)
{
	char text[256];
	size_t at = 0;

	read_attribute(host, node, what, text, sizeof(text));
	for (char *word; (word = strrchr(text, ' ')) || text[0];) {
		unsigned long value = strtoul(word ? word : text, NULL, 16);

		for (size_t i = 0; i < sizeof(value) && at < len; i++, at++)
			bits[at] = (uint8_t)(value >> (8 * i));
		*(word ? word : text) = '\0';
	}
}

static unsigned int read_kinds(const struct pass_host *host, const char *node)
{
	struct pass_bits b = { 0 };

	read_bits(host, node, "properties", b.prop, sizeof(b.prop));
	read_bits(host, node, "capabilities/key", b.key, sizeof(b.key));
	read_bits(host, node, "capabilities/rel", b.rel, sizeof(b.rel));
	read_bits(host, node, "capabilities/abs", b.abs, sizeof(b.abs));
	read_bits(host, node, "capabilities/sw", b.sw, sizeof(b.sw));
	return pass_kinds(&b);
}

/* The name of a link in this folder that leads to the node. */
static void find_link(const struct pass_host *host, const char *folder,
		      const char *node, char *name, size_t size)
{
	char path[512], to[64], want[32];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", host->dev, folder);
	snprintf(want, sizeof(want), "../%s", node);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		ssize_t len =
			readlinkat(dirfd(dir), entry->d_name, to, sizeof(to));

		if (len == (ssize_t)strlen(want) &&
		    !memcmp(to, want, strlen(want)) &&
		    strlen(entry->d_name) < size)
			strcpy(name, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

/* "device" leads to ".../input17". */
static unsigned long read_instance(const struct pass_host *host,
				   const char *node)
{
	char path[512], to[256];
	const char *last;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/%s/device", host->sys, node);
	len = readlink(path, to, sizeof(to) - 1);
	if (len < 0)
		return 0;
	to[len] = '\0';
	last = strrchr(to, '/');
	return last && !strncmp(last, "/input", 6) ? strtoul(last + 6, NULL, 10)
						   : 0;
}

int pass_entry_read(const struct pass_host *host, const char *node,
		    struct pass_entry *e)
{
	char path[512];

	*e = (struct pass_entry){ 0 };
	snprintf(path, sizeof(path), "%s/%s/device", host->sys, node);
	if (strlen(node) >= sizeof(e->node) || access(path, F_OK))
		return -ENOENT;
	strcpy(e->node, node);
	read_attribute(host, node, "name", e->name, sizeof(e->name));
	read_attribute(host, node, "uniq", e->uniq, sizeof(e->uniq));
	read_attribute(host, node, "phys", e->phys, sizeof(e->phys));
	e->instance = read_instance(host, node);
	e->bustype = read_id(host, node, "id/bustype");
	e->vendor = read_id(host, node, "id/vendor");
	e->product = read_id(host, node, "id/product");
	e->version = read_id(host, node, "id/version");
	e->kinds = read_kinds(host, node);
	find_link(host, "by-id", node, e->by_id, sizeof(e->by_id));
	find_link(host, "by-path", node, e->by_path, sizeof(e->by_path));
	return 0;
}

static int is_event(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "event", 5);
}

int pass_entries_read(const struct pass_host *host, struct pass_entry **entries,
		      size_t *n)
{
	struct dirent **found;
	int n_found = scandir(host->sys, &found, is_event, versionsort);

	*entries = NULL;
	*n = 0;
	if (n_found < 0)
		return errno == ENOENT ? 0 : -errno;
	*entries = calloc((size_t)n_found + 1, sizeof(**entries));
	for (int i = 0; i < n_found; i++) {
		if (*entries &&
		    !pass_entry_read(host, found[i]->d_name, &(*entries)[*n]))
			++*n;
		free(found[i]);
	}
	free(found);
	return *entries ? 0 : -ENOMEM;
}

int pass_seen_read(struct pass_seen *seen, const struct pass_host *host)
{
	return pass_entries_read(host, &seen->entry, &seen->n);
}

void pass_seen_fini(struct pass_seen *seen)
{
	free(seen->entry);
	*seen = (struct pass_seen){ 0 };
}

void pass_entry_rule(const struct pass_entry *e, char rule[PASS_RULE_LEN])
{
	snprintf(rule, PASS_RULE_LEN,
		 "SUBSYSTEM==\"input\", KERNEL==\"event*\", "
		 "ATTRS{id/vendor}==\"%04x\", ATTRS{id/product}==\"%04x\", "
		 "TAG+=\"uaccess\"",
		 e->vendor, e->product);
}
