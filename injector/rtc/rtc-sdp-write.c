/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "injector/rtc/rtc-sdp.h"

/* RFC 8445 §5.1.2.1, of host candidates of component 1 */
#define PRIORITY_OF_HOST (UINT32_C(126) << 24 | 255)
#define PRIORITY_LOCAL	 65535

/* In our offers. */
#define VP8_PAYLOAD 96
#define DELAY_ID    1

/* What differs between ours. */
struct sdp_section {
	struct rtc_text mid;
	const char *setup;
	uint8_t vp8;   /* payload type */
	uint8_t delay; /* extension; 0: none */
};

_Static_assert(RTC_TRACKS_MAX < RTC_SDP_SECTIONS_MAX,
	       "our offers can be answered");

static bool sdp_is_ipv6(const char *address)
{
	return strchr(address, ':');
}

static void sdp_write_head(FILE *out, const struct rtc_sdp_local *local)
{
	fprintf(out,
		"v=0\r\n"
		"o=- %llu 1 IN IP4 0.0.0.0\r\n"
		"s=-\r\n"
		"t=0 0\r\n"
		"a=ice-lite\r\n",
		(unsigned long long)local->session);
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

/* What all sections share, since they are bundled. */
static void sdp_write_transport(FILE *out, const struct rtc_sdp_local *local,
				const struct sdp_section *s)
{
	if (s->mid.at)
		fprintf(out, "a=mid:%.*s\r\n", (int)s->mid.len, s->mid.at);
	fprintf(out,
		"a=ice-ufrag:%s\r\n"
		"a=ice-pwd:%s\r\n"
		"a=setup:%s\r\n",
		local->ufrag, local->password, s->setup);
	sdp_write_fingerprint(out, local->fingerprint);
	sdp_write_candidates(out, local);
}

/* m= and c=. RFC 8843 §7.2: all bundled ones have the same address. */
static void sdp_write_media(FILE *out, const struct rtc_sdp_local *local,
			    const char *media, const char *formats)
{
	const struct rtc_sdp_candidate *best = &local->candidates[0];

	fprintf(out,
		"m=%s %u %s\r\n"
		"c=IN %s %s\r\n",
		media, best->port, formats,
		sdp_is_ipv6(best->address) ? "IP6" : "IP4", best->address);
}

static void sdp_write_channel(FILE *out, const struct rtc_sdp_local *local,
			      const struct sdp_section *s)
{
	sdp_write_media(out, local, "application",
			"UDP/DTLS/SCTP webrtc-datachannel");
	sdp_write_transport(out, local, s);
	fprintf(out,
		"a=sendrecv\r\n"
		"a=sctp-port:%u\r\n"
		"a=max-message-size:%u\r\n",
		local->sctp_port, local->max_message);
}

/* RFC 8830: its stream and its track have the same id. */
static void sdp_write_track(FILE *out, const struct rtc_sdp_local *local,
			    const struct sdp_section *s,
			    const struct rtc_sdp_track *t)
{
	char formats[32];

	snprintf(formats, sizeof(formats), "UDP/TLS/RTP/SAVPF %u", s->vp8);
	sdp_write_media(out, local, "video", formats);
	sdp_write_transport(out, local, s);
	fprintf(out,
		"a=sendonly\r\n"
		"a=rtcp-mux\r\n"
		"a=rtpmap:%u VP8/90000\r\n"
		"a=rtcp-fb:%u nack\r\n"
		"a=rtcp-fb:%u nack pli\r\n"
		"a=rtcp-fb:%u ccm fir\r\n"
		"a=msid:%s %s\r\n"
		"a=ssrc:%u cname:vinput\r\n"
		"a=ssrc:%u msid:%s %s\r\n",
		s->vp8, s->vp8, s->vp8, s->vp8, t->id, t->id, t->ssrc, t->ssrc,
		t->id, t->id);
	if (s->delay)
		fprintf(out, "a=extmap:%u " RTC_SDP_DELAY "\r\n", s->delay);
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
	struct sdp_section s = { { "0", 1 }, "actpass", VP8_PAYLOAD, DELAY_ID };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	sdp_write_head(out, local);
	fprintf(out, "a=group:BUNDLE 0");
	for (unsigned int i = 1; i <= local->n_tracks; i++)
		fprintf(out, " %u", i);
	fprintf(out, "\r\n");
	sdp_write_channel(out, local, &s);
	for (unsigned int i = 0; i < local->n_tracks; i++) {
		char mid[8];

		s.mid.len = (size_t)snprintf(mid, sizeof(mid), "%u", i + 1);
		s.mid.at = mid;
		sdp_write_track(out, local, &s, &local->track[i]);
	}
	return sdp_finish(out, &text);
}

static void sdp_write_bundle(FILE *out, const struct rtc_sdp_local *local,
			     const struct rtc_sdp *offer)
{
	fprintf(out, "a=group:BUNDLE");
	for (size_t i = 0; i < offer->n_sections; i++)
		if (i == offer->channel ||
		    rtc_sdp_is_track(&offer->section[i], local->n_tracks))
			fprintf(out, " %.*s", (int)offer->section[i].mid.len,
				offer->section[i].mid.at);
	fprintf(out, "\r\n");
}

char *rtc_sdp_write_answer(const struct rtc_sdp_local *local,
			   const struct rtc_sdp *offer)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	sdp_write_head(out, local);
	if (offer->bundle && offer->section[offer->channel].mid.at)
		sdp_write_bundle(out, local, offer);
	for (size_t i = 0; i < offer->n_sections; i++) {
		const struct rtc_sdp_section *theirs = &offer->section[i];
		const struct sdp_section s = { theirs->mid, "passive",
					       theirs->vp8, theirs->delay };

		if (i == offer->channel)
			sdp_write_channel(out, local, &s);
		else if (rtc_sdp_is_track(theirs, local->n_tracks))
			sdp_write_track(out, local, &s,
					&local->track[theirs->track]);
		else
			sdp_write_rejected(out, theirs);
	}
	return sdp_finish(out, &text);
}
