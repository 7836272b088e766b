/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that is saved at any time and resumes in another process, again and
 * again. On the way the bytes may be changed, and given the right check value:
 * then they are rejected, or the device works with them.
 */
#include "tests/fuzz/device-world.h"

#include <endian.h>

#include "input/device/snapshot.h"

#define HEADER_LEN 16

static uint8_t buf[SNAPSHOT_MAX];

static uint32_t crc32(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (; len; len--, p++)
		for (int bit = 0; bit < 8; bit++) {
			bool odd = (crc ^ *p >> bit) & 1;

			crc = crc >> 1 ^ (odd ? UINT32_C(0xedb88320) : 0);
		}
	return ~crc;
}

static void put32(size_t at, uint32_t value)
{
	value = htole32(value);
	memcpy(buf + at, &value, sizeof(value));
}

/* Return: the length, which may be another one. */
static size_t spoil(struct world *w, size_t len, uint8_t how)
{
	for (; how & 3; how--) {
		size_t at = take16(&w->in) % len;

		take(&w->in, buf + at, 1);
	}
	if (how & 4)
		len -= take8(&w->in) % len;
	if (how & 8)
		len += take8(&w->in);
	if (len < HEADER_LEN || how & 16)
		return len;
	put32(8, (uint32_t)len);
	put32(12, crc32(buf + HEADER_LEN, len - HEADER_LEN));
	return len;
}

static void migrate(struct world *w)
{
	static struct snapshot st;
	const uint8_t how = take8(&w->in) % 32;
	uint8_t *exact;
	const char *wrong;
	size_t len;

	world_stop_driver(w);
	len = snapshot_write(w->dev, 1, 2, buf);
	must(len > HEADER_LEN && len <= sizeof(buf));
	len = spoil(w, len, how);
	exact = malloc(len ? len : 1);
	must(exact);
	memcpy(exact, buf, len);
	wrong = snapshot_read(&st, &w->spec, exact, len);
	free(exact);
	must(how || !wrong);
	world_die(w);
	if (wrong)
		return;
	w->tainted |= how != 0;
	snapshot_load(w->dev, &st);
	w->was_driver = w->dev->had_driver; /* then it can be resumed */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	w.in = (struct choices){ data, size };
	world_spec(&w.spec);
	world_begin(&w, NULL, 0);
	while (w.in.left) {
		if (*w.in.at != 0xff) {
			world_step(&w);
			continue;
		}
		take8(&w.in);
		migrate(&w);
	}
	world_end(&w);
	return 0;
}
