/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver writes select and subsel and reads size and u, byte by byte or all
 * at once. A size of 0 means that the device lacks the item (virtio 1.3
 * §5.8.5.2): drivers query each event type and each axis to learn which exist.
 * Bitmaps and strings end with their last byte that is not 0.
 *
 * subsel 0 of EV_BITS is EV_SYN, which every device has and no driver queries:
 * its size is 0, as in QEMU's devices.
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

static void config_put(struct config_space *out, const void *data, size_t len)
{
	memcpy(out->u, data, len);
	out->size = (uint8_t)len;
}

static void config_put_bitmap(struct config_space *out, const uint8_t *bits)
{
	size_t len = SPEC_BITMAP_LEN;

	while (len > 0 && bits[len - 1] == 0)
		len--;
	config_put(out, bits, len);
}

static void config_put_ids(struct config_space *out, const struct spec *spec)
{
	const struct config_ids ids = {
		.bustype_le = htole16(spec->ids.bustype),
		.vendor_le = htole16(spec->ids.vendor),
		.product_le = htole16(spec->ids.product),
		.version_le = htole16(spec->ids.version),
	};

	config_put(out, &ids, sizeof(ids));
}

static void config_put_abs(struct config_space *out, const struct spec_abs *abs)
{
	const struct config_abs info = {
		.min_le = htole32((uint32_t)abs->min),
		.max_le = htole32((uint32_t)abs->max),
		.fuzz_le = htole32((uint32_t)abs->fuzz),
		.flat_le = htole32((uint32_t)abs->flat),
		.res_le = htole32((uint32_t)abs->res),
	};

	config_put(out, &info, sizeof(info));
}

/* Selectors with a single item: subsel MUST be 0 (virtio 1.3 §5.8.4). */
static void config_put_single(struct config_space *out, const struct spec *spec)
{
	switch (out->select) {
	case CONFIG_ID_NAME:
		config_put(out, spec->name, strlen(spec->name));
		break;
	case CONFIG_ID_SERIAL:
		config_put(out, spec->serial, strlen(spec->serial));
		break;
	case CONFIG_ID_DEVIDS:
		config_put_ids(out, spec);
		break;
	case CONFIG_PROP_BITS:
		config_put_bitmap(out, spec->props);
		break;
	}
}

void config_space_fill(struct config_space *out, const struct spec *spec,
		       uint8_t select, uint8_t subsel)
{
	*out = (struct config_space){ .select = select, .subsel = subsel };

	if (select == CONFIG_EV_BITS && subsel != EV_SYN && subsel < EV_CNT)
		config_put_bitmap(out, spec->bits[subsel]);
	else if (select == CONFIG_ABS_INFO && subsel < ABS_CNT &&
		 spec_has(spec, EV_ABS, subsel))
		config_put_abs(out, &spec->abs[subsel]);
	else if (subsel == 0)
		config_put_single(out, spec);
}
