/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session descriptions with one data channel section, and some of video that we
 * send (RFC 8866, 8829, 8841): ours, of an ICE-lite agent that is the DTLS
 * server, and a browser's. Pure: text to structs and back.
 *
 * A browser's candidates are not read: it checks ours.
 */
#ifndef VINPUT_RTC_SDP_H
#define VINPUT_RTC_SDP_H

#include <netinet/in.h>
#include "injector/rtc/rtc-text.h"
#include "injector/rtc/rtc.h"
#include "input/base/fault.h"

#define RTC_SDP_MAX	     65536 /* characters of a browser's */
#define RTC_SDP_SECTIONS_MAX 24
/* An extension of RTP headers: how long a frame may wait to be shown. */
#define RTC_SDP_DELAY \
	"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
#define RTC_FINGERPRINT_LEN 32 /* SHA-256 of a certificate */

enum rtc_sdp_role {
	RTC_SDP_OFFER,
	RTC_SDP_ANSWER,
};

/* A media section, as an answer has to repeat it. */
struct rtc_sdp_section {
	struct rtc_text media, protocol, formats, mid;
	bool rejected;	 /* port 0 */
	bool sends_only; /* or it does nothing: it takes no video */
	uint8_t vp8;	 /* the payload type of VP8; 0: none */
	uint8_t delay;	 /* the extension RTC_SDP_DELAY; 0: none */
	int track;	 /* of ours that it can take, by its number; or -1 */
};

/* A browser's. Texts are in the text that was read. */
struct rtc_sdp {
	struct rtc_sdp_section section[RTC_SDP_SECTIONS_MAX];
	size_t n_sections;
	size_t channel; /* index of the data channel section */
	bool bundle;	/* a=group:BUNDLE was offered */

	struct rtc_text ufrag;
	uint8_t fingerprint[RTC_FINGERPRINT_LEN];
	uint16_t sctp_port;
	uint32_t max_message; /* bytes that it takes; UINT32_MAX: no limit */
};

/* A video track of ours. */
struct rtc_sdp_track {
	const char *id;
	uint32_t ssrc;
};

struct rtc_sdp_candidate {
	char address[INET6_ADDRSTRLEN]; /* as inet_ntop() writes it */
	uint16_t port;
};

/* Ours. All borrowed. */
struct rtc_sdp_local {
	const char *ufrag, *password;
	const uint8_t *fingerprint; /* RTC_FINGERPRINT_LEN bytes */
	const struct rtc_sdp_candidate *candidates; /* the best first */
	size_t n_candidates;			    /* at least 1 */
	uint64_t session;
	uint16_t sctp_port;
	uint32_t max_message;
	struct rtc_sdp_track track[RTC_TRACKS_MAX];
	unsigned int n_tracks;
};

/*
 * text: borrowed, for as long as sdp is used.
 * Return: 0, or -EINVAL with the fault.
 */
int rtc_sdp_read(struct rtc_sdp *sdp, enum rtc_sdp_role role, const char *text,
		 struct fault *fault);

/* Return: an offer, owned by the caller; NULL: no memory. */
char *rtc_sdp_write_offer(const struct rtc_sdp_local *local);

/*
 * Whether the section takes a track, if there are so many. Offered: the nth
 * that can take video takes the nth track. Answered: the nth section of video
 * is about it.
 */
static inline bool rtc_sdp_is_track(const struct rtc_sdp_section *s,
				    unsigned int n_tracks)
{
	return s->track >= 0 && (unsigned int)s->track < n_tracks;
}

/* The answer to an offer. Sections that are neither data nor a track's are
 * rejected. */
char *rtc_sdp_write_answer(const struct rtc_sdp_local *local,
			   const struct rtc_sdp *offer);

#endif
