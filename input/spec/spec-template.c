/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placeholders may stand anywhere, also outside strings ("max": %WIDTH%), so
 * they are replaced in the text: holes are found, each gets its value, and the
 * text between them and the values are concatenated. The result has the same
 * limit as a spec's text, or a few bytes of template could become gigabytes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-template.h"

/* Longer names are cut in messages. */
#define NAME_SHOWN_MAX 40

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_name(char c)
{
	return is_upper(c) || (c >= '0' && c <= '9') || c == '_';
}

static bool is_value(char c)
{
	return c != '%' && c != '"' && (unsigned char)c >= ' ';
}

/* Whether a placeholder starts at p, which is a %. */
static bool match_hole(const char *p, const char *end,
		       struct template_hole *hole)
{
	*hole = (struct template_hole){ .start = p, .name = p + 1 };
	p++;
	if (p == end || !is_upper(*p))
		return false;
	while (p < end && is_name(*p))
		p++;
	hole->name_len = (size_t)(p - hole->name);
	if (end - p > 1 && p[0] == '-' && p[1] >= '1' && p[1] <= '9') {
		hole->less = (unsigned int)(p[1] - '0');
		p += 2;
	}
	if (p < end && *p == '=') {
		hole->value = ++p;
		while (p < end && is_value(*p))
			p++;
		hole->value_len = (size_t)(p - hole->value);
	}
	if (p == end || *p != '%')
		return false;
	hole->end = p + 1;
	return true;
}

/* The first placeholder from p on. */
static bool find_hole(const char *p, const char *end,
		      struct template_hole *hole)
{
	while (p < end && (p = memchr(p, '%', (size_t)(end - p)))) {
		if (match_hole(p, end, hole))
			return true;
		p++;
	}
	return false;
}

static int find_holes(struct template *t)
{
	const char *end = t->given.bytes + t->given.len;
	struct template_hole hole;
	size_t n = 0;

	for (const char *p = t->given.bytes; find_hole(p, end, &hole);
	     p = hole.end)
		n++;
	t->holes = calloc(n ? n : 1, sizeof(*t->holes));
	if (!t->holes)
		return -ENOMEM;
	for (const char *p = t->given.bytes; t->n_holes < n; p = hole.end) {
		find_hole(p, end, &hole);
		t->holes[t->n_holes++] = hole;
	}
	return 0;
}

static bool has_name(const struct template_hole *hole, const char *name)
{
	return strlen(name) == hole->name_len &&
	       memcmp(name, hole->name, hole->name_len) == 0;
}

static int name_shown(const struct template_hole *hole)
{
	return hole->name_len < NAME_SHOWN_MAX ? (int)hole->name_len
					       : NAME_SHOWN_MAX;
}

/*
 * A value that is no number stays, so that the error shows it where it is used.
 */
static void subtract(struct template_hole *hole)
{
	char digits[sizeof(hole->number)] = { 0 };

	if (!hole->less || !hole->value_len ||
	    hole->value_len >= sizeof(digits) - 1 ||
	    strspn(hole->value, "0123456789") < hole->value_len)
		return;
	memcpy(digits, hole->value, hole->value_len);
	snprintf(hole->number, sizeof(hole->number), "%lld",
		 strtoll(digits, NULL, 10) - (long long)hole->less);
	hole->value = hole->number;
	hole->value_len = strlen(hole->number);
}

/* The last --set of a name counts, as with options elsewhere. */
static int give_values(struct template *t, struct template_fault *fault)
{
	const struct spec_set *sets = t->given.sets;

	for (size_t n = 0; n < t->n_holes; n++) {
		struct template_hole *hole = &t->holes[n];

		for (size_t i = 0; i < t->given.n_sets; i++) {
			if (!has_name(hole, sets[i].name))
				continue;
			hole->value = sets[i].value;
			hole->value_len = strlen(sets[i].value);
		}
		if (hole->value) {
			subtract(hole);
			continue;
		}
		fault->at = hole->start;
		snprintf(fault->text, sizeof(fault->text),
			 "placeholder %%%.*s%% has no value: use --set "
			 "%.*s=VALUE",
			 name_shown(hole), hole->name, name_shown(hole),
			 hole->name);
		return SPEC_E_INVALID;
	}
	return 0;
}

