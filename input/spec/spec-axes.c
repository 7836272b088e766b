/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ranges of axes. Ours go by code, which also declares it:
 *
 *	"axes": { "ABS_X": { "min": 0, "max": 1919, "res": 10 }, ... }
 *
 * The peers' form has the codes among its events once more:
 *
 *	"axis_info": [{ "axis": "ABS_X", "axis_code": 0, "min": 0,
 *			"max": 1919 }, ...]
 *
 * The peers read unsigned numbers only and pass the bits to the guest, which
 * reads them as signed; so does this reader, in their form.
 *
 * Both forms are walked twice: to read them, and after the events to check axes
 * and events against each other.
 */
#include <string.h>
#include "input/spec/spec-axes.h"
#include "input/spec/spec-check.h"
#include "input/spec/spec-codes.h"

typedef int axis_fn(struct spec_reader *r, const struct json_path *at,
		    struct code_range codes, const json_t *axis);

static int our_axis(struct spec_reader *r, const char *key, const json_t *axis,
		    axis_fn *fn)
{
	const struct json_path *at = JSON_MEMBER(NULL, "axes");
	struct code_range codes;
	int rc;

	rc = codes_read_word(r, JSON_KEY(at, key), EV_ABS, key, &codes);
	if (rc == 0)
		rc = reader_object(r, JSON_MEMBER(at, key), axis);
	return rc ? rc : fn(r, JSON_MEMBER(at, key), codes, axis);
}

static int peers_axis(struct spec_reader *r, size_t i, const json_t *axis,
		      axis_fn *fn)
{
	const struct json_path *up = JSON_MEMBER(NULL, "axis_info");
	const struct json_path *at = JSON_ELEMENT(up, i);
	struct code_range codes;
	json_t *code;
	int rc;

	rc = reader_object(r, at, axis);
	if (rc == 0)
		rc = reader_member(r, at, axis, "axis_code", &code);
	if (rc == 0)
		rc = codes_read_number(r, JSON_MEMBER(at, "axis_code"), EV_ABS,
				       code, &codes);
	return rc ? rc : fn(r, at, codes, axis);
}

static int each_axis(struct spec_reader *r, const json_t *axes, axis_fn *fn)
{
	const char *key;
	json_t *axis;
	int rc = 0;

	if (r->peers_form)
		for (size_t i = 0; rc == 0 && i < json_array_size(axes); i++)
			rc = peers_axis(r, i, json_array_get(axes, i), fn);
	else
		json_object_foreach((json_t *)axes, key, axis)
		{
			rc = our_axis(r, key, axis, fn);
			if (rc)
				break;
		}
	return rc;
}

/* A value of an axis, and its limits. */
struct field {
	const char *key;
	int32_t *value;
	int32_t min, max;
};

static int read_field(struct spec_reader *r, const struct json_path *at,
		      const json_t *axis, const struct field *field)
{
	const json_t *value = json_object_get(axis, field->key);
	const struct json_path *here = JSON_MEMBER(at, field->key);
	int64_t max = field->max, number;
	int rc;

	if (!value)
		return 0;
	if (r->peers_form && field->min < 0)
		max = UINT32_MAX;
	rc = reader_int(r, here, value, field->min, max, &number);
	if (rc)
		return rc;
	*field->value = (int32_t)(uint32_t)number;
	if (number > INT32_MAX)
		reader_warn(r, here, "%lld is %d to the guest: write that",
			    (long long)number, *field->value);
	return 0;
}

static int report_flaw(struct spec_reader *r, const struct json_path *at,
		       const struct spec_flaw *flaw)
{
	return reader_error(r,
			    flaw->member ? JSON_MEMBER(at, flaw->member) : at,
			    "%s", flaw->text);
}

/* The kernel refuses a device with more slots. */
#define LINUX_SLOTS_MAX 1024

/* An axis with the code of ABS_MT_SLOT, in a device without multi-touch. */
static void check_plain_slot(struct spec_reader *r, const struct json_path *at,
			     const struct spec_abs *abs)
{
	if (abs->max >= LINUX_SLOTS_MAX)
		reader_warn(r, at,
			    "Linux makes slots of axis 47 (ABS_MT_SLOT), and "
			    "does not accept a device with more than %d",
			    LINUX_SLOTS_MAX);
}

/* A "rest" that is null says that the axis has none. */
static int read_rest(struct spec_reader *r, const struct json_path *at,
		     const json_t *axis, struct spec_abs *abs)
{
	const struct field rest = { "rest", &abs->rest, INT32_MIN, INT32_MAX };
	const json_t *value = json_object_get(axis, "rest");

	abs->has_rest = value && !json_is_null(value);
	return abs->has_rest ? read_field(r, at, axis, &rest) : 0;
}

