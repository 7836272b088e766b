/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer's checks have to know of us: a user name fragment, by which it is
 * found, and a password. Random, and made of characters that ICE allows.
 */
#ifndef VINPUT_RTC_CREDENTIALS_H
#define VINPUT_RTC_CREDENTIALS_H

/* RFC 8839 §5.4: at least 24 and 128 bits; a character has 6. */
#define RTC_UFRAG_LEN	 8
#define RTC_PASSWORD_LEN 24
#define RTC_UFRAG_MAX	 256 /* of a peer's */

struct rtc_credentials {
	char ufrag[RTC_UFRAG_LEN + 1];
	char password[RTC_PASSWORD_LEN + 1];
};

/* Return: 0, or -EIO: no random numbers. */
int rtc_credentials_make(struct rtc_credentials *c);

#endif
