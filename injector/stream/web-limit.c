/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/stream/web-limit.h"

static bool limit_is_recent(const struct web_failures *f, double now_s)
{
	return f->address[0] && now_s - f->last < WEB_FAILURES_S;
}

bool web_limit_refuses(const struct web_limit *l, const char *address,
		       double now_s)
{
	for (int i = 0; i < WEB_ADDRESSES_MAX; i++)
		if (!strcmp(l->at[i].address, address))
			return limit_is_recent(&l->at[i], now_s) &&
			       l->at[i].n >= WEB_FAILURES_MAX;
	return false;
}

/* Return: the address' place, or the one that failed longest ago. */
static struct web_failures *limit_place(struct web_limit *l,
					const char *address)
{
	struct web_failures *oldest = &l->at[0];

	for (int i = 0; i < WEB_ADDRESSES_MAX; i++) {
		if (!strcmp(l->at[i].address, address))
			return &l->at[i];
		if (l->at[i].last < oldest->last)
			oldest = &l->at[i];
	}
	*oldest = (struct web_failures){ .n = 0 };
	strncpy(oldest->address, address, sizeof(oldest->address) - 1);
	return oldest;
}

void web_limit_note(struct web_limit *l, const char *address, double now_s)
{
	struct web_failures *f = limit_place(l, address);

	if (!limit_is_recent(f, now_s))
		f->n = 0;
	f->n++;
	f->last = now_s;
}
