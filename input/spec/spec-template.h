/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces the placeholders in a spec's text before it is parsed: %NAME% or,
 * with a default, %NAME=VALUE%. NAME is a capital letter, then capitals, digits
 * and _; VALUE is anything on the line but % and ". %NAME-N% is a number, less
 * N, a digit. Any other % stands for itself. Positions in the filled text can
 * be mapped back to the given one. Pure.
 */
#ifndef VINPUT_SPEC_TEMPLATE_H
#define VINPUT_SPEC_TEMPLATE_H

#include <stddef.h>
#include "input/spec/spec-diag.h"

/* A longer text is rejected, before and after placeholders are replaced. */
#define SPEC_TEXT_MAX (1024 * 1024)

struct spec_set {
	const char *name, *value; /* of a --set NAME=VALUE */
};

/* A spec as it is given. Borrowed. */
struct spec_text {
	const char *bytes; /* of the file; need not end with NUL */
	size_t len;
	const struct spec_set *sets; /* values of placeholders */
	size_t n_sets;
};

/* A placeholder. Its strings do not end with NUL. */
struct template_hole {
	const char *start, *end; /* in the given text, from % to after % */
	const char *name;
	size_t name_len;
	unsigned int less; /* to be subtracted from the value */
	char number[12];   /* the difference, to which value then points */
	const char *value; /* the default until it is set; or NULL */
	size_t value_len;
	size_t to; /* where the value is in the filled text */
};

struct template
{
	struct spec_text given;
	struct template_hole *holes; /* in text order, owned */
	size_t n_holes;
	char *text; /* filled in, owned */
	size_t len;
};

#define TEMPLATE_NULL ((struct template){ 0 })

/* What is wrong: a placeholder without a value, or the reverse. */
struct template_fault {
	const char *at; /* in the given text; NULL: no position */
	char text[256];
};

/*
 * Replace the placeholders. What *given points to is borrowed until
 * template_fini(), which MUST be called whatever the result.
 * Return: 0; SPEC_E_INVALID with *fault; -ENOMEM.
 */
int template_fill(struct template *t, const struct spec_text *given,
		  struct template_fault *fault);
void template_fini(struct template *t); /* idempotent */

/*
 * Map a byte of the filled text back. Return: its place in the given text; for
 * a byte of a value that of the placeholder, which is then *hole (else NULL).
 */
const char *template_origin(const struct template *t, size_t at,
			    const struct template_hole **hole);

#endif
