/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "injector/stream/web-origin.h"

/* Whether text is NAME:PORT, or NAME if the port is the scheme's. */
static bool origin_names(const struct web_origin *o, const char *name,
			 const char *text)
{
	const size_t len = strlen(name);
	char port[16];

	if (strncasecmp(text, name, len))
		return false;
	snprintf(port, sizeof(port), ":%d", o->port);
	return !strcmp(text + len, port) ||
	       (!text[len] && o->port == (o->tls ? 443 : 80));
}

bool web_origin_has_host(const struct web_origin *o, const char *host)
{
	for (size_t i = 0; i < o->n_hosts; i++)
		if (origin_names(o, o->host[i], host))
			return true;
	return false;
}

bool web_origin_is(const struct web_origin *o, const char *origin,
		   const char *host)
{
	const char *scheme = o->tls ? "https://" : "http://";
	const size_t len = strlen(scheme);

	return !strncmp(origin, scheme, len) &&
	       !strcasecmp(origin + len, host) && web_origin_has_host(o, host);
}
