/* SPDX-License-Identifier: Apache-2.0 */
/* Each state waits for a number of bytes, and then decides on the next one. */
#include <string.h>

#include "injector/rfb/rfb-greeting.h"

#define SHARED 1

static void greeting_say(struct rfb_greeting *g, const void *bytes, size_t len)
{
	memcpy(g->out + g->n_out, bytes, len);
	g->n_out += len;
}

static void greeting_say_byte(struct rfb_greeting *g, uint8_t byte)
{
	greeting_say(g, &byte, 1);
}

/* The bytes of the state before are done with. */
static int greeting_go(struct rfb_greeting *g, enum rfb_greeting_state next)
{
	g->state = next;
	g->n = 0;
	return 0;
}

static int greeting_accept(struct rfb_greeting *g)
{
	greeting_say_byte(g, SHARED);
	return greeting_go(g, RFB_GREETING_INIT);
}

/* RFC 6143 §7.1.1: versions between are to be treated as the one below. */
static int greeting_version(struct rfb_greeting *g)
{
	char answer[] = RFB_VERSION;
	unsigned int minor = 0;

	if (memcmp(g->bytes, "RFB ", 4))
		return RFB_GREETING_E_NO_RFB;
	if (memcmp(g->bytes, "RFB 003.", 8) || g->bytes[11] != '\n')
		return RFB_GREETING_E_VERSION;
	for (int i = 8; i < 11; i++) {
		if (g->bytes[i] < '0' || g->bytes[i] > '9')
			return RFB_GREETING_E_VERSION;
		minor = 10 * minor + g->bytes[i] - '0';
	}
	g->minor = minor >= 8 ? 8 : minor == 7 ? 7 : 3;
	answer[10] = (char)('0' + g->minor);
	greeting_say(g, answer, RFB_VERSION_LEN);
	return greeting_go(g, g->minor == 3 ? RFB_GREETING_TYPE
					    : RFB_GREETING_COUNT);
}

static int greeting_type(struct rfb_greeting *g)
{
	switch (net_get32(g->bytes)) {
	case RFB_SECURITY_NONE:
		return greeting_accept(g);
	case RFB_SECURITY_VNC:
		return g->auth ? greeting_go(g, RFB_GREETING_CHALLENGE)
			       : RFB_GREETING_E_NO_PASSWORD;
	case RFB_SECURITY_INVALID:
		return greeting_go(g, RFB_GREETING_REASON_LEN);
	}
	return RFB_GREETING_E_SECURITY;
}

/* The count itself remains: it says how many bytes follow. */
static int greeting_count(struct rfb_greeting *g)
{
	if (!g->bytes[0])
		return greeting_go(g, RFB_GREETING_REASON_LEN);
	g->state = RFB_GREETING_TYPES;
	return 0;
}

static int greeting_types(struct rfb_greeting *g)
{
	const bool wants_password =
		!memchr(g->bytes + 1, RFB_SECURITY_NONE, g->bytes[0]);

	if (wants_password &&
	    !memchr(g->bytes + 1, RFB_SECURITY_VNC, g->bytes[0]))
		return RFB_GREETING_E_SECURITY;
	if (wants_password && !g->auth)
		return RFB_GREETING_E_NO_PASSWORD;
	greeting_say_byte(g, wants_password ? RFB_SECURITY_VNC
					    : RFB_SECURITY_NONE);
	if (wants_password)
		return greeting_go(g, RFB_GREETING_CHALLENGE);
	return g->minor == 8 ? greeting_go(g, RFB_GREETING_RESULT)
			     : greeting_accept(g);
}

static int greeting_challenge(struct rfb_greeting *g)
{
	uint8_t answer[RFB_CHALLENGE_LEN];

	if (rfb_auth_answer(g->auth, g->bytes, answer))
		return RFB_GREETING_E_PASSWORD;
	greeting_say(g, answer, sizeof(answer));
	g->answered = true;
	return greeting_go(g, RFB_GREETING_RESULT);
}

