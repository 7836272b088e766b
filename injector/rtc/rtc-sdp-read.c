/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of TYPE=VALUE. Those before the first m= hold for the session, the
 * others for their media section. What the data channel section does not say
 * is taken from the session (RFC 8866 §5.13), so the session's attributes are
 * read first and those of that section replace them. Of the others only that
 * matters which an answer repeats, and whether they take video.
 */
#include <ctype.h>
#include <errno.h>

#include "injector/rtc/rtc-sdp.h"

/* RFC 8839 §5.4 */
#define UFRAG_MIN 4
#define UFRAG_MAX 256
#define MID_MAX	  64

/* RFC 8841 §6.1, and what all browsers use. */
#define DEFAULT_MAX_MESSAGE 65536
#define DEFAULT_SCTP_PORT   5000

/* The reader's place, and what the lines so far said. */
struct sdp_reader {
	struct rtc_sdp *sdp;
	struct fault *fault;
	bool has_channel;
	bool fingerprint_here, has_fingerprint;
	struct rtc_text setup;
	unsigned int line;
};

static bool sdp_take_line(const char **text, struct rtc_text *line)
{
	const char *end = strchr(*text, '\n');

	if (!**text)
		return false;
	if (!end)
		end = *text + strlen(*text);
	*line = (struct rtc_text){ *text, (size_t)(end - *text) };
	*text = *end ? end + 1 : end;
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Return: whether the line has this type. */
static bool sdp_line_is(struct rtc_text line, char type, struct rtc_text *value)
{
	if (line.len < 2 || line.at[0] != type || line.at[1] != '=')
		return false;
	*value = (struct rtc_text){ line.at + 2, line.len - 2 };
	return true;
}

/* Cut off the first word. */
static struct rtc_text sdp_take_word(struct rtc_text *rest)
{
	const char *space = rest->len ? memchr(rest->at, ' ', rest->len) : NULL;
	struct rtc_text word = *rest;

	if (!space) {
		rest->len = 0;
		return word;
	}
	word.len = (size_t)(space - rest->at);
	rest->at += word.len + 1;
	rest->len -= word.len + 1;
	return word;
}

/* Digits alone. Return: false unless it is at most max. */
static bool sdp_number(struct rtc_text t, uint64_t max, uint64_t *value)
{
	*value = 0;
	if (!t.len || t.len > 19)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (!isdigit((unsigned char)t.at[i]))
			return false;
		*value = *value * 10 + (uint64_t)(t.at[i] - '0');
	}
	return *value <= max;
}

/* ice-char of RFC 8839, and token of RFC 8866 as far as a mid needs it. */
static bool sdp_is_plain(struct rtc_text t, const char *others)
{
	for (size_t i = 0; i < t.len; i++)
		if (!isalnum((unsigned char)t.at[i]) &&
		    !strchr(others, t.at[i]))
			return false;
	return true;
}

/* --- attributes --- */

