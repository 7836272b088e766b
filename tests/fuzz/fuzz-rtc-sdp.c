/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser's session description, of any bytes. What is rejected leaves a
 * fault. What is accepted as an offer can be answered, and the answer is a
 * description that has the same sections.
 */
#include "injector/rtc/rtc-sdp.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t fingerprint[RTC_FINGERPRINT_LEN] = { 1, 2, 3 };
static const struct rtc_sdp_candidate candidate = { "192.0.2.1", 5000 };
static const struct rtc_sdp_local local = {
	.ufrag = "ours",
	.password = "ourpasswordourpassword",
	.fingerprint = fingerprint,
	.candidates = &candidate,
	.n_candidates = 1,
	.sctp_port = 5000,
	.max_message = 65536,
	.track = { { "display_0", 1 }, { "display_1", 2 } },
	.n_tracks = 2,
};

static void check(const struct rtc_sdp *sdp)
{
	must(sdp->n_sections && sdp->n_sections <= RTC_SDP_SECTIONS_MAX);
	must(sdp->channel < sdp->n_sections);
	for (size_t i = 0; i < sdp->n_sections; i++)
		must(sdp->section[i].track < 0 ||
		     (sdp->section[i].vp8 && sdp->section[i].mid.at));
	must(sdp->ufrag.len >= 4 && sdp->ufrag.len <= 256);
	must(sdp->sctp_port && sdp->max_message);
}

/* Ours has passive where the reader wants the peer to be active. */
static void check_answer(const struct rtc_sdp *offer)
{
	char *text = rtc_sdp_write_answer(&local, offer), *passive = text;
	size_t n_tracks = 0;
	struct rtc_sdp sdp;
	struct fault fault = { "" };

	must(text);
	for (; (passive = strstr(passive, "\r\na=setup:passive\r\n"));
	     n_tracks++)
		memcpy(passive, "\r\na=setup:active\r\n\n", 19);
	if (rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault)) {
		fprintf(stderr, "%s\n%s\n", fault.text, text);
		abort();
	}
	must(sdp.n_sections == offer->n_sections);
	must(sdp.channel == offer->channel);
	must(rtc_text_same(sdp.section[sdp.channel].mid,
			   offer->section[offer->channel].mid));
	must(!memcmp(sdp.fingerprint, fingerprint, sizeof(fingerprint)));
	for (size_t i = 0; i < offer->n_sections; i++)
		n_tracks -=
			rtc_sdp_is_track(&offer->section[i], local.n_tracks);
	must(n_tracks == 1); /* the channel */
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text);
	memcpy(text, data, size);
	text[size] = 0;
	for (int role = RTC_SDP_OFFER; role <= RTC_SDP_ANSWER; role++) {
		struct fault fault = { "" };
		struct rtc_sdp sdp;

		if (rtc_sdp_read(&sdp, role, text, &fault)) {
			must(fault.text[0]);
			continue;
		}
		check(&sdp);
		if (role == RTC_SDP_OFFER)
			check_answer(&sdp);
	}
	free(text);
	return 0;
}
