/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VNC authentication (RFC 6143 §7.2.2): a server sends a challenge, and whoever
 * encrypts it with the password, as a key for DES, knows that. Pure.
 */
#ifndef VINPUT_RFB_AUTH_H
#define VINPUT_RFB_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#define RFB_CHALLENGE_LEN 16
#define RFB_PASSWORD_MAX  8 /* what follows is of no meaning */

/* A password, as a key; opaque. */
struct rfb_auth;

bool rfb_auth_exists(void); /* not if built with WEBRTC=no: no OpenSSL */

/*
 * text: of the password, of which nothing is kept but the key. Nothing that
 * comes later allocates or opens anything. Return: NULL: no memory.
 */
struct rfb_auth *rfb_auth_new(const char *text);
void rfb_auth_free(struct rfb_auth *auth);

/* Return: 0, -EIO: it cannot be encrypted. */
int rfb_auth_answer(struct rfb_auth *auth,
		    const uint8_t challenge[RFB_CHALLENGE_LEN],
		    uint8_t answer[RFB_CHALLENGE_LEN]);

#endif
