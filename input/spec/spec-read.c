/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text ─► placeholders ─► depth ─► jansson ─► members ─► checks
 *
 * A spec is of the peers' form (Cuttlefish's, crosvm's) if its "events" is an
 * array, else of ours; they share the members read here. jansson recurses, up
 * to 2048 levels, so the depth is checked first: no spec needs more than four.
 *
 * Defaults: no serial, and the ids that Linux uses for a device without any,
 * BUS_VIRTUAL and zeros.
 */
#include <errno.h>
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "input/base/bom.h"
#include "input/spec/spec-axes.h"
#include "input/spec/spec-check.h"
#include "input/spec/spec-events.h"
#include "input/spec/spec-initial.h"
#include "input/spec/spec-names.h"
#include "input/spec/spec-read.h"
#include "input/spec/spec-reader.h"
#include "input/spec/spec-recording.h"
#include "input/spec/spec-rest.h"
#include "input/spec/spec-write.h"

#define DEPTH_MAX 8

/* Return: what is wrong with a name or serial, or NULL. */
static const char *name_fault(const char *s)
{
	size_t len = strlen(s);

	if (len > SPEC_NAME_MAX)
		return "is longer than 63 bytes";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return "contains a control character";
	return NULL;
}

static int read_name(struct spec_reader *r, const char *key,
		     const json_t *value, char out[SPEC_NAME_MAX + 1])
{
	const struct json_path *at = JSON_MEMBER(NULL, key);
	const char *s, *fault;
	int rc;

	rc = reader_string(r, at, value, &s);
	if (rc)
		return rc;
	fault = name_fault(s);
	if (fault)
		return reader_error(r, at, "\"%.40s%s\" %s", s,
				    strlen(s) > 40 ? "..." : "", fault);
	strcpy(out, s);
	return 0;
}

/* A number, also hexadecimal in a string, or the name of a bus. */
static int read_id(struct spec_reader *r, const struct json_path *at,
		   const json_t *value, uint16_t *out)
{
	const char *word = json_string_value(value);
	bool is_bus = strcmp(at->key, "bustype") == 0;
	const char *near = NULL;
	int64_t id;
	int rc;

	if (!word) {
		rc = reader_int(r, at, value, 0, UINT16_MAX, &id);
		*out = rc ? 0 : (uint16_t)id;
		return rc;
	}
	if (!reader_number_word(word, &id))
		id = is_bus ? names_to_bus(word) : -1;
	if (id >= 0 && id <= UINT16_MAX) {
		*out = (uint16_t)id;
		return 0;
	}
	if (is_bus)
		near = names_near_bus(word);
	return reader_error(r, at,
			    "\"%.40s\" is not a number in 0..65535, decimal or "
			    "hexadecimal (\"0x045e\")%s%s%s",
			    word,
			    near     ? "; did you mean "
			    : is_bus ? ", or a bus, such as BUS_USB"
				     : "",
			    near ? near : "", near ? "?" : "");
}

static int read_ids(struct spec_reader *r, const json_t *ids)
{
	static const char *const keys[] = { "bustype", "vendor", "product",
					    "version", NULL };
	uint16_t *const out[] = { &r->spec->ids.bustype, &r->spec->ids.vendor,
				  &r->spec->ids.product,
				  &r->spec->ids.version };
	const struct json_path *at = JSON_MEMBER(NULL, "ids");
	int rc = reader_object(r, at, ids);

	if (rc == 0)
		rc = reader_keys(r, at, ids, keys);
	for (size_t i = 0; rc == 0 && keys[i]; i++) {
		const json_t *id = json_object_get(ids, keys[i]);

		if (id)
			rc = read_id(r, JSON_MEMBER(at, keys[i]), id, out[i]);
	}
	return rc;
}

static int read_ms(struct spec_reader *r, const struct json_path *at,
		   const json_t *repeat, const char *key, uint32_t *out)
{
	json_t *value;
	int64_t ms;
	int rc;

	rc = reader_member(r, at, repeat, key, &value);
	if (rc == 0)
		rc = reader_int(r, JSON_MEMBER(at, key), value, 0, INT32_MAX,
				&ms);
	*out = rc ? 0 : (uint32_t)ms;
	return rc;
}

static int read_repeat(struct spec_reader *r, const json_t *repeat)
{
	static const char *const keys[] = { "delay", "period", NULL };
	const struct json_path *at = JSON_MEMBER(NULL, "repeat");
	int rc = reader_object(r, at, repeat);

	if (rc == 0)
		rc = reader_keys(r, at, repeat, keys);
	if (rc == 0)
		rc = read_ms(r, at, repeat, "delay", &r->spec->repeat_delay_ms);
	if (rc == 0)
		rc = read_ms(r, at, repeat, "period",
			     &r->spec->repeat_period_ms);
	r->spec->has_repeat = true;
	bit_set(r->spec->bits[EV_REP], REP_DELAY);
	bit_set(r->spec->bits[EV_REP], REP_PERIOD);
	return rc;
}

