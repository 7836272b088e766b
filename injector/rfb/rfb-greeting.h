/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake with a VNC server, as its viewer (RFC 6143 §7.1 to §7.3): RFB
 * 3.3, 3.7 or 3.8, with a password if one is needed, sharing the picture with
 * others. Pure.
 */
#ifndef VINPUT_RFB_GREETING_H
#define VINPUT_RFB_GREETING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/rfb/rfb-auth.h"
#include "injector/rfb/rfb-wire.h"

enum rfb_greeting_error {
	RFB_GREETING_E_NO_RFB = 1,  /* no VNC server */
	RFB_GREETING_E_VERSION,	    /* not 3.x */
	RFB_GREETING_E_NO_PASSWORD, /* it wants one, and there is none */
	RFB_GREETING_E_SECURITY,    /* it wants something else, as TLS */
	RFB_GREETING_E_REFUSED,	    /* it said why: g->bytes, g->n */
	RFB_GREETING_E_PASSWORD, /* the same, after it got the password's answer
				  */
	RFB_GREETING_E_LENGTH,	 /* a name or reason is too long */
};

enum rfb_greeting_state {
	RFB_GREETING_VERSION,	/* waits for the server's version */
	RFB_GREETING_TYPE,	/* 3.3: the type on which the server decides */
	RFB_GREETING_COUNT,	/* 3.7, 3.8: how many types it offers */
	RFB_GREETING_TYPES,	/* which they are */
	RFB_GREETING_CHALLENGE, /* a password is needed */
	RFB_GREETING_RESULT,	/* 3.8, or with a password */
	RFB_GREETING_REASON_LEN,
	RFB_GREETING_REASON,
	RFB_GREETING_INIT, /* ServerInit */
	RFB_GREETING_NAME,
	RFB_GREETING_DONE,
};

/* Filled with zeros: nothing came yet. */
struct rfb_greeting {
	enum rfb_greeting_state state;
	struct rfb_auth *auth; /* the caller's, of a password; NULL: none */
	bool answered;	       /* a challenge */
	uint8_t minor;	       /* 3, 7 or 8: the version of both */
	/* What the state waits for; when it is done, ServerInit, n bytes. */
	uint8_t bytes[RFB_INIT_LEN + RFB_NAME_MAX];
	size_t n;
	/* To be sent to the server; the caller sets n_out to 0 when it is. */
	uint8_t out[RFB_VERSION_LEN + 1 + RFB_CHALLENGE_LEN + 1];
	size_t n_out;
};

/*
 * Take bytes of the server's, split anywhere, up to the end of its ServerInit;
 * *used: how many were taken.
 * Return: 0, g->state says whether it is done; RFB_GREETING_E_*: it MUST be
 * disconnected.
 */
int rfb_greeting_take(struct rfb_greeting *g, const uint8_t *in, size_t len,
		      size_t *used);

/* When it is done: whether the server is QEMU's, by the name that it gives. */
bool rfb_greeting_is_qemu(const struct rfb_greeting *g);

/* Of the screen, when it is done. */
static inline uint16_t rfb_greeting_width(const struct rfb_greeting *g)
{
	return net_get16(g->bytes);
}

static inline uint16_t rfb_greeting_height(const struct rfb_greeting *g)
{
	return net_get16(g->bytes + 2);
}

#endif