/* Return: the first hole of that name, NULL if there is none. */
static const struct template_hole *hole_named(const struct template *t,
					      const char *name, size_t len)
{
	for (size_t n = 0; n < t->n_holes; n++)
		if (t->holes[n].name_len == len &&
		    memcmp(t->holes[n].name, name, len) == 0)
			return &t->holes[n];
	return NULL;
}

/* A --set without a placeholder: list those that could be set. */
static int no_hole(const struct template *t, const char *name,
		   struct template_fault *fault)
{
	size_t size = sizeof(fault->text);
	const char *comma = "";
	int n;

	fault->at = NULL;
	n = snprintf(fault->text, size, "--set %.*s: no such placeholder; %s",
		     NAME_SHOWN_MAX, name,
		     t->n_holes ? "the spec has " : "the spec has none");
	for (size_t i = 0; i < t->n_holes && (size_t)n < size; i++) {
		const struct template_hole *hole = &t->holes[i];

		if (hole_named(t, hole->name, hole->name_len) != hole)
			continue;
		n += snprintf(fault->text + n, size - (size_t)n, "%s%.*s",
			      comma, name_shown(hole), hole->name);
		comma = ", ";
	}
	return SPEC_E_INVALID;
}

static int check_sets(const struct template *t, struct template_fault *fault)
{
	const struct spec_set *sets = t->given.sets;

	for (size_t i = 0; i < t->given.n_sets; i++)
		if (!hole_named(t, sets[i].name, strlen(sets[i].name)))
			return no_hole(t, sets[i].name, fault);
	return 0;
}

/* Where each value goes and how long the filled text is. */
static int lay_out(struct template *t, struct template_fault *fault)
{
	const char *p = t->given.bytes;

	for (size_t n = 0; n < t->n_holes; n++) {
		struct template_hole *hole = &t->holes[n];

		t->len += (size_t)(hole->start - p);
		hole->to = t->len;
		t->len += hole->value_len;
		p = hole->end;
		if (t->len > SPEC_TEXT_MAX)
			break;
	}
	t->len += (size_t)(t->given.bytes + t->given.len - p);
	if (t->len <= SPEC_TEXT_MAX)
		return 0;
	fault->at = NULL;
	snprintf(fault->text, sizeof(fault->text),
		 "with placeholders replaced the spec is longer than %d bytes",
		 SPEC_TEXT_MAX);
	return SPEC_E_INVALID;
}

static int concatenate(struct template *t)
{
	const char *p = t->given.bytes;
	char *to;

	t->text = malloc(t->len + 1);
	if (!t->text)
		return -ENOMEM;
	to = t->text;
	for (size_t n = 0; n < t->n_holes; n++) {
		const struct template_hole *hole = &t->holes[n];

		to = mempcpy(to, p, (size_t)(hole->start - p));
		to = mempcpy(to, hole->value, hole->value_len);
		p = hole->end;
	}
	to = mempcpy(to, p, (size_t)(t->given.bytes + t->given.len - p));
	*to = '\0';
	return 0;
}

int template_fill(struct template *t, const struct spec_text *given,
		  struct template_fault *fault)
{
	int rc;

	*t = (struct template){ .given = *given };
	rc = find_holes(t);
	if (rc == 0)
		rc = check_sets(t, fault);
	if (rc == 0)
		rc = give_values(t, fault);
	if (rc == 0)
		rc = lay_out(t, fault);
	return rc ? rc : concatenate(t);
}

void template_fini(struct template *t)
{
	free(t->text);
	free(t->holes);
	*t = TEMPLATE_NULL;
}

const char *template_origin(const struct template *t, size_t at,
			    const struct template_hole **hole)
{
	const char *start = t->given.bytes;
	size_t to = 0;

	*hole = NULL;
	for (size_t n = 0; n < t->n_holes && t->holes[n].to <= at; n++) {
		if (at < t->holes[n].to + t->holes[n].value_len) {
			*hole = &t->holes[n];
			return (*hole)->start;
		}
		start = t->holes[n].end;
		to = t->holes[n].to + t->holes[n].value_len;
	}
	return start + (at - to);
}
