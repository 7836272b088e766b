/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	"initial": { "SW_LID": true, "ABS_VOLUME": 20 }
 *
 * The name tells switches from axes; a number is an axis, since those of HID
 * devices have none. An axis with a rest starts there: its value is a source's,
 * so that neither the persistent file nor a snapshot has it.
 */
#include <string.h>
#include "input/spec/spec-codes.h"
#include "input/spec/spec-initial.h"

static int initial_switch(struct spec_reader *r, const struct json_path *at,
			  unsigned int code, const json_t *value)
{
	bool on;
	int rc = reader_bool(r, at, value, &on);

	if (rc == 0 && on)
		bit_set(r->spec->initial_sw, code);
	return rc;
}

static bool is_in_range(const struct spec *spec, unsigned int code,
			int32_t value)
{
	const struct spec_abs *abs = &spec->abs[code];

	return !spec_clamps(spec, (uint16_t)code) ||
	       (value >= abs->min && value <= abs->max);
}

static int check_initial_axis(struct spec_reader *r, const struct json_path *at,
			      unsigned int code)
{
	const struct spec_abs *abs = &r->spec->abs[code];
	char shown[CODE_SHOWN_LEN];

	codes_show(shown, EV_ABS, code);
	if (spec_is_mt(r->spec, (uint16_t)code))
		return reader_error(r, at,
				    "%s is of contacts, and a device starts "
				    "without any: leave it out",
				    shown);
	if (abs->has_initial)
		return reader_error(r, at, "%s is listed twice", shown);
	if (abs->has_rest)
		return reader_error(r, at,
				    "%s starts where it rests, at %d: leave it "
				    "out, or give the axis \"rest\": null",
				    shown, abs->rest);
	return 0;
}

static int initial_axis(struct spec_reader *r, const struct json_path *at,
			unsigned int code, const json_t *value)
{
	struct spec_abs *abs = &r->spec->abs[code];
	int64_t number;
	int rc = check_initial_axis(r, at, code);

	if (rc == 0)
		rc = reader_int(r, at, value, INT32_MIN, INT32_MAX, &number);
	if (rc)
		return rc;
	if (!is_in_range(r->spec, code, (int32_t)number))
		return reader_error(r, at,
				    "%lld is not in the axis' range, %d..%d",
				    (long long)number, abs->min, abs->max);
	abs->has_initial = true;
	abs->initial = (int32_t)number;
	return 0;
}

static int initial_declared(struct spec_reader *r, const struct json_path *at,
			    unsigned int type, unsigned int code)
{
	char shown[CODE_SHOWN_LEN];

	if (spec_has(r->spec, (uint16_t)type, (uint16_t)code))
		return 0;
	return reader_error(r, at,
			    "the device does not have %s: declare it in "
			    "\"%s\"",
			    codes_show(shown, type, code),
			    type == EV_ABS && !r->peers_form ? "axes"
							     : "events");
}

static int initial_codes(struct spec_reader *r, const struct json_path *at,
			 unsigned int type, const json_t *value)
{
	const struct json_path *key_at = JSON_KEY(at->up, at->key);
	struct code_range codes;
	int rc = codes_read_word(r, key_at, type, at->key, &codes);

	for (unsigned int c = codes.first; rc == 0 && c <= codes.last; c++) {
		rc = initial_declared(r, key_at, type, c);
		if (rc == 0)
			rc = type == EV_SW ? initial_switch(r, at, c, value)
					   : initial_axis(r, at, c, value);
	}
	return rc;
}

/* Return: EV_SW, EV_ABS, or EV_SYN for neither. */
static unsigned int initial_type(const char *key)
{
	if (strncmp(key, "SW_", 3) == 0)
		return EV_SW;
	if (strncmp(key, "ABS_", 4) == 0 || (key[0] >= '0' && key[0] <= '9'))
		return EV_ABS;
	return EV_SYN;
}

static int initial_member(struct spec_reader *r, const char *key,
			  const json_t *value)
{
	const struct json_path *up = JSON_MEMBER(NULL, "initial");
	const unsigned int type = initial_type(key);

	if (type == EV_SYN)
		return reader_error(r, JSON_KEY(up, key),
				    "\"%.40s\" has no initial value: only "
				    "switches (\"SW_LID\": true) and axes "
				    "(\"ABS_VOLUME\": 20) have",
				    key);
	return initial_codes(r, JSON_MEMBER(up, key), type, value);
}

int initial_read(struct spec_reader *r, const json_t *initial)
{
	int rc = reader_object(r, JSON_MEMBER(NULL, "initial"), initial);
	const char *key;
	json_t *value;

	if (rc)
		return rc;
	json_object_foreach((json_t *)initial, key, value)
	{
		rc = initial_member(r, key, value);
		if (rc)
			break;
	}
	return rc;
}

static bool keeps_initial(const struct spec *spec, uint16_t code)
{
	const struct spec_abs *abs = &spec->abs[code];

	return spec_has(spec, EV_ABS, code) && !spec_is_mt(spec, code) &&
	       !abs->has_rest && abs->initial &&
	       is_in_range(spec, code, abs->initial);
}

void initial_settle(struct spec *spec)
{
	for (size_t i = 0; i < sizeof(spec->initial_sw); i++)
		spec->initial_sw[i] &= spec->bits[EV_SW][i];
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		struct spec_abs *abs = &spec->abs[code];

		abs->has_initial &= keeps_initial(spec, code);
		if (!abs->has_initial)
			abs->initial = 0;
	}
}
