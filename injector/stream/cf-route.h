/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths that Cuttlefish's web client asks for, which are those of its
 * operator (frontend/src/liboperator/operator/operator.go). Pure.
 */
#ifndef VINPUT_CF_ROUTE_H
#define VINPUT_CF_ROUTE_H

#include <stdbool.h>

/* There is one device, the guest. */
#define CF_DEVICE    "guest"
#define CF_PAGE	     "/devices/" CF_DEVICE "/files/client.html"
#define CF_ID_SIZE   40 /* of a polled connection's ID */
#define CF_PATHS_MAX 512

enum cf_route_kind {
	CF_NOTHING,
	CF_CONFIG,   /* GET /infra_config */
	CF_DEVICES,  /* GET /devices */
	CF_INFO,     /* GET /devices/D */
	CF_FILE,     /* GET /devices/D/files/PATH; path */
	CF_CONNECT,  /* WebSocket /devices/D/connect */
	CF_POLL_NEW, /* POST /polled_connections */
	CF_MESSAGES, /* GET /polled_connections/ID/messages; id */
	CF_FORWARD,  /* POST /polled_connections/ID/:forward; id */
};

struct cf_route {
	enum cf_route_kind kind;
	const char *path; /* in the text */
	char id[CF_ID_SIZE];
};

/* path: as the request has it, decoded. What is unknown is CF_NOTHING. */
void cf_route_read(struct cf_route *r, const char *path);
/* Whether it is asked for with POST. */
bool cf_route_posts(const struct cf_route *r);

#endif