static int sdp_hex(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int sdp_take_ufrag(struct sdp_reader *r, struct rtc_text value)
{
	if (value.len < UFRAG_MIN || value.len > UFRAG_MAX ||
	    !sdp_is_plain(value, "+/"))
		return fault_set(r->fault,
				 "line %u: invalid a=ice-ufrag: must be 4 to "
				 "256 letters, digits, + and /",
				 r->line);
	r->sdp->ufrag = value;
	return 0;
}

/* RFC 8122 §5. Other hashes MAY stand beside it. */
static int sdp_take_fingerprint(struct sdp_reader *r, struct rtc_text value)
{
	const struct rtc_text hash = sdp_take_word(&value);
	uint8_t bytes[RTC_FINGERPRINT_LEN];

	if (hash.len != 7 || strncasecmp(hash.at, "sha-256", 7) != 0 ||
	    r->fingerprint_here)
		return 0;
	if (value.len != 3 * RTC_FINGERPRINT_LEN - 1)
		goto wrong;
	for (size_t i = 0; i < RTC_FINGERPRINT_LEN; i++) {
		const int high = sdp_hex(value.at[3 * i]);
		const int low = sdp_hex(value.at[3 * i + 1]);

		if (high < 0 || low < 0 ||
		    (i < RTC_FINGERPRINT_LEN - 1 && value.at[3 * i + 2] != ':'))
			goto wrong;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(r->sdp->fingerprint, bytes, sizeof(bytes));
	r->fingerprint_here = r->has_fingerprint = true;
	return 0;
wrong:
	return fault_set(r->fault,
			 "line %u: invalid a=fingerprint: must be 32 bytes in "
			 "hex, separated by colons",
			 r->line);
}

static int sdp_take_setup(struct sdp_reader *r, struct rtc_text value)
{
	r->setup = value;
	return 0;
}

static int sdp_take_sctp_port(struct sdp_reader *r, struct rtc_text value)
{
	uint64_t port;

	if (!sdp_number(value, UINT16_MAX, &port) || !port)
		return fault_set(r->fault,
				 "line %u: invalid a=sctp-port: must be from "
				 "1 to 65535",
				 r->line);
	r->sdp->sctp_port = (uint16_t)port;
	return 0;
}

/* RFC 8841 §6.1: 0 means any size. */
static int sdp_take_max_message(struct sdp_reader *r, struct rtc_text value)
{
	uint64_t max;

	if (!sdp_number(value, UINT64_MAX, &max))
		return fault_set(r->fault,
				 "line %u: invalid a=max-message-size: must be "
				 "a number",
				 r->line);
	if (!max || max > UINT32_MAX)
		max = UINT32_MAX;
	r->sdp->max_message = (uint32_t)max;
	return 0;
}

static int sdp_take_group(struct sdp_reader *r, struct rtc_text value)
{
	r->sdp->bundle |= rtc_text_is(sdp_take_word(&value), "BUNDLE");
	return 0;
}

struct sdp_attribute {
	const char *name;
	int (*take)(struct sdp_reader *r, struct rtc_text value);
};

static const struct sdp_attribute sdp_channel_attributes[] = {
	{ "group", sdp_take_group },
	{ "ice-ufrag", sdp_take_ufrag },
	{ "fingerprint", sdp_take_fingerprint },
	{ "setup", sdp_take_setup },
	{ "sctp-port", sdp_take_sctp_port },
	{ "max-message-size", sdp_take_max_message },
	{ NULL, NULL },
};

/* NAME or NAME:VALUE; table: ends with an empty row. */
static int sdp_take_attribute(struct sdp_reader *r,
			      const struct sdp_attribute *table,
			      struct rtc_text line)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct rtc_text name = line, value = { "", 0 };

	if (colon) {
		name.len = (size_t)(colon - line.at);
		value.at = colon + 1;
		value.len = line.len - name.len - 1;
	}
	for (; table->name; table++)
		if (rtc_text_is(name, table->name))
			return table->take(r, value);
	return 0;
}

/* --- sections --- */

/* m=MEDIA PORT PROTOCOL FORMATS */
static int sdp_add_section(struct sdp_reader *r, struct rtc_text value)
{
	struct rtc_sdp *sdp = r->sdp;
	struct rtc_sdp_section *s = &sdp->section[sdp->n_sections];
	struct rtc_text port;

	if (sdp->n_sections == RTC_SDP_SECTIONS_MAX)
		return fault_set(r->fault, "line %u: more than %d m= sections",
				 r->line, RTC_SDP_SECTIONS_MAX);
	s->media = sdp_take_word(&value);
	port = sdp_take_word(&value);
	s->protocol = sdp_take_word(&value);
	s->formats = value;
	s->rejected = rtc_text_is(port, "0");
	if (!s->media.len || !port.len || !s->protocol.len || !value.len)
		return fault_set(r->fault,
				 "line %u: invalid m=: must be MEDIA PORT "
				 "PROTOCOL FORMAT",
				 r->line);
	sdp->n_sections++;
	return 0;
}

/* DTLS over UDP; over TCP where the browser's first candidate is one. */
static bool sdp_is_channel(const struct rtc_sdp_section *s)
{
	return rtc_text_is(s->media, "application") &&
	       rtc_text_is(s->formats, "webrtc-datachannel") &&
	       (rtc_text_is(s->protocol, "UDP/DTLS/SCTP") ||
		rtc_text_is(s->protocol, "TCP/DTLS/SCTP"));
}

static int sdp_take_mid(struct sdp_reader *r, struct rtc_text value)
{
	if (!value.len || value.len > MID_MAX ||
	    !sdp_is_plain(value, "!#$%&'*+-.^_`{|}~"))
		return fault_set(r->fault,
				 "line %u: invalid a=mid: must be 1 to %d "
				 "characters of a token",
				 r->line, MID_MAX);
	r->sdp->section[r->sdp->n_sections - 1].mid = value;
	return 0;
}

/* a=rtpmap:TYPE VP8/90000, of which the first counts */
static int sdp_take_rtpmap(struct sdp_reader *r, struct rtc_text value)
{
	struct rtc_sdp_section *s = &r->sdp->section[r->sdp->n_sections - 1];
	const struct rtc_text number = sdp_take_word(&value);
	uint64_t type;

	if (value.len != 9 || strncasecmp(value.at, "VP8/90000", 9) != 0 ||
	    s->vp8)
		return 0;
	if (!sdp_number(number, 127, &type) || !type)
		return fault_set(r->fault,
				 "line %u: invalid a=rtpmap: must be a number "
				 "up to 127",
				 r->line);
	s->vp8 = (uint8_t)type;
	return 0;
}

/* a=extmap:ID[/DIRECTION] URI (RFC 8285 §5), with headers of one byte. */
static int sdp_take_extension(struct sdp_reader *r, struct rtc_text value)
{
	struct rtc_text number = sdp_take_word(&value);
	const char *slash = memchr(number.at, '/', number.len);
	uint64_t id;

	if (slash)
		number.len = (size_t)(slash - number.at);
	if (rtc_text_is(sdp_take_word(&value), RTC_SDP_DELAY) &&
	    sdp_number(number, 14, &id))
		r->sdp->section[r->sdp->n_sections - 1].delay = (uint8_t)id;
	return 0;
}

static int sdp_take_no_receiver(struct sdp_reader *r, struct rtc_text value)
{
	r->sdp->section[r->sdp->n_sections - 1].sends_only = true;
	return 0;
}

/* RFC 8843 §6: its port is 0, and it is not rejected. */
static int sdp_take_bundle_only(struct sdp_reader *r, struct rtc_text value)
{
	r->sdp->section[r->sdp->n_sections - 1].rejected = false;
	return 0;
}

/* What matters of each section, not only the channel's. */
static const struct sdp_attribute sdp_section_attributes[] = {
	{ "mid", sdp_take_mid },
	{ "rtpmap", sdp_take_rtpmap },
	{ "extmap", sdp_take_extension },
	{ "sendonly", sdp_take_no_receiver },
	{ "inactive", sdp_take_no_receiver },
	{ "bundle-only", sdp_take_bundle_only },
	{ NULL, NULL },
};

/* First all sections, and where the data channel's is. */
static int sdp_read_sections(struct sdp_reader *r, const char *text)
{
	struct rtc_sdp *sdp = r->sdp;
	struct rtc_text line, value;
	int e = 0;

	for (r->line = 1; !e && sdp_take_line(&text, &line); r->line++) {
		if (sdp_line_is(line, 'm', &value)) {
			e = sdp_add_section(r, value);
			if (e || r->has_channel ||
			    !sdp_is_channel(&sdp->section[sdp->n_sections - 1]))
				continue;
			r->has_channel = true;
			sdp->channel = sdp->n_sections - 1;
		} else if (sdp->n_sections && sdp_line_is(line, 'a', &value)) {
			e = sdp_take_attribute(r, sdp_section_attributes,
					       value);
		}
	}
	return e;
}

/*
 * Which section is about which track. They are sent where the channel is: where
 * nothing is bundled, nowhere.
 */
static void sdp_number_tracks(struct rtc_sdp *sdp, enum rtc_sdp_role role)
{
	int n = 0;

	for (size_t i = 0; i < sdp->n_sections; i++) {
		struct rtc_sdp_section *s = &sdp->section[i];
		const bool is_video = rtc_text_is(s->media, "video");
		const bool takes =
			sdp->bundle && is_video && !s->rejected &&
			!s->sends_only && s->vp8 && s->mid.at &&
			rtc_text_is(s->protocol, "UDP/TLS/RTP/SAVPF");

		s->track = takes ? n : -1;
		n += takes || (is_video && role == RTC_SDP_ANSWER);
	}
}

/* Then the attributes of one section; SIZE_MAX: of the session. */
static int sdp_read_attributes(struct sdp_reader *r, const char *text,
			       size_t section)
{
	size_t here = SIZE_MAX;
	struct rtc_text line, value;
	int e = 0;

	r->fingerprint_here = false;
	for (r->line = 1; !e && sdp_take_line(&text, &line); r->line++) {
		here += sdp_line_is(line, 'm', &value);
		if (here == section && sdp_line_is(line, 'a', &value))
			e = sdp_take_attribute(r, sdp_channel_attributes,
					       value);
	}
	return e;
}

/* We are the DTLS server, so the peer has to be the client (RFC 8842 §5). */
static int sdp_check_setup(const struct sdp_reader *r, enum rtc_sdp_role role)
{
	if (rtc_text_is(r->setup, "active") ||
	    (role == RTC_SDP_OFFER && rtc_text_is(r->setup, "actpass")))
		return 0;
	return fault_set(r->fault, "invalid a=setup: must be %s",
			 role == RTC_SDP_OFFER ? "actpass or active"
					       : "active");
}

static int sdp_check(const struct sdp_reader *r, enum rtc_sdp_role role)
{
	const struct rtc_sdp *sdp = r->sdp;

	if (sdp->section[sdp->channel].rejected)
		return fault_set(r->fault, "the data channel is rejected: the "
					   "port of its m= is 0");
	if (!sdp->ufrag.at)
		return fault_set(r->fault, "no a=ice-ufrag");
	if (!r->has_fingerprint)
		return fault_set(r->fault, "no a=fingerprint:sha-256");
	return sdp_check_setup(r, role);
}

int rtc_sdp_read(struct rtc_sdp *sdp, enum rtc_sdp_role role, const char *text,
		 struct fault *fault)
{
	struct sdp_reader r = { .sdp = sdp, .fault = fault };
	int e;

	*sdp = (struct rtc_sdp){ .sctp_port = DEFAULT_SCTP_PORT,
				 .max_message = DEFAULT_MAX_MESSAGE };
	if (strnlen(text, RTC_SDP_MAX + 1) > RTC_SDP_MAX)
		return fault_set(fault, "longer than %d characters",
				 RTC_SDP_MAX);
	if (strncmp(text, "v=0", 3) != 0)
		return fault_set(fault, "line 1: must be v=0");
	e = sdp_read_sections(&r, text);
	if (!e && !r.has_channel)
		return fault_set(fault, "no data channel: there must be m="
					"application ... UDP/DTLS/SCTP "
					"webrtc-datachannel");
	if (!e)
		e = sdp_read_attributes(&r, text, SIZE_MAX);
	if (!e)
		e = sdp_read_attributes(&r, text, sdp->channel);
	sdp_number_tracks(sdp, role);
	return e ? e : sdp_check(&r, role);
}
