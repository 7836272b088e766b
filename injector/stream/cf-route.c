/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/stream/cf-route.h"

static const char *skip(const char *path, const char *prefix)
{
	const size_t len = strlen(prefix);

	return strncmp(path, prefix, len) ? NULL : path + len;
}

static void route_read_device(struct cf_route *r, const char *rest)
{
	const char *path;

	if (!*rest)
		r->kind = CF_INFO;
	else if (!strcmp(rest, "/connect"))
		r->kind = CF_CONNECT;
	else if ((path = skip(rest, "/files/")) && *path) {
		r->kind = CF_FILE;
		r->path = path;
	}
}

static void route_read_polled(struct cf_route *r, const char *rest)
{
	const size_t len = strcspn(rest, "/");

	if (len >= sizeof(r->id))
		return;
	memcpy(r->id, rest, len);
	r->id[len] = '\0';
	if (!strcmp(rest + len, "/messages"))
		r->kind = CF_MESSAGES;
	else if (!strcmp(rest + len, "/:forward"))
		r->kind = CF_FORWARD;
}

void cf_route_read(struct cf_route *r, const char *path)
{
	const char *rest;

	*r = (struct cf_route){ .kind = CF_NOTHING };
	if (!strcmp(path, "/infra_config"))
		r->kind = CF_CONFIG;
	else if (!strcmp(path, "/devices"))
		r->kind = CF_DEVICES;
	else if (!strcmp(path, "/polled_connections"))
		r->kind = CF_POLL_NEW;
	else if ((rest = skip(path, "/devices/" CF_DEVICE)))
		route_read_device(r, rest);
	else if ((rest = skip(path, "/polled_connections/")))
		route_read_polled(r, rest);
}

bool cf_route_posts(const struct cf_route *r)
{
	return r->kind == CF_POLL_NEW || r->kind == CF_FORWARD;
}
