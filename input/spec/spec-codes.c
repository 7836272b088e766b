/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range covers the codes from its first to its last by number, with or
 * without names, so that its meaning does not depend on the installed libevdev.
 *
 * In the peers' form the number is authoritative, as in the peers; a name that
 * contradicts it causes a warning only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-codes.h"
#include "input/spec/spec-names.h"

/* Longer than any name. */
#define WORD_LEN 64

static const char *code_name(unsigned int kind, unsigned int code)
{
	return kind == CODES_PROPS ? names_prop(code) : names_code(kind, code);
}

static int code_of(unsigned int kind, const char *name)
{
	return kind == CODES_PROPS ? names_to_prop(name)
				   : names_to_code(kind, name);
}

static const char *near_name(unsigned int kind, const char *name)
{
	return kind == CODES_PROPS ? names_near_prop(name)
				   : names_near_code(kind, name);
}

static int code_max(unsigned int kind)
{
	return kind == CODES_PROPS ? INPUT_PROP_MAX : names_code_max(kind);
}

/* "an EV_KEY code" */
static const char *kind_shown(char out[WORD_LEN], unsigned int kind)
{
	if (kind == CODES_PROPS)
		return "a property";
	snprintf(out, WORD_LEN, "an %s code", names_type(kind));
	return out;
}

const char *codes_show(char out[CODE_SHOWN_LEN], unsigned int kind,
		       unsigned int code)
{
	const char *name = code_name(kind, code);

	if (name)
		snprintf(out, CODE_SHOWN_LEN, "%s (%u)", name, code);
	else
		snprintf(out, CODE_SHOWN_LEN, "%u", code);
	return out;
}

static int check_code(struct spec_reader *r, const struct json_path *at,
		      unsigned int kind, int64_t number)
{
	const char *prefix =
		kind == CODES_PROPS ? "INPUT_PROP" : names_type(kind) + 3;

	if (number < 0)
		return reader_error(r, at,
				    "invalid code %lld: must be in 0..%d",
				    (long long)number, code_max(kind));
	if (number > code_max(kind))
		return reader_error(r, at, "code %lld exceeds %s_MAX (%d)",
				    (long long)number, prefix, code_max(kind));
	return 0;
}

/* Return: the kind that a name belongs to, or -1. */
static int kind_of(const char *name)
{
	for (unsigned int type = 0; type < EV_MAX; type++)
		if (names_type(type) && names_to_code(type, name) >= 0)
			return (int)type;
	return names_to_prop(name) >= 0 ? CODES_PROPS : -1;
}

static int no_such_name(struct spec_reader *r, const struct json_path *at,
			unsigned int kind, const char *name)
{
	char buf[WORD_LEN], other_buf[WORD_LEN];
	int other = kind_of(name);
	const char *near = near_name(kind, name);

	if (names_is_limit(name))
		return reader_error(r, at, "%.40s is a limit, not %s", name,
				    kind_shown(buf, kind));
	if (other >= 0)
		return reader_error(r, at, "%s is not %s but %s", name,
				    kind_shown(buf, kind),
				    kind_shown(other_buf, (unsigned int)other));
	if (near)
		return reader_error(r, at, "%.40s is not %s; did you mean %s?",
				    name, kind_shown(buf, kind), near);
	return reader_error(r, at, "\"%.40s\" is not %s", name,
			    kind_shown(buf, kind));
}

/* One end of a range. */
static int read_one(struct spec_reader *r, const struct json_path *at,
		    unsigned int kind, const char *word, unsigned int *out)
{
	int64_t number;
	int rc;

	if (!reader_number_word(word, &number)) {
		number = code_of(kind, word);
		if (number < 0)
			return no_such_name(r, at, kind, word);
	}
	rc = check_code(r, at, kind, number);
	*out = (unsigned int)number;
	return rc;
}

int codes_read_word(struct spec_reader *r, const struct json_path *at,
		    unsigned int kind, const char *word, struct code_range *out)
{
	const char *dots = strstr(word, "..");
	char first[WORD_LEN], last[CODE_SHOWN_LEN];
	int rc;

	if (!dots) {
		rc = read_one(r, at, kind, word, &out->first);
		out->last = out->first;
		return rc;
	}
	snprintf(first, sizeof(first), "%.*s",
		 dots - word < WORD_LEN ? (int)(dots - word) : WORD_LEN, word);
	rc = read_one(r, at, kind, first, &out->first);
	if (rc == 0)
		rc = read_one(r, at, kind, dots + 2, &out->last);
	if (rc == 0 && out->first > out->last)
		rc = reader_error(r, at, "the range %s..%s is reversed",
				  codes_show(first, kind, out->first),
				  codes_show(last, kind, out->last));
	return rc;
}

int codes_read(struct spec_reader *r, const struct json_path *at,
	       unsigned int kind, const json_t *value, struct code_range *out)
{
	char shown[READER_SHOWN_LEN], buf[WORD_LEN];
	json_int_t number = json_integer_value(value);

	if (json_is_string(value))
		return codes_read_word(r, at, kind, json_string_value(value),
				       out);
	if (!json_is_integer(value))
		return reader_error(
			r, at, "expected the name or number of %s, not %s",
			kind_shown(buf, kind), reader_show(shown, value));
	out->first = out->last = (unsigned int)number;
	return check_code(r, at, kind, number);
}

void codes_check_name(struct spec_reader *r, const struct json_path *at,
		      unsigned int kind, const char *name, unsigned int code)
{
	int named = code_of(kind, name);
	char buf[WORD_LEN], shown[CODE_SHOWN_LEN];

	if (named == (int)code)
		return;
	if (named >= 0)
		reader_warn(r, at,
			    "%s is %d, not %u; the number takes precedence: "
			    "%s",
			    name, named, code, codes_show(shown, kind, code));
	else if (code_name(kind, code))
		reader_warn(r, at,
			    "\"%.40s\" is not %s; the number takes "
			    "precedence: %s",
			    name, kind_shown(buf, kind),
			    codes_show(shown, kind, code));
}

int codes_read_number(struct spec_reader *r, const struct json_path *at,
		      unsigned int kind, const json_t *number,
		      struct code_range *out)
{
	int64_t code;
	int rc;

	rc = reader_int(r, at, number, INT64_MIN, INT64_MAX, &code);
	if (rc == 0)
		rc = check_code(r, at, kind, code);
	out->first = out->last = rc ? 0 : (unsigned int)code;
	return rc;
}

static int declare_one(struct spec_reader *r, const struct json_path *at,
		       unsigned int kind, unsigned int code)
{
	uint8_t *bits =
		kind == CODES_PROPS ? r->spec->props : r->spec->bits[kind];
	char shown[CODE_SHOWN_LEN];

	if (kind == EV_KEY && code == KEY_RESERVED)
		return reader_complain(r, at, CODES_RESERVED_KEY);
	if (kind == EV_ABS && !(r->axes >> code & 1))
		return reader_error(r, at, "%s has no range in \"axis_info\"",
				    codes_show(shown, kind, code));
	if (bit_test(bits, code))
		return reader_complain(r, at, "%s is declared twice",
				       codes_show(shown, kind, code));
	bit_set(bits, code);
	return 0;
}

int codes_declare(struct spec_reader *r, const struct json_path *at,
		  unsigned int kind, struct code_range codes)
{
	int rc = 0;

	for (unsigned int c = codes.first; rc == 0 && c <= codes.last; c++)
		rc = declare_one(r, at, kind, c);
	return rc;
}
