/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "injector/stream/rtc-sdp.h"

/* RFC 8445 §5.1.2.1, of host candidates of component 1 */
#define PRIORITY_OF_HOST (UINT32_C(126) << 24 | 255)
#define PRIORITY_LOCAL	 65535

static bool sdp_is_ipv6(const char *address)
{
	return strchr(address, ':');
}

static void sdp_write_head(FILE *out, const struct rtc_sdp_local *local,
			   struct rtc_text mid)
{
	fprintf(out,
		"v=0\r\n"
		"o=- %llu 1 IN IP4 0.0.0.0\r\n"
		"s=-\r\n"
		"t=0 0\r\n"
		"a=ice-lite\r\n",
		(unsigned long long)local->session);
	if (mid.at)
		fprintf(out, "a=group:BUNDLE %.*s\r\n", (int)mid.len, mid.at);
}

static void sdp_write_candidates(FILE *out, const struct rtc_sdp_local *local)
{
	for (size_t i = 0; i < local->n_candidates; i++) {
		const struct rtc_sdp_candidate *c = &local->candidates[i];
		const uint32_t priority =
			PRIORITY_OF_HOST | (uint32_t)(PRIORITY_LOCAL - i) << 8;

		fprintf(out, "a=candidate:%zu 1 udp %u %s %u typ host\r\n",
			i + 1, priority, c->address, c->port);
	}
	fprintf(out, "a=end-of-candidates\r\n");
}

static void sdp_write_fingerprint(FILE *out, const uint8_t *fingerprint)
{
	fprintf(out, "a=fingerprint:sha-256 ");
	for (size_t i = 0; i < RTC_FINGERPRINT_LEN; i++)
		fprintf(out, "%s%02X", i ? ":" : "", fingerprint[i]);
	fprintf(out, "\r\n");
}

static void sdp_write_channel(FILE *out, const struct rtc_sdp_local *local,
			      struct rtc_text mid, const char *setup)
{
	const struct rtc_sdp_candidate *best = &local->candidates[0];

	fprintf(out,
		"m=application %u UDP/DTLS/SCTP webrtc-datachannel\r\n"
		"c=IN %s %s\r\n",
		best->port, sdp_is_ipv6(best->address) ? "IP6" : "IP4",
		best->address);
	if (mid.at)
		fprintf(out, "a=mid:%.*s\r\n", (int)mid.len, mid.at);
	fprintf(out,
		"a=sendrecv\r\n"
		"a=ice-ufrag:%s\r\n"
		"a=ice-pwd:%s\r\n"
		"a=setup:%s\r\n",
		local->ufrag, local->password, setup);
	sdp_write_fingerprint(out, local->fingerprint);
	fprintf(out,
		"a=sctp-port:%u\r\n"
		"a=max-message-size:%u\r\n",
		local->sctp_port, local->max_message);
	sdp_write_candidates(out, local);
}

/* RFC 8829 §5.3.1: the section stays, with port 0. */
static void sdp_write_rejected(FILE *out, const struct rtc_sdp_section *s)
{
	fprintf(out,
		"m=%.*s 0 %.*s %.*s\r\n"
		"c=IN IP4 0.0.0.0\r\n",
		(int)s->media.len, s->media.at, (int)s->protocol.len,
		s->protocol.at, (int)s->formats.len, s->formats.at);
	if (s->mid.at)
		fprintf(out, "a=mid:%.*s\r\n", (int)s->mid.len, s->mid.at);
	fprintf(out, "a=inactive\r\n");
}

/* Return: text, or NULL if out is incomplete. */
static char *sdp_finish(FILE *out, char **text)
{
	const int failed = ferror(out);

	if (!fclose(out) && !failed)
		return *text;
	free(*text);
	return NULL;
}

char *rtc_sdp_write_offer(const struct rtc_sdp_local *local)
{
	static const struct rtc_text mid = { "0", 1 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	sdp_write_head(out, local, mid);
	sdp_write_channel(out, local, mid, "actpass");
	return sdp_finish(out, &text);
}

char *rtc_sdp_write_answer(const struct rtc_sdp_local *local,
			   const struct rtc_sdp *offer)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	sdp_write_head(out, local,
		       offer->bundle ? offer->section[offer->channel].mid
				     : (struct rtc_text){ 0 });
	for (size_t i = 0; i < offer->n_sections; i++) {
		const struct rtc_sdp_section *s = &offer->section[i];

		if (i == offer->channel)
			sdp_write_channel(out, local, s->mid, "passive");
		else
			sdp_write_rejected(out, s);
	}
	return sdp_finish(out, &text);
}
