/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/rtc/rtc-path.h"

/* Return: its index, or RTC_PATH_MAX. */
static unsigned int path_find(const struct rtc_path *p,
			      const struct rtc_path_end *end)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->end[i].via == end->via &&
		    rtc_address_same(&p->end[i].address, &end->address))
			return i;
	return RTC_PATH_MAX;
}

/* A free place, or that of the oldest that is not in use. */
static unsigned int path_place(struct rtc_path *p)
{
	unsigned int i;

	if (p->n < RTC_PATH_MAX)
		return p->n++;
	if (p->next == p->chosen)
		p->next = (p->next + 1) % RTC_PATH_MAX;
	i = p->next;
	p->next = (p->next + 1) % RTC_PATH_MAX;
	return i;
}

/* Until one is nominated, the first has to do. */
void rtc_path_add(struct rtc_path *p, const struct rtc_path_end *end,
		  bool nominated)
{
	unsigned int i = path_find(p, end);

	if (i == RTC_PATH_MAX) {
		i = path_place(p);
		p->end[i] = *end;
	}
	if (nominated)
		p->chosen = i;
}

bool rtc_path_has(const struct rtc_path *p, const struct rtc_path_end *end)
{
	return path_find(p, end) != RTC_PATH_MAX;
}

const struct rtc_path_end *rtc_path_chosen(const struct rtc_path *p)
{
	return p->n ? &p->end[p->chosen] : NULL;
}
