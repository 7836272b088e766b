/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A diagnostic says where (line, column, and the path of the value, such as
 * "axes.ABS_X.max"), what was found, and what would be right. The position is
 * found by the path in the filled text (json-where.h), and from that in the
 * template (spec-template.h). Whatever the spec holds, the text is valid UTF-8
 * without control characters, because it is logged.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/base/near.h"
#include "input/spec/spec-reader.h"

#define DIAG_LEN 512

struct diag_text {
	char text[DIAG_LEN];
};

static void __attribute__((format(printf, 2, 0)))
diag_addv(struct diag_text *t, const char *format, va_list args)
{
	const size_t len = strlen(t->text);

	vsnprintf(t->text + len, sizeof(t->text) - len, format, args);
}

static void __attribute__((format(printf, 2, 3)))
diag_add(struct diag_text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_addv(t, format, args);
	va_end(args);
}

static void diag_add_path(struct diag_text *t, const struct json_path *at)
{
	if (!at)
		return;
	diag_add_path(t, at->up);
	if (at->key)
		diag_add(t, "%s%.40s", at->up ? "." : "", at->key);
	else
		diag_add(t, "[%zu]", at->index);
}

/* Return: the length of the printable UTF-8 character at s, or 0. */
static size_t utf8_len(const char *s)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0xc2   ? 0
		   : c < 0xe0 ? 2
		   : c < 0xf0 ? 3
		   : c < 0xf5 ? 4
			      : 0;

	if (c < 0x80)
		return c < ' ' || c == 0x7f ? 0 : 1;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Replace control characters and invalid UTF-8, such as a cut character. */
static void make_printable(char *s)
{
	while (*s) {
		size_t n = utf8_len(s);

		if (n == 0)
			*s = '?';
		s += n ? n : 1;
	}
}

static void reader_report(struct spec_reader *r, struct spec_diag *diag,
			  const char *place, struct diag_text *t)
{
	const char *start = r->text->given.bytes;

	if (place) {
		diag->line = 1;
		for (const char *p = start; p < place; p++) {
			if (*p == '\n') {
				diag->line++;
				start = p + 1;
			}
		}
		diag->column = 1;
		for (const char *p = start; p < place; p++)
			diag->column += (*p & 0xc0) != 0x80;
	}
	make_printable(t->text);
	diag->text = t->text;
	r->diag(r->arg, diag);
}

static void reader_report_filled(struct spec_reader *r, struct spec_diag *diag,
				 size_t at, struct diag_text *t)
{
	const struct template_hole *hole;
	const char *place = template_origin(r->text, at, &hole);

	if (hole)
		diag_add(t, " (in the value of %%%.*s%%)",
			 hole->name_len < 40 ? (int)hole->name_len : 40,
			 hole->name);
	reader_report(r, diag, place, t);
}

static void __attribute__((format(printf, 4, 0)))
reader_report_value(struct spec_reader *r, enum spec_severity severity,
		    const struct json_path *at, const char *format,
		    va_list args)
{
	struct spec_diag diag = { .severity = severity };
	struct diag_text t = { "" };
	const struct json_path *shown = at && at->the_key ? at->up : at;

	diag_add_path(&t, shown);
	if (shown)
		diag_add(&t, ": ");
	diag_addv(&t, format, args);
	reader_report_filled(r, &diag,
			     json_where(r->text->text, r->text->len, at), &t);
}

int reader_error(struct spec_reader *r, const struct json_path *at,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reader_report_value(r, SPEC_ERROR, at, format, args);
	va_end(args);
	return SPEC_E_INVALID;
}

void reader_warn(struct spec_reader *r, const struct json_path *at,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reader_report_value(r, SPEC_WARNING, at, format, args);
	va_end(args);
}

int reader_complain(struct spec_reader *r, const struct json_path *at,
		    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reader_report_value(r, r->peers_form ? SPEC_WARNING : SPEC_ERROR, at,
			    format, args);
	va_end(args);
	return r->peers_form ? 0 : SPEC_E_INVALID;
}

int reader_text_error(struct spec_reader *r, size_t at, const char *text)
{
	struct spec_diag diag = { .severity = SPEC_ERROR };
	struct diag_text t = { "" };

	diag_add(&t, "%s", text);
	reader_report_filled(r, &diag, at, &t);
	return SPEC_E_INVALID;
}

