/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients of Cuttlefish's that cannot have a WebSocket and ask for messages by
 * HTTP from time to time: after a second, and up to a minute later when there
 * were none. Nothing tells when such a client is gone, so each token has few of
 * them, and one that has no data channels and is silent is forgotten. Loop
 * thread only.
 */
#ifndef VINPUT_CF_POLLED_H
#define VINPUT_CF_POLLED_H

#include <ev.h>
#include <sys/queue.h>

#include "injector/stream/cf-client.h"
#include "injector/stream/web-grant.h"

#define CF_POLLED_MAX	 8	     /* of a token */
#define CF_POLLED_S	 150	     /* for how long it may be silent */
#define CF_POLLED_UNREAD (64 * 1024) /* bytes of messages */

struct cf_polled_client;

struct cf_polled {
	struct ev_loop *loop;
	const struct cf_clients *all; /* borrowed */
	LIST_HEAD(, cf_polled_client) list;
	ev_timer look; /* for silence; only while there are some */
};

void cf_polled_init(struct cf_polled *p, struct ev_loop *loop,
		    const struct cf_clients *all);
void cf_polled_fini(struct cf_polled *p);

/*
 * A new one. Of CF_POLLED_MAX others of this grant, which is borrowed, the one
 * without data channels that is silent for longest is forgotten. Return: NULL:
 * all have data channels, or no memory.
 */
struct cf_polled_client *cf_polled_new(struct cf_polled *p,
				       const struct web_grant *grant);
/* Return: the one with this ID, if it belongs to this grant; or NULL. */
struct cf_polled_client *cf_polled_find(struct cf_polled *p, const char *id,
					const struct web_grant *grant);

const char *cf_polled_id(const struct cf_polled_client *c);
/* Return: 0; -EPROTO: it was freed. */
int cf_polled_take(struct cf_polled_client *c, const json_t *message);
/*
 * Return: a JSON array of the messages but for the first start, count at most,
 * as text that is owned by the caller; NULL: no memory.
 */
char *cf_polled_messages(struct cf_polled_client *c, size_t start,
			 size_t count);

#endif
