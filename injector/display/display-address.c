/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "injector/display/display-address.h"
#include "input/base/fd.h"

#define UNIX_PREFIX "unix:"
#define NAME_CHARS                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_"

size_t display_name_len(const char *text)
{
	const size_t len = strspn(text, NAME_CHARS);

	return text[len] == '=' ? len : 0;
}

static int address_take_name(struct displays *d, struct display_address *a,
			     const char *text, struct fault *why)
{
	const size_t len = display_name_len(text);

	if (len >= sizeof(a->name))
		return fault_set(why, "a name has at most %d characters",
				 DISPLAY_NAME_SIZE - 1);
	if (len)
		snprintf(a->name, sizeof(a->name), "%.*s", (int)len, text);
	else
		snprintf(a->name, sizeof(a->name), "%zu", d->n);
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->at[i].name, a->name))
			return fault_set(why, "another display has the name %s",
					 a->name);
	return 0;
}

static int address_take_path(struct display_address *a, const char *path,
			     struct fault *why)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&a->place[0].addr;
	const size_t len = strlen(path);

	if (!len || len >= sizeof(un->sun_path))
		return fault_set(why, "the path must have 1 to %zu characters",
				 sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	a->place[0].len =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	a->n_places = 1;
	return 0;
}

/* getaddrinfo() takes what is too large modulo 65536. */
static int address_check_port(const char *port, struct fault *why)
{
	const size_t len = strlen(port);

	if (!len || len > 5 || strspn(port, "0123456789") != len ||
	    atoi(port) < 1 || atoi(port) > UINT16_MAX)
		return fault_set(why,
				 "invalid port %.60s: must be a number from 1 "
				 "to 65535",
				 port);
	return 0;
}

static void address_add_place(struct display_address *a,
			      const struct addrinfo *info)
{
	struct display_place *place = &a->place[a->n_places++];

	memcpy(&place->addr, info->ai_addr, info->ai_addrlen);
	place->len = info->ai_addrlen;
}

/* text: "HOST:PORT" or "[IPv6]:PORT". */
static int address_look_up(struct display_address *a, const char *text,
			   struct fault *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	const char *port = strrchr(text, ':') + 1;
	const bool v6 = *text == '[';
	int len = (int)(port - 1 - text);
	char host[256];
	struct addrinfo *found;
	int r = address_check_port(port, why);

	if (r)
		return r;
	if (v6 && text[len - 1] == ']')
		len -= 2;
	snprintf(host, sizeof(host), "%.*s", len, text + v6);
	r = getaddrinfo(host, port, &hints, &found);
	if (r)
		return fault_set(why, "%s", gai_strerror(r));
	for (const struct addrinfo *at = found;
	     at && a->n_places < DISPLAY_PLACES_MAX; at = at->ai_next)
		address_add_place(a, at);
	freeaddrinfo(found);
	return 0;
}

int displays_add(struct displays *d, const char *text, struct fault *why)
{
	struct display_address *a = &d->at[d->n];
	const size_t name = display_name_len(text);
	int r;

	if (d->n == DISPLAYS_MAX)
		return fault_set(why, "more than %d displays", DISPLAYS_MAX);
	*a = (struct display_address){ .where = text + name + (name > 0) };
	r = address_take_name(d, a, text, why);
	if (r)
		return r;
	if (!strncmp(a->where, UNIX_PREFIX, strlen(UNIX_PREFIX)))
		r = address_take_path(a, a->where + strlen(UNIX_PREFIX), why);
	else if (strchr(a->where, ':'))
		r = address_look_up(a, a->where, why);
	else
		r = fault_set(why, "must be unix:PATH or HOST:PORT");
	d->n += !r;
	return r;
}

void displays_fini(struct displays *d)
{
	while (d->n)
		rfb_auth_free(d->at[--d->n].auth);
}

uint16_t display_address_port(const struct display_address *a)
{
	const struct sockaddr_storage *addr = &a->place[0].addr;

	switch (addr->ss_family) {
	case AF_INET:
		return ntohs(((const struct sockaddr_in *)addr)->sin_port);
	case AF_INET6:
		return ntohs(((const struct sockaddr_in6 *)addr)->sin6_port);
	}
	return 0;
}

int display_place_connect(const struct display_place *place)
{
	_cleanup_close_ int fd =
		socket(place->addr.ss_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&place->addr, place->len) <
		    0 &&
	    errno != EINPROGRESS)
		return -errno;
	if (place->addr.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return steal_fd(&fd);
}