static int read_clamp(struct spec_reader *r, const struct json_path *at,
		      const json_t *axis, struct spec_abs *abs)
{
	const json_t *value = json_object_get(axis, "clamp");
	bool clamp = !r->unclamped;
	int rc = 0;

	if (value)
		rc = reader_bool(r, JSON_MEMBER(at, "clamp"), value, &clamp);
	abs->unclamped = !clamp;
	return rc;
}

static int read_values(struct spec_reader *r, const struct json_path *at,
		       const json_t *axis, struct spec_abs *abs)
{
	const struct field fields[] = {
		{ "min", &abs->min, INT32_MIN, INT32_MAX },
		{ "max", &abs->max, INT32_MIN, INT32_MAX },
		{ "fuzz", &abs->fuzz, 0, INT32_MAX },
		{ "flat", &abs->flat, 0, INT32_MAX },
		{ "res", &abs->res, 0, INT32_MAX },
	};
	struct spec_flaw flaw;
	json_t *value;
	int rc;

	*abs = (struct spec_abs){ 0 };
	rc = reader_member(r, at, axis, "min", &value);
	if (rc == 0)
		rc = reader_member(r, at, axis, "max", &value);
	for (size_t i = 0; rc == 0 && i < sizeof(fields) / sizeof(*fields); i++)
		rc = read_field(r, at, axis, &fields[i]);
	if (rc == 0)
		rc = read_rest(r, at, axis, abs);
	if (rc == 0)
		rc = read_clamp(r, at, axis, abs);
	if (rc == 0 && spec_check_range(abs, &flaw))
		rc = report_flaw(r, at, &flaw);
	return rc;
}

static int check_axis_keys(struct spec_reader *r, const struct json_path *at,
			   struct code_range codes, const json_t *axis)
{
	static const char *const ours[] = { "min", "max",  "fuzz",  "flat",
					    "res", "rest", "clamp", NULL };
	static const char *const peers[] = { "axis", "axis_code", "min",
					     "max",  "fuzz",	  "flat",
					     "res",  "rest",	  "clamp",
					     NULL };
	const char *name = json_string_value(json_object_get(axis, "axis"));

	if (r->peers_form && name)
		codes_check_name(r, JSON_MEMBER(at, "axis"), EV_ABS, name,
				 codes.first);
	return reader_keys(r, at, axis, r->peers_form ? peers : ours);
}

static int read_axis(struct spec_reader *r, const struct json_path *at,
		     struct code_range codes, const json_t *axis)
{
	char shown[CODE_SHOWN_LEN];
	struct spec_abs abs;
	const bool no_rest = json_is_null(json_object_get(axis, "rest"));
	int rc = check_axis_keys(r, at, codes, axis);

	if (rc == 0)
		rc = read_values(r, at, axis, &abs);
	for (unsigned int c = codes.first; rc == 0 && c <= codes.last; c++) {
		if (r->axes >> c & 1)
			return reader_error(r, at, "%s is listed twice",
					    codes_show(shown, EV_ABS, c));
		r->axes |= 1ull << c;
		r->no_rest |= (uint64_t)no_rest << c;
		r->spec->abs[c] = abs;
		if (!r->peers_form)
			bit_set(r->spec->bits[EV_ABS], c);
	}
	return rc;
}

int axes_read(struct spec_reader *r, const json_t *axes)
{
	int rc = 0;

	if (axes)
		rc = r->peers_form
			     ? reader_array(r, JSON_MEMBER(NULL, "axis_info"),
					    axes)
			     : reader_object(r, JSON_MEMBER(NULL, "axes"),
					     axes);
	return rc ? rc : each_axis(r, axes, read_axis);
}

/* Once all axes are known. */
static int check_mt(struct spec_reader *r, const struct json_path *at,
		    unsigned int code)
{
	struct spec_flaw flaw;

	if (spec_check_contacts(r->spec, (uint16_t)code, &flaw))
		return report_flaw(r, at, &flaw);
	if (code == ABS_MT_SLOT && spec_has(r->spec, EV_ABS, ABS_MT_SLOT - 1))
		check_plain_slot(r, at, &r->spec->abs[code]);
	return 0;
}

static int check_declared(struct spec_reader *r, const struct json_path *at,
			  struct code_range codes, const json_t *axis)
{
	char shown[CODE_SHOWN_LEN];
	int rc = 0;

	for (unsigned int c = codes.first; rc == 0 && c <= codes.last; c++) {
		if (!spec_has(r->spec, EV_ABS, c))
			return reader_error(r, at,
					    "%s is not among the "
					    "\"supported_events\" of EV_ABS",
					    codes_show(shown, EV_ABS, c));
		rc = check_mt(r, at, c);
	}
	return rc;
}

int axes_check(struct spec_reader *r, const json_t *axes)
{
	return each_axis(r, axes, check_declared);
}
