/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our form, codes by name or number in lists, EV_ABS not among them because
 * each axis is declared with its range in "axes":
 *
 *	"events": { "EV_KEY": ["KEY_ESC..KEY_F10", 87, "KEY_F12"], ... }
 *	"properties": ["INPUT_PROP_DIRECT"]
 *
 * The peers' form:
 *
 *	"events": [{ "event_type": "EV_KEY", "event_type_code": 1,
 *		     "supported_events": { "KEY_ESC": 1, ... } }, ...]
 *	"properties": { "INPUT_PROP_DIRECT": 1 }
 */
#include <string.h>
#include "input/spec/spec-codes.h"
#include "input/spec/spec-events.h"
#include "input/spec/spec-names.h"

static int complain_of_type(struct spec_reader *r, const struct json_path *at,
			    unsigned int type)
{
	const char *name = names_type(type);

	if (type == EV_SYN)
		return reader_complain(r, at,
				       "EV_SYN is implied: leave it out");
	return reader_complain(r, at,
			       "virtio-input cannot carry %s (%u); it carries "
			       "KEY, REL, ABS, MSC, SW, LED, SND, REP",
			       name ? name : "this type", type);
}

/* Autorepeat is on or off: with one of its two codes it has both. */
static void complete_repeat(struct spec *spec, unsigned int type)
{
	if (type != EV_REP)
		return;
	bit_set(spec->bits[EV_REP], REP_DELAY);
	bit_set(spec->bits[EV_REP], REP_PERIOD);
}

/* Our list, of an event type's codes or of properties. */
static int read_list(struct spec_reader *r, const struct json_path *at,
		     unsigned int kind, const json_t *list)
{
	int rc = reader_array(r, at, list);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const struct json_path *here = JSON_ELEMENT(at, i);
		struct code_range codes;

		rc = codes_read(r, here, kind, json_array_get(list, i), &codes);
		if (rc == 0)
			rc = codes_declare(r, here, kind, codes);
	}
	return rc;
}

/* The peers' { NAME: number }. */
static int read_numbers(struct spec_reader *r, const struct json_path *at,
			unsigned int kind, const json_t *numbers)
{
	int rc = reader_object(r, at, numbers);
	const char *name;
	json_t *number;

	if (rc)
		return rc;
	json_object_foreach((json_t *)numbers, name, number)
	{
		const struct json_path *here = JSON_MEMBER(at, name);
		struct code_range codes;

		rc = codes_read_number(r, here, kind, number, &codes);
		if (rc)
			return rc;
		codes_check_name(r, here, kind, name, codes.first);
		rc = codes_declare(r, here, kind, codes);
		if (rc)
			return rc;
	}
	return 0;
}

/* A key of our "events": an event type. */
static int read_type(struct spec_reader *r, const struct json_path *at,
		     unsigned int *out)
{
	const char *near;
	int64_t type;

	if (!reader_number_word(at->key, &type))
		type = names_to_type(at->key);
	if (type > EV_MAX)
		return reader_error(r, at, "type %s exceeds EV_MAX (%d)",
				    at->key, EV_MAX);
	*out = (unsigned int)type;
	if (type >= 0)
		return 0;
	near = names_near_type(at->key);
	if (near)
		return reader_error(r, at,
				    "\"%.40s\": no such event type; did you "
				    "mean %s?",
				    at->key, near);
	return reader_error(r, at, "\"%.40s\": no such event type", at->key);
}

static int read_ours(struct spec_reader *r, const struct json_path *at,
		     const char *key, const json_t *list, uint32_t *seen)
{
	const struct json_path *type_at = JSON_KEY(at, key);
	unsigned int type = EV_SYN;
	int rc = read_type(r, type_at, &type);

	if (rc)
		return rc;
	if (!spec_carries(type))
		return complain_of_type(r, type_at, type);
	if (type == EV_ABS)
		return reader_error(r, type_at,
				    "EV_ABS codes need a range: declare them "
				    "in \"axes\"");
	if (*seen >> type & 1)
		return reader_error(r, type_at, "%s is listed twice",
				    names_type(type));
	*seen |= 1u << type;
	rc = read_list(r, JSON_MEMBER(at, key), type, list);
	if (rc == 0 && json_array_size(list) == 0 && type != EV_REP)
		return reader_error(r, JSON_MEMBER(at, key),
				    "an empty list declares nothing");
	complete_repeat(r->spec, type);
	return rc;
}

static int read_our_events(struct spec_reader *r, const struct json_path *at,
			   const json_t *events)
{
	int rc = reader_object(r, at, events);
	const char *key;
	json_t *list;
	uint32_t seen = 0;

	if (rc)
		return rc;
	json_object_foreach((json_t *)events, key, list)
	{
		rc = read_ours(r, at, key, list, &seen);
		if (rc)
			return rc;
	}
	return 0;
}

/* The number of an event type; its name is only compared. */
static int read_peers_type(struct spec_reader *r, const struct json_path *at,
			   const json_t *event, unsigned int *out)
{
	const struct json_path *code_at = JSON_MEMBER(at, "event_type_code");
	const char *name =
		json_string_value(json_object_get(event, "event_type"));
	int64_t type;
	json_t *code;
	int rc;

	rc = reader_member(r, at, event, "event_type_code", &code);
	if (rc == 0)
		rc = reader_int(r, code_at, code, 0, EV_MAX, &type);
	if (rc)
		return rc;
	*out = (unsigned int)type;
	if (name && names_to_type(name) != type)
		reader_warn(r, JSON_MEMBER(at, "event_type"),
			    "\"%.40s\" is not the name of type %u; the number "
			    "takes precedence: %s",
			    name, *out,
			    names_type(*out) ? names_type(*out) : "no name");
	return 0;
}

static int read_peers(struct spec_reader *r, const struct json_path *at,
		      const json_t *event, uint32_t *seen)
{
	static const char *const keys[] = { "event_type", "event_type_code",
					    "supported_events", NULL };
	unsigned int type;
	json_t *codes;
	int rc = reader_object(r, at, event);

	if (rc == 0)
		rc = reader_keys(r, at, event, keys);
	if (rc == 0)
		rc = read_peers_type(r, at, event, &type);
	if (rc)
		return rc;
	if (!spec_carries(type))
		return complain_of_type(r, JSON_MEMBER(at, "event_type_code"),
					type);
	if (*seen >> type & 1)
		return reader_error(r, JSON_MEMBER(at, "event_type_code"),
				    "%s is listed twice", names_type(type));
	*seen |= 1u << type;
	rc = reader_member(r, at, event, "supported_events", &codes);
	if (rc == 0)
		rc = read_numbers(r, JSON_MEMBER(at, "supported_events"), type,
				  codes);
	complete_repeat(r->spec, type);
	return rc;
}

static int read_peers_events(struct spec_reader *r, const struct json_path *at,
			     const json_t *events)
{
	uint32_t seen = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(events); i++)
		rc = read_peers(r, JSON_ELEMENT(at, i),
				json_array_get(events, i), &seen);
	return rc;
}

int events_read(struct spec_reader *r, const json_t *events)
{
	const struct json_path *at = JSON_MEMBER(NULL, "events");

	return r->peers_form ? read_peers_events(r, at, events)
			     : read_our_events(r, at, events);
}

int props_read(struct spec_reader *r, const json_t *props)
{
	const struct json_path *at = JSON_MEMBER(NULL, "properties");

	return r->peers_form ? read_numbers(r, at, CODES_PROPS, props)
			     : read_list(r, at, CODES_PROPS, props);
}
