/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "injector/rtc/rtc-early.h"

void rtc_early_keep(struct rtc_early *e, struct rtc_bytes datagram)
{
	uint8_t *data;

	if (e->n == RTC_EARLY_MAX || datagram.len > RTC_EARLY_LEN_MAX)
		return;
	data = malloc(datagram.len);
	if (!data)
		return;
	memcpy(data, datagram.at, datagram.len);
	e->data[e->n] = data;
	e->len[e->n++] = datagram.len;
}

struct rtc_bytes rtc_early_at(const struct rtc_early *e, unsigned int i)
{
	return (struct rtc_bytes){ e->data[i], e->len[i] };
}

void rtc_early_fini(struct rtc_early *e)
{
	while (e->n)
		free(e->data[--e->n]);
}
