/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/web-body.h"

int web_body_begin(struct web_body *b, size_t size)
{
	web_body_end(b);
	b->bytes = malloc(size + 1);
	b->size = size;
	return b->bytes ? 0 : -ENOMEM;
}

int web_body_add(struct web_body *b, const void *data, size_t len)
{
	if (!b->bytes || len > b->size - b->len)
		return -EINVAL;
	if (len)
		memcpy(b->bytes + b->len, data, len);
	b->len += len;
	return 0;
}

void web_body_end(struct web_body *b)
{
	free(b->bytes);
	*b = (struct web_body){ .bytes = NULL };
}