/* The forms differ in "axes" and "axis_info". */
static int check_root_keys(struct spec_reader *r, const json_t *root)
{
	static const char *const ours[] = {
		"$schema",    "$comment", "name", "serial_name", "ids",
		"properties", "events",	  "axes", "repeat",	 "clamp",
		"initial",    "exact",	  NULL
	};
	static const char *const peers[] = {
		"$schema",    "$comment", "name",      "serial_name", "ids",
		"properties", "events",	  "axis_info", "repeat",      "clamp",
		"initial",    "exact",	  NULL
	};

	if (!r->peers_form && json_object_get(root, "axis_info"))
		return reader_error(r, JSON_KEY(NULL, "axis_info"),
				    "\"axis_info\" requires \"events\" to be "
				    "a list; with an object it is "
				    "\"axes\": { NAME: { ... } }");
	return reader_keys(r, NULL, root, r->peers_form ? peers : ours);
}

static int read_identity(struct spec_reader *r, const json_t *root)
{
	const json_t *serial = json_object_get(root, "serial_name");
	const json_t *ids = json_object_get(root, "ids");
	json_t *name;
	int rc;

	rc = reader_member(r, NULL, root, "name", &name);
	if (rc == 0)
		rc = read_name(r, "name", name, r->spec->name);
	if (rc == 0 && r->spec->name[0] == '\0')
		rc = reader_error(r, JSON_MEMBER(NULL, "name"),
				  "must not be empty");
	if (rc == 0 && serial)
		rc = read_name(r, "serial_name", serial, r->spec->serial);
	if (rc == 0 && ids)
		rc = read_ids(r, ids);
	return rc;
}

static int read_clamp_all(struct spec_reader *r, const json_t *value)
{
	bool clamp = true;
	int rc = 0;

	if (value)
		rc = reader_bool(r, JSON_MEMBER(NULL, "clamp"), value, &clamp);
	r->unclamped = !clamp;
	return rc;
}

static int read_exact(struct spec_reader *r, const json_t *value)
{
	return value ? reader_bool(r, JSON_MEMBER(NULL, "exact"), value,
				   &r->spec->exact)
		     : 0;
}

static int read_capabilities(struct spec_reader *r, const json_t *root)
{
	const json_t *props = json_object_get(root, "properties");
	const json_t *events = json_object_get(root, "events");
	const json_t *axes =
		json_object_get(root, r->peers_form ? "axis_info" : "axes");
	const json_t *repeat = json_object_get(root, "repeat");
	int rc = read_clamp_all(r, json_object_get(root, "clamp"));

	if (rc == 0)
		rc = axes_read(r, axes);
	if (rc == 0 && events)
		rc = events_read(r, events);
	if (rc == 0)
		rc = axes_check(r, axes);
	if (rc == 0 && props)
		rc = props_read(r, props);
	if (rc == 0 && repeat)
		rc = read_repeat(r, repeat);
	if (rc == 0)
		rc = read_exact(r, json_object_get(root, "exact"));
	if (rc == 0 && spec_declares_nothing(r->spec))
		rc = reader_error(r, NULL,
				  "the device has neither \"events\" nor "
				  "\"axes\"");
	return rc;
}

static int read_root(struct spec_reader *r, const json_t *root)
{
	const json_t *initial = json_object_get(root, "initial");
	int rc = reader_object(r, NULL, root);

	r->peers_form = json_is_array(json_object_get(root, "events"));
	r->spec->ids.bustype = BUS_VIRTUAL;
	if (rc == 0)
		rc = check_root_keys(r, root);
	if (rc == 0)
		rc = read_identity(r, root);
	if (rc == 0)
		rc = read_capabilities(r, root);
	if (rc == 0)
		spec_rest_defaults(r->spec, r->no_rest);
	if (rc == 0 && initial)
		rc = initial_read(r, initial);
	return rc;
}

/* A hint about a syntax error. at: where jansson stopped, perhaps the NUL. */
static const char *syntax_hint(const char *text, size_t at)
{
	size_t before = at;
	char c = text[at];

	while (before > 0 && strchr(" \t\r\n", text[before - 1]))
		before--;
	if ((c == '}' || c == ']') && before > 0 && text[before - 1] == ',')
		return "; remove the comma before it";
	if (c == '/' || c == '#')
		return "; JSON has no comments, use \"$comment\"";
	if (c == '\'')
		return "; strings need double quotes";
	if (c == '%')
		return "; placeholders are %NAME%, in capitals";
	if (c == 'x' && at > 0 && text[at - 1] == '0')
		return "; JSON has no hexadecimal numbers";
	return "";
}