/* Only 3.8 has a reason. */
static int greeting_result(struct rfb_greeting *g)
{
	if (!net_get32(g->bytes))
		return greeting_accept(g);
	greeting_go(g, RFB_GREETING_REASON_LEN);
	return g->minor == 8 ? 0 : RFB_GREETING_E_PASSWORD;
}

/* What follows a length at the end of the bytes. */
static int greeting_text(struct rfb_greeting *g, enum rfb_greeting_state next)
{
	const uint32_t len = net_get32(g->bytes + g->n - 4);

	if (len > RFB_NAME_MAX)
		return RFB_GREETING_E_LENGTH;
	g->state = next;
	return 0;
}

/* Return: how many bytes the state needs in all. */
static size_t greeting_need(const struct rfb_greeting *g)
{
	switch (g->state) {
	case RFB_GREETING_VERSION:
		return RFB_VERSION_LEN;
	case RFB_GREETING_TYPE:
	case RFB_GREETING_RESULT:
	case RFB_GREETING_REASON_LEN:
		return 4;
	case RFB_GREETING_COUNT:
		return 1;
	case RFB_GREETING_CHALLENGE:
		return RFB_CHALLENGE_LEN;
	case RFB_GREETING_TYPES:
		return 1 + (size_t)g->bytes[0];
	case RFB_GREETING_REASON:
		return 4 + (size_t)net_get32(g->bytes);
	case RFB_GREETING_INIT:
		return RFB_INIT_LEN;
	case RFB_GREETING_NAME:
		return RFB_INIT_LEN +
		       (size_t)net_get32(g->bytes + RFB_INIT_LEN - 4);
	case RFB_GREETING_DONE:
		break;
	}
	return 0;
}

/* The state has its bytes. Return: 0; RFB_GREETING_E_*. */
static int greeting_step(struct rfb_greeting *g)
{
	switch (g->state) {
	case RFB_GREETING_VERSION:
		return greeting_version(g);
	case RFB_GREETING_TYPE:
		return greeting_type(g);
	case RFB_GREETING_COUNT:
		return greeting_count(g);
	case RFB_GREETING_TYPES:
		return greeting_types(g);
	case RFB_GREETING_CHALLENGE:
		return greeting_challenge(g);
	case RFB_GREETING_RESULT:
		return greeting_result(g);
	case RFB_GREETING_REASON_LEN:
		return greeting_text(g, RFB_GREETING_REASON);
	case RFB_GREETING_REASON:
		g->n -= 4;
		memmove(g->bytes, g->bytes + 4, g->n);
		return g->answered ? RFB_GREETING_E_PASSWORD
				   : RFB_GREETING_E_REFUSED;
	case RFB_GREETING_INIT:
		return greeting_text(g, RFB_GREETING_NAME);
	case RFB_GREETING_NAME:
		g->state = RFB_GREETING_DONE;
		break;
	case RFB_GREETING_DONE:
		break;
	}
	return 0;
}

int rfb_greeting_take(struct rfb_greeting *g, const uint8_t *in, size_t len,
		      size_t *used)
{
	int r = 0;

	*used = 0;
	while (!r && g->state != RFB_GREETING_DONE) {
		const size_t missing = greeting_need(g) - g->n;
		const size_t left = len - *used;
		const size_t n = left < missing ? left : missing;

		memcpy(g->bytes + g->n, in + *used, n);
		g->n += n;
		*used += n;
		if (n < missing)
			break;
		r = greeting_step(g);
	}
	return r;
}

bool rfb_greeting_is_qemu(const struct rfb_greeting *g)
{
	static const char name[] = "QEMU"; /* or "QEMU (the guest's)" */
	const size_t n = sizeof(name) - 1;
	const char *at = (const char *)g->bytes + RFB_INIT_LEN;

	return g->n >= RFB_INIT_LEN + n && !memcmp(at, name, n) &&
	       (g->n == RFB_INIT_LEN + n || at[n] == ' ');
}
