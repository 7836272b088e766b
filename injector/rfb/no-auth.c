/* SPDX-License-Identifier: Apache-2.0 */
/* In place of rfb-auth.c where there is no OpenSSL. */
#include <errno.h>
#include <stddef.h>

#include "injector/rfb/rfb-auth.h"

bool rfb_auth_exists(void)
{
	return false;
}

struct rfb_auth *rfb_auth_new(const char *text)
{
	return NULL;
}

void rfb_auth_free(struct rfb_auth *auth)
{
}

int rfb_auth_answer(struct rfb_auth *auth,
		    const uint8_t challenge[RFB_CHALLENGE_LEN],
		    uint8_t answer[RFB_CHALLENGE_LEN])
{
	return -EIO;
}