/*
 * jansson's position is after the offending token, which its text quotes after
 * "near": step back over the token.
 */
static int syntax_error(struct spec_reader *r, const json_error_t *error)
{
	const char *text = r->text->text;
	const char *near = strstr(error->text, " near '");
	size_t at = (size_t)error->position, len;
	char message[JSON_ERROR_TEXT_LENGTH + 80];

	at = at < r->text->len ? at : r->text->len;
	if (near) {
		near += strlen(" near '");
		len = strlen(near) - 1; /* the closing quote */
		if (len <= at && memcmp(text + at - len, near, len) == 0)
			at -= len;
	}
	snprintf(message, sizeof(message), "bad JSON: %s%s", error->text,
		 syntax_hint(text, at));
	return reader_text_error(r, at, message);
}

/* jansson takes three system calls to do so; it does if this fails. */
static void seed_hashes(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		json_object_seed(seed);
}

static int read_json(struct spec_reader *r)
{
	json_error_t error;
	json_t *root;
	size_t at;
	int rc;

	if (json_nested_deeper(r->text->text, r->text->len, DEPTH_MAX, &at))
		return reader_text_error(r, at,
					 "nested too deeply: more than 8 "
					 "levels");
	seed_hashes();
	root = json_loadb(r->text->text, r->text->len, JSON_REJECT_DUPLICATES,
			  &error);
	if (!root && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!root)
		return syntax_error(r, &error);
	rc = read_root(r, root);
	json_decref(root);
	return rc;
}

/* What is wrong with a recording's device has no place of its own. */
struct placeless {
	spec_diag_fn *diag;
	void *arg;
};

static void diag_placeless(void *arg, const struct spec_diag *diag)
{
	const struct placeless *p = arg;

	p->diag(p->arg, &(struct spec_diag){ .severity = diag->severity,
					     .text = diag->text });
}

/*
 * A recording's device is checked, and its axes get their rest, as those of a
 * spec in our form are.
 */
static int read_recording(struct spec_reader *r, const struct spec_text *text)
{
	struct placeless p = { r->diag, r->arg };
	struct spec device;
	struct template_fault fault;
	char *json;
	int rc;

	if (text->n_sets)
		return reader_given_error(r, NULL,
					  "a recording has no placeholders for "
					  "--set");
	rc = spec_recording_read(&device, text->bytes, text->len, &fault);
	if (rc)
		return reader_given_error(r, fault.at, fault.text);
	spec_rest_defaults(&device, 0);
	initial_settle(&device);
	json = spec_write(&device);
	if (!json)
		return reader_given_error(r, NULL,
					  "the name of the recorded device is "
					  "not UTF-8");
	rc = spec_read(
		r->spec,
		&(struct spec_text){ .bytes = json, .len = strlen(json) },
		diag_placeless, &p);
	free(json);
	return rc;
}

int spec_read(struct spec *out, const struct spec_text *text,
	      spec_diag_fn *diag, void *arg)
{
	struct spec_text given = *text;
	struct template filled = { .given = given };
	struct spec_reader r = {
		.spec = out, .text = &filled, .diag = diag, .arg = arg
	};
	struct template_fault fault;
	const size_t bom = bom_length(text->bytes, text->len);
	int rc;

	*out = (struct spec){ 0 };
	if (spec_recording_is(text->bytes + bom, text->len - bom))
		return read_recording(&r, &given);
	if (given.len > SPEC_TEXT_MAX)
		return reader_given_error(&r, NULL,
					  "the spec is longer than 1 MiB");
	given.bytes += bom;
	given.len -= bom;
	rc = template_fill(&filled, &given, &fault);
	if (rc == SPEC_E_INVALID)
		rc = reader_given_error(&r, fault.at, fault.text);
	else if (rc == 0)
		rc = read_json(&r);
	template_fini(&filled);
	return rc;
}

/* jansson rejects strings that are not UTF-8. */
static int set_text(char out[SPEC_NAME_MAX + 1], const char *s,
		    const char **why)
{
	json_t *utf8;

	*why = name_fault(s);
	if (*why)
		return SPEC_E_INVALID;
	utf8 = json_string(s);
	if (!utf8) {
		*why = "is not UTF-8";
		return SPEC_E_INVALID;
	}
	json_decref(utf8);
	strcpy(out, s);
	return 0;
}

int spec_set_name(struct spec *spec, const char *name, const char **why)
{
	if (!*name) {
		*why = "must not be empty";
		return SPEC_E_INVALID;
	}
	return set_text(spec->name, name, why);
}

int spec_set_serial(struct spec *spec, const char *serial, const char **why)
{
	return set_text(spec->serial, serial, why);
}
