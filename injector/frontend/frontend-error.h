/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the functions of the front-end return: 0, a negative errno if we or the
 * host failed, or one of these.
 */
#ifndef VINPUT_FRONTEND_ERROR_H
#define VINPUT_FRONTEND_ERROR_H

enum fe_error {
	FE_E_CLOSED = 1,  /* the device closed the connection */
	FE_E_REPLY = 2,	  /* a reply with the wrong request, flags or size */
	FE_E_REFUSED = 3, /* the device rejected a request */
	FE_E_DEVICE = 4,  /* not a vhost-user-input device */
	FE_E_RING = 5,	  /* the device broke the rules of the ring */
	FE_E_EMPTY = 6,	  /* no used buffer in the ring */
	FE_E_LAYOUT = 7,  /* the device does not offer packed rings */
};

/* Return: a message for a user, without a newline; valid until the next call.
 */
const char *fe_strerror(int rc);

#endif
