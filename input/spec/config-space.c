/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver writes select and subsel and reads size and u, one byte at a time
 * or all at once. A size of 0 says that there is no such thing (virtio 1.3
 * §5.8.5.2), which is how a driver finds out what the device has: it asks for
 * each event type and each axis. Bitmaps and strings are as long as their last
 * byte that is not 0.
 *
 * subsel 0 of EV_BITS is EV_SYN, which every device has and no driver asks
 * for: size 0, as in QEMU's devices.
 */
#include <endian.h>
#include <string.h>
#include "input/spec/config-space.h"

struct config_abs {
	uint32_t min_le, max_le, fuzz_le, flat_le, res_le;
};

struct config_ids {
	uint16_t bustype_le, vendor_le, product_le, version_le;
};

_Static_assert(sizeof(struct config_abs) == 20, "virtio 1.3 §5.8.4");
_Static_assert(sizeof(struct config_ids) == 8, "virtio 1.3 §5.8.4");

static void put(struct config_space *out, const void *data, size_t len)
{
	memcpy(out->u, data, len);
	out->size = (uint8_t)len;
}

static void put_bitmap(struct config_space *out, const uint8_t *bits)
{
	size_t len = SPEC_BITMAP_LEN;

	while (len > 0 && bits[len - 1] == 0)
		len--;
	put(out, bits, len);
}

static void put_ids(struct config_space *out, const struct spec *spec)
{
	const struct config_ids ids = {
		.bustype_le = htole16(spec->ids.bustype),
		.vendor_le = htole16(spec->ids.vendor),
		.product_le = htole16(spec->ids.product),
		.version_le = htole16(spec->ids.version),
	};

	put(out, &ids, sizeof(ids));
}

static void put_abs(struct config_space *out, const struct spec_abs *abs)
{
	const struct config_abs info = {
		.min_le = htole32((uint32_t)abs->min),
		.max_le = htole32((uint32_t)abs->max),
		.fuzz_le = htole32((uint32_t)abs->fuzz),
		.flat_le = htole32((uint32_t)abs->flat),
		.res_le = htole32((uint32_t)abs->res),
	};

	put(out, &info, sizeof(info));
}

/* What there is one of: subsel must be 0 (virtio 1.3 §5.8.4). */
static void put_single(struct config_space *out, const struct spec *spec)
{
	switch (out->select) {
	case CONFIG_ID_NAME:
		put(out, spec->name, strlen(spec->name));
		break;
	case CONFIG_ID_SERIAL:
		put(out, spec->serial, strlen(spec->serial));
		break;
	case CONFIG_ID_DEVIDS:
		put_ids(out, spec);
		break;
	case CONFIG_PROP_BITS:
		put_bitmap(out, spec->props);
		break;
	}
}

void config_space_fill(struct config_space *out, const struct spec *spec,
		       uint8_t select, uint8_t subsel)
{
	*out = (struct config_space){ .select = select, .subsel = subsel };

	if (select == CONFIG_EV_BITS && subsel != EV_SYN && subsel < EV_CNT)
		put_bitmap(out, spec->bits[subsel]);
	else if (select == CONFIG_ABS_INFO && subsel < ABS_CNT &&
		 spec_has(spec, EV_ABS, subsel))
		put_abs(out, &spec->abs[subsel]);
	else if (subsel == 0)
		put_single(out, spec);
}
