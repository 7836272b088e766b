/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use the page: tokens, each with its rights. A token is presented
 * once, in the URL, and traded for a cookie, whose value is another secret: the
 * URL may stay in a history or a log. Compared in constant time.
 */
#ifndef VINPUT_WEB_GRANT_H
#define VINPUT_WEB_GRANT_H

#include <stdbool.h>
#include <stddef.h>

#include "injector/stream/stream-rights.h"
#include "input/base/fault.h"

#define WEB_GRANTS_MAX 32
#define WEB_SECRET_LEN 32 /* of ours: 128 bits in hex */
#define WEB_TOKEN_MIN  16
#define WEB_TOKEN_MAX  128
#define WEB_TEXT_SIZE  256

struct web_grant {
	char token[WEB_TOKEN_MAX + 1];
	char cookie[WEB_SECRET_LEN + 1];
	char devices[WEB_TEXT_SIZE];  /* what rights.devices points to */
	char displays[WEB_TEXT_SIZE]; /* the same */
	struct stream_rights rights;
};

struct web_grants {
	struct web_grant at[WEB_GRANTS_MAX];
	size_t n;
};

/* A random one, in hex. Return: 0 or -errno. */
int web_secret(char secret[WEB_SECRET_LEN + 1]);

/* Make one with all rights and a random token. Return: 0 or -errno. */
int web_grants_make(struct web_grants *g);
/*
 * Read lines "TOKEN [read-only] [devices=LABEL,...]
 * [displays=NAME,...]"; # begins a comment.
 * Return: 0, or a negative errno with the fault.
 */
int web_grants_read(struct web_grants *g, const char *text, struct fault *why);

/* Return: the grant with this token or cookie, or NULL. */
const struct web_grant *web_grant_by_token(const struct web_grants *g,
					   const char *token);
/* header: of a request, "a=b; vinput-8080=..."; name: "vinput-8080". */
const struct web_grant *web_grant_by_cookie(const struct web_grants *g,
					    const char *header,
					    const char *name);

#endif
