/* SPDX-License-Identifier: Apache-2.0 */
/* What is posted, as it comes: as long as its request said. Pure. */
#ifndef VINPUT_WEB_BODY_H
#define VINPUT_WEB_BODY_H

#include <stddef.h>

struct web_body {
	char *bytes; /* owned; NULL: nothing is posted */
	size_t len, size;
};

/* Return: 0 or -ENOMEM. */
int web_body_begin(struct web_body *b, size_t size);
/* Return: 0; -EINVAL: more than that. data: MAY be NULL if len is 0. */
int web_body_add(struct web_body *b, const void *data, size_t len);
void web_body_end(struct web_body *b); /* idempotent */

#endif
