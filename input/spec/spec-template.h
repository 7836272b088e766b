/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills in the placeholders of a spec's text before it is JSON: %NAME% or,
 * with a default, %NAME=VALUE%. NAME is a capital letter and then capitals,
 * digits and _; VALUE is anything on the line but % and ". Any other % is a
 * per cent sign. Keeps the way back from the filled text to the given one.
 * Pure.
 */
#ifndef VINPUT_SPEC_TEMPLATE_H
#define VINPUT_SPEC_TEMPLATE_H

#include <stddef.h>
#include "input/spec/spec-diag.h"

/* A larger text is refused, filled in or not. */
#define SPEC_TEXT_MAX (1024 * 1024)

struct spec_set {
	const char *name, *value; /* of a --set NAME=VALUE */
};

/* A placeholder. Nothing here ends with NUL. */
struct template_hole {
	const char *start, *end; /* in the given text, % and behind % */
	const char *name;
	size_t name_len;
	const char *value; /* the default until it is filled in; or NULL */
	size_t value_len;
	size_t to; /* where the value is in the filled text */
};

struct template
{
	const char *given; /* borrowed */
	size_t given_len;
	struct template_hole *holes; /* in the order of the text, owned */
	size_t n_holes;
	char *text; /* filled in, owned */
	size_t len;
};

#define TEMPLATE_NULL ((struct template){ 0 })

/* A placeholder without a value, a value without a placeholder. */
struct template_fault {
	const char *at; /* in the given text; NULL: no place in it */
	char text[256];
};

/*
 * Fill in a text. The text and the sets are borrowed until template_fini(),
 * which is due whatever the result.
 * Return: 0; SPEC_E_INVALID with *fault; -ENOMEM.
 */
int template_fill(struct template *t, const char *text, size_t len,
		  const struct spec_set *sets, size_t n_sets,
		  struct template_fault *fault);
void template_fini(struct template *t); /* idempotent */

/*
 * Where a byte of the filled text comes from. Return: its place in the given
 * text; that of the placeholder, which is then *hole (else NULL), if it comes
 * from a value.
 */
const char *template_origin(const struct template *t, size_t at,
			    const struct template_hole **hole);

#endif
