/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/cf-polled.h"
#include "input/base/clock.h"
#include "input/base/container.h"

#define LOOK_S 15.0

struct cf_polled_client {
	LIST_ENTRY(cf_polled_client) link;
	const struct web_grant *grant;
	char id[WEB_SECRET_LEN + 1];
	struct cf_client client;
	char **message; /* owned, and all of them: it may ask again */
	size_t n, bytes;
	double heard; /* when it asked last */
	bool failed;
};

static void polled_free(struct cf_polled_client *c)
{
	LIST_REMOVE(c, link);
	cf_client_fini(&c->client);
	for (size_t i = 0; i < c->n; i++)
		free(c->message[i]);
	free(c->message);
	free(c);
}

/* --- what it is sent --- */

static void polled_fail(struct cf_polled_client *c)
{
	c->failed = true;
	cf_client_hang_up(&c->client);
}

static void on_polled_send(struct cf_client *client, const char *text)
{
	struct cf_polled_client *c =
		container_of(client, struct cf_polled_client, client);
	const size_t len = strlen(text);
	char **message = NULL;
	char *copy = NULL;

	if (c->failed)
		return;
	if (c->bytes + len <= CF_POLLED_UNREAD)
		message = realloc(c->message, (c->n + 1) * sizeof(*message));
	if (message) {
		c->message = message;
		copy = strdup(text);
	}
	if (!copy) {
		client->session.all->counters->unread++;
		polled_fail(c);
		return;
	}
	c->message[c->n++] = copy;
	c->bytes += len;
}

static void on_polled_failed(struct cf_client *client)
{
	polled_fail(container_of(client, struct cf_polled_client, client));
}

static const struct cf_client_ops polled_ops = {
	.send = on_polled_send,
	.failed = on_polled_failed,
};

char *cf_polled_messages(struct cf_polled_client *c, size_t start, size_t count)
{
	size_t len = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	c->heard = clock_s();
	if (!out)
		return NULL;
	fputc('[', out);
	for (size_t i = start; i < c->n && i - start < count; i++)
		fprintf(out, "%s%s", i > start ? "," : "", c->message[i]);
	fputc(']', out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- all of them --- */

static bool polled_is_gone(const struct cf_polled_client *c, double now)
{
	return c->failed || (!c->client.peer && now - c->heard > CF_POLLED_S);
}

static void on_look(struct ev_loop *loop, ev_timer *look, int events)
{
	struct cf_polled *p = container_of(look, struct cf_polled, look);
	struct cf_polled_client *c = LIST_FIRST(&p->list);

	while (c) {
		struct cf_polled_client *next = LIST_NEXT(c, link);

		if (polled_is_gone(c, clock_s()))
			polled_free(c);
		c = next;
	}
	if (LIST_EMPTY(&p->list))
		ev_timer_stop(loop, look);
}

void cf_polled_init(struct cf_polled *p, struct ev_loop *loop,
		    const struct cf_clients *all)
{
	*p = (struct cf_polled){ .loop = loop, .all = all };
	ev_timer_init(&p->look, on_look, LOOK_S, LOOK_S);
}

void cf_polled_fini(struct cf_polled *p)
{
	if (!p->loop)
		return;
	ev_timer_stop(p->loop, &p->look);
	while (!LIST_EMPTY(&p->list))
		polled_free(LIST_FIRST(&p->list));
}

/* Return: whether the grant may have one more. */
static bool polled_make_room(struct cf_polled *p, const struct web_grant *grant)
{
	struct cf_polled_client *c, *oldest = NULL;
	unsigned int n = 0;

	LIST_FOREACH (c, &p->list, link) {
		if (c->grant != grant)
			continue;
		n++;
		if (!c->client.peer && (!oldest || c->heard < oldest->heard))
			oldest = c;
	}
	if (n < CF_POLLED_MAX)
		return true;
	if (oldest)
		polled_free(oldest);
	return oldest;
}

struct cf_polled_client *cf_polled_new(struct cf_polled *p,
				       const struct web_grant *grant)
{
	struct cf_polled_client *c;

	if (!polled_make_room(p, grant))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c || web_secret(c->id)) {
		free(c);
		return NULL;
	}
	c->grant = grant;
	c->heard = clock_s();
	cf_client_init(&c->client, p->all, &grant->rights, &polled_ops);
	LIST_INSERT_HEAD(&p->list, c, link);
	if (!ev_is_active(&p->look))
		ev_timer_again(p->loop, &p->look);
	return c;
}

struct cf_polled_client *cf_polled_find(struct cf_polled *p, const char *id,
					const struct web_grant *grant)
{
	struct cf_polled_client *c;

	LIST_FOREACH (c, &p->list, link)
		if (!c->failed && c->grant == grant && !strcmp(c->id, id))
			return c;
	return NULL;
}

const char *cf_polled_id(const struct cf_polled_client *c)
{
	return c->id;
}

int cf_polled_take(struct cf_polled_client *c, const json_t *message)
{
	const int r = cf_client_take(&c->client, message);

	c->heard = clock_s();
	if (r)
		polled_free(c);
	return r;
}