int reader_given_error(struct spec_reader *r, const char *place,
		       const char *text)
{
	struct spec_diag diag = { .severity = SPEC_ERROR };
	struct diag_text t = { "" };

	diag_add(&t, "%s", text);
	reader_report(r, &diag, place, &t);
	return SPEC_E_INVALID;
}

const char *reader_show(char out[READER_SHOWN_LEN], const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		snprintf(out, READER_SHOWN_LEN, "\"%.40s\"",
			 json_string_value(value));
		return out;
	case JSON_INTEGER:
		snprintf(out, READER_SHOWN_LEN, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return out;
	case JSON_REAL:
		snprintf(out, READER_SHOWN_LEN, "the real number %g",
			 json_real_value(value));
		return out;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	}
	return "?";
}

static bool reader_is_listed(const char *const *keys, const char *key)
{
	while (*keys && strcmp(*keys, key) != 0)
		keys++;
	return *keys != NULL;
}

/* When no key is similar. */
static void diag_add_keys(struct diag_text *t, const char *const *keys)
{
	for (size_t i = 0; keys[i]; i++)
		diag_add(t, "%s%s", i ? ", " : "; valid keys: ", keys[i]);
}

static int unknown_key(struct spec_reader *r, const struct json_path *at,
		       const char *key, const char *const *keys)
{
	const char *near = near_word(keys, key);
	struct diag_text t = { "" };

	if (near)
		diag_add(&t, "; did you mean \"%s\"?", near);
	else
		diag_add_keys(&t, keys);
	return reader_complain(r, JSON_KEY(at, key), "unknown key \"%.40s\"%s",
			       key, t.text);
}

int reader_keys(struct spec_reader *r, const struct json_path *at,
		const json_t *object, const char *const *keys)
{
	const char *key;
	json_t *value;
	int rc = 0;

	json_object_foreach((json_t *)object, key, value)
	{
		if (!reader_is_listed(keys, key))
			rc = unknown_key(r, at, key, keys);
		if (rc)
			break;
	}
	return rc;
}

int reader_int(struct spec_reader *r, const struct json_path *at,
	       const json_t *value, int64_t min, int64_t max, int64_t *out)
{
	char shown[READER_SHOWN_LEN];

	if (!json_is_integer(value))
		return reader_error(r, at, "expected an integer, not %s",
				    reader_show(shown, value));
	*out = json_integer_value(value);
	if (*out < min || *out > max)
		return reader_error(r, at, "%lld is not in %lld..%lld",
				    (long long)*out, (long long)min,
				    (long long)max);
	return 0;
}

int reader_string(struct spec_reader *r, const struct json_path *at,
		  const json_t *value, const char **out)
{
	char shown[READER_SHOWN_LEN];

	*out = json_string_value(value);
	if (*out)
		return 0;
	return reader_error(r, at, "expected a string, not %s",
			    reader_show(shown, value));
}

int reader_bool(struct spec_reader *r, const struct json_path *at,
		const json_t *value, bool *out)
{
	char shown[READER_SHOWN_LEN];

	*out = json_is_true(value);
	if (json_is_boolean(value))
		return 0;
	return reader_error(r, at, "expected true or false, not %s",
			    reader_show(shown, value));
}

int reader_object(struct spec_reader *r, const struct json_path *at,
		  const json_t *value)
{
	char shown[READER_SHOWN_LEN];

	if (json_is_object(value))
		return 0;
	return reader_error(r, at, "expected an object, { }, not %s",
			    reader_show(shown, value));
}

int reader_array(struct spec_reader *r, const struct json_path *at,
		 const json_t *value)
{
	char shown[READER_SHOWN_LEN];

	if (json_is_array(value))
		return 0;
	return reader_error(r, at, "expected a list, [ ], not %s",
			    reader_show(shown, value));
}

int reader_member(struct spec_reader *r, const struct json_path *at,
		  const json_t *object, const char *key, json_t **out)
{
	*out = json_object_get(object, key);
	return *out ? 0 : reader_error(r, at, "\"%s\" is missing", key);
}

bool reader_number_word(const char *word, int64_t *out)
{
	bool hex = strncmp(word, "0x", 2) == 0;
	const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";

	word += hex ? 2 : 0;
	if (!*word || word[strspn(word, digits)])
		return false;
	*out = strtoll(word, NULL, hex ? 16 : 10); /* saturates */
	return true;
}
