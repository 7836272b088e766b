/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cuttlefish's web client sends to set up WebRTC, and what it is answered
 * (frontend/webrtc/libcommon/connection_controller.cpp). Pure.
 */
#ifndef VINPUT_CF_SIGNAL_H
#define VINPUT_CF_SIGNAL_H

#include <jansson.h>

#include "input/base/fault.h"

enum cf_signal_kind {
	CF_REQUEST_OFFER,
	CF_ANSWER, /* sdp */
	CF_OFFER,  /* sdp: again, for a microphone or a camera */
	CF_CANDIDATE,
	CF_ERROR,
};

struct cf_signal {
	enum cf_signal_kind kind;
	const char *sdp; /* in the message */
};

/* Return: 0, or -EINVAL with the fault. */
int cf_signal_read(struct cf_signal *s, const json_t *message,
		   struct fault *why);

/*
 * Return, both: a message as the client receives it, owned by the caller; NULL:
 * no memory. type: offer or answer. error: a JSON object, as text.
 */
char *cf_signal_write_description(const char *type, const char *sdp);
char *cf_signal_write(const char *payload);

#endif
