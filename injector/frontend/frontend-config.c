/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <string.h>

#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-message.h"

static struct fe_msg config_msg(uint32_t request, uint32_t offset, uint32_t len)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(struct vu_config) + len;
	msg.config[0] = offset;
	msg.config[1] = len;
	return msg;
}

int fe_config_read(struct frontend *fe, uint32_t offset, void *buf,
		   uint32_t len)
{
	struct fe_msg msg = config_msg(VU_GET_CONFIG, offset, len);
	uint32_t size = msg.hdr.size;
	int rc = fe_query(fe, &msg, 0);

	if (rc)
		return rc;
	if (msg.hdr.size == 0)
		return FE_E_REFUSED;
	if (msg.hdr.size != size || msg.config[0] != offset ||
	    msg.config[1] != len)
		return FE_E_REPLY;
	memcpy(buf, msg.bytes + sizeof(struct vu_config), len);
	return 0;
}

int fe_config_write(struct frontend *fe, uint32_t offset, const void *buf,
		    uint32_t len)
{
	struct fe_msg msg = config_msg(VU_SET_CONFIG, offset, len);

	memcpy(msg.bytes + sizeof(struct vu_config), buf, len);
	return fe_request(fe, &msg);
}

int fe_config_select(struct frontend *fe, uint8_t select, uint8_t subsel,
		     struct config_space *out)
{
	*out = (struct config_space){ .select = select, .subsel = subsel };
	int rc = fe_config_write(fe, offsetof(struct config_space, select),
				 &select, 1);
	if (!rc)
		rc = fe_config_write(fe, offsetof(struct config_space, subsel),
				     &subsel, 1);
	if (!rc)
		rc = fe_config_read(fe, offsetof(struct config_space, size),
				    &out->size, 1);
	if (rc)
		return rc;
	if (out->size > sizeof(out->u))
		return FE_E_DEVICE;
	for (uint32_t i = 0; i < out->size && !rc; i++)
		rc = fe_config_read(fe, offsetof(struct config_space, u) + i,
				    &out->u[i], 1);
	return rc;
}

/* text: SPEC_NAME_MAX + 1 bytes; a longer string is cut, as by the driver. */
static int config_read_string(struct frontend *fe, uint8_t select, char *text)
{
	struct config_space cs;
	int rc = fe_config_select(fe, select, 0, &cs);

	if (rc)
		return rc;
	size_t len = cs.size < SPEC_NAME_MAX ? cs.size : SPEC_NAME_MAX;
	memcpy(text, cs.u, len);
	text[len] = '\0';
	return 0;
}

static uint32_t le32_at(const struct config_space *cs, unsigned int i)
{
	uint32_t v;

	memcpy(&v, cs->u + 4 * i, sizeof(v));
	return le32toh(v);
}

static uint16_t le16_at(const struct config_space *cs, unsigned int i)
{
	uint16_t v;

	memcpy(&v, cs->u + 2 * i, sizeof(v));
	return le16toh(v);
}

static int config_read_ids(struct frontend *fe, struct spec *spec)
{
	struct config_space cs;
	int rc = fe_config_select(fe, CONFIG_ID_DEVIDS, 0, &cs);

	if (rc || cs.size < 8)
		return rc;
	spec->ids.bustype = le16_at(&cs, 0);
	spec->ids.vendor = le16_at(&cs, 1);
	spec->ids.product = le16_at(&cs, 2);
	spec->ids.version = le16_at(&cs, 3);
	return 0;
}

static int config_read_bits(struct frontend *fe, uint8_t select, uint8_t subsel,
			    uint8_t *bits)
{
	struct config_space cs;
	int rc = fe_config_select(fe, select, subsel, &cs);

	if (!rc)
		memcpy(bits, cs.u, cs.size);
	return rc;
}

static int config_read_axis(struct frontend *fe, uint8_t axis,
			    struct spec_abs *abs)
{
	struct config_space cs;
	int rc = fe_config_select(fe, CONFIG_ABS_INFO, axis, &cs);

	if (rc || cs.size < 20)
		return rc;
	abs->min = (int32_t)le32_at(&cs, 0);
	abs->max = (int32_t)le32_at(&cs, 1);
	abs->fuzz = (int32_t)le32_at(&cs, 2);
	abs->flat = (int32_t)le32_at(&cs, 3);
	abs->res = (int32_t)le32_at(&cs, 4);
	return 0;
}

/* The types that Linux's driver queries, in its order. */
static const uint8_t event_types[] = { EV_REP, EV_KEY, EV_REL, EV_ABS,
				       EV_MSC, EV_SW,  EV_LED, EV_SND };

static int config_read_events(struct frontend *fe, struct spec *spec)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(event_types); i++) {
		uint8_t type = event_types[i];
		int rc = config_read_bits(fe, CONFIG_EV_BITS, type,
					  spec->bits[type]);

		if (rc)
			return rc;
		for (unsigned int c = 0; c < SPEC_BITMAP_LEN; c++)
			any |= spec->bits[type][c] != 0;
	}
	return any ? 0 : FE_E_DEVICE;
}

int fe_read_spec(struct frontend *fe, struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	int rc = config_read_string(fe, CONFIG_ID_NAME, spec->name);
	if (!rc)
		rc = config_read_string(fe, CONFIG_ID_SERIAL, spec->serial);
	if (!rc)
		rc = config_read_ids(fe, spec);
	if (!rc)
		rc = config_read_bits(fe, CONFIG_PROP_BITS, 0, spec->props);
	if (!rc)
		rc = config_read_events(fe, spec);
	for (uint8_t axis = 0; axis < ABS_CNT && !rc; axis++) {
		if (spec_has(spec, EV_ABS, axis))
			rc = config_read_axis(fe, axis, &spec->abs[axis]);
	}
	return rc;
}
