/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in canonically equivalent forms: e with an acute accent is one character
 * or two, and a layout may have keys for only one of the forms. Pure.
 */
#ifndef VINPUT_INJECT_NORMAL_H
#define VINPUT_INJECT_NORMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters of one form of a cluster. */
#define INJECT_CLUSTER_MAX 64

enum inject_form {
	INJECT_FORM_GIVEN,
	INJECT_FORM_COMPOSED,	/* NFC */
	INJECT_FORM_DECOMPOSED, /* NFD */
};
#define INJECT_FORMS 3

/* What a user takes for a character: one, and those that combine with it. */
struct inject_cluster {
	const char *text; /* UTF-8, borrowed */
	size_t len;
};

/*
 * Take the cluster at text, which MUST be before end and valid UTF-8 up to
 * there or up to what is not UTF-8.
 */
struct inject_cluster inject_normal_next(const char *text, const char *end);

/* Return: the number of characters of a form; 0: that is too many. */
size_t inject_normal_form(const struct inject_cluster *cluster,
			  enum inject_form form,
			  uint32_t ch[INJECT_CLUSTER_MAX]);

#endif
