/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/rand.h>

#include "injector/rtc/rtc-credentials.h"

/* text: of len characters and the NUL */
static int credentials_fill(char *text, int len)
{
	static const char letters[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
					"ghijklmnopqrstuvwxyz0123456789+/";

	if (RAND_bytes((unsigned char *)text, len) != 1)
		return -EIO;
	for (int i = 0; i < len; i++)
		text[i] = letters[text[i] & 63];
	text[len] = 0;
	return 0;
}

int rtc_credentials_make(struct rtc_credentials *c)
{
	const int e = credentials_fill(c->ufrag, RTC_UFRAG_LEN);

	return e ? e : credentials_fill(c->password, RTC_PASSWORD_LEN);
}
