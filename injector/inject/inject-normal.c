/* SPDX-License-Identifier: Apache-2.0 */
#include <utf8proc.h>
#include "injector/inject/inject-normal.h"
#include "injector/inject/inject-utf8.h"

struct inject_cluster inject_normal_next(const char *text, const char *end)
{
	const char *at = text;
	uint32_t ch = inject_utf8_next(&at, end);
	utf8proc_int32_t state = 0;

	/* So that any form of it fits into INJECT_CLUSTER_MAX. */
	for (int i = 1; i < INJECT_CLUSTER_MAX / 4 && at < end; i++) {
		const char *next = at;
		uint32_t follows = inject_utf8_next(&next, end);

		if (follows == INJECT_UTF8_BAD ||
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)ch,
						     (utf8proc_int32_t)follows,
						     &state))
			break;
		ch = follows;
		at = next;
	}
	return (struct inject_cluster){ text, (size_t)(at - text) };
}

static size_t form_as_given(const struct inject_cluster *cluster, uint32_t *ch)
{
	const char *at = cluster->text, *end = at + cluster->len;
	size_t n = 0;

	while (at < end && n < INJECT_CLUSTER_MAX)
		ch[n++] = inject_utf8_next(&at, end);
	return n;
}

size_t inject_normal_form(const struct inject_cluster *cluster,
			  enum inject_form form,
			  uint32_t ch[INJECT_CLUSTER_MAX])
{
	const utf8proc_option_t options =
		UTF8PROC_STABLE |
		(form == INJECT_FORM_COMPOSED ? UTF8PROC_COMPOSE
					      : UTF8PROC_DECOMPOSE);
	utf8proc_ssize_t n;

	if (form == INJECT_FORM_GIVEN)
		return form_as_given(cluster, ch);
	n = utf8proc_decompose((const utf8proc_uint8_t *)cluster->text,
			       (utf8proc_ssize_t)cluster->len,
			       (utf8proc_int32_t *)ch, INJECT_CLUSTER_MAX,
			       options);
	if (n < 0 || n > INJECT_CLUSTER_MAX)
		return 0;
	n = utf8proc_normalize_utf32((utf8proc_int32_t *)ch, n, options);
	return n < 0 ? 0 : (size_t)n;
}
