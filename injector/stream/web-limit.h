/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures of addresses: one that presented WEB_FAILURES_MAX wrong tokens is
 * refused until WEB_FAILURES_S have passed since the last one. Of many
 * addresses the one that failed longest ago is forgotten. Pure.
 */
#ifndef VINPUT_WEB_LIMIT_H
#define VINPUT_WEB_LIMIT_H

#include <stdbool.h>

#define WEB_FAILURES_MAX  10
#define WEB_FAILURES_S	  60
#define WEB_ADDRESSES_MAX 64
#define WEB_ADDRESS_SIZE  48 /* of an IPv6 address as text */

struct web_limit {
	struct web_failures {
		char address[WEB_ADDRESS_SIZE]; /* "": unused */
		unsigned int n;
		double last; /* seconds */
	} at[WEB_ADDRESSES_MAX];
};

/* now_s: of any clock that does not go back. */
bool web_limit_refuses(const struct web_limit *l, const char *address,
		       double now_s);
void web_limit_note(struct web_limit *l, const char *address, double now_s);

#endif
