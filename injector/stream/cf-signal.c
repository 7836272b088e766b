/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "injector/stream/cf-signal.h"
#include "injector/stream/stream-fields.h"

#define CANDIDATE_MAX 1024

/*
 * {"candidate": {"candidate": "...", "sdpMid": "0", "sdpMLineIndex": 0}}: of
 * the browser, which checks our addresses. An agent that is ICE-lite needs
 * none (RFC 8445 §6.1.2).
 */
static void signal_check_candidate(struct stream_fields *f)
{
	struct stream_fields inner;
	const json_t *object = stream_field_object(f, "candidate");

	if (f->failed)
		return;
	stream_fields_begin(&inner, object, "ice-candidate: candidate", f->why);
	if (strlen(stream_field_string(&inner, "candidate")) > CANDIDATE_MAX)
		stream_fields_fail(&inner, "too long");
	f->failed |= inner.failed;
}

static const struct {
	const char *type;
	enum cf_signal_kind kind;
} signal_rows[] = {
	{ "request-offer", CF_REQUEST_OFFER },
	{ "answer", CF_ANSWER },
	{ "offer", CF_OFFER },
	{ "ice-candidate", CF_CANDIDATE },
	{ "error", CF_ERROR },
};

static void signal_read_kind(struct cf_signal *s, struct stream_fields *f)
{
	const char *type = stream_field_string(f, "type");

	for (size_t i = 0; i < sizeof(signal_rows) / sizeof(signal_rows[0]);
	     i++)
		if (!strcmp(type, signal_rows[i].type)) {
			s->kind = signal_rows[i].kind;
			return;
		}
	stream_fields_fail(f, "unknown type %.40s", type);
}

int cf_signal_read(struct cf_signal *s, const json_t *message,
		   struct fault *why)
{
	struct stream_fields f;

	*s = (struct cf_signal){ .sdp = "" };
	stream_fields_begin(&f, message, "signalling", why);
	signal_read_kind(s, &f);
	if (!f.failed && (s->kind == CF_ANSWER || s->kind == CF_OFFER))
		s->sdp = stream_field_string(&f, "sdp");
	if (!f.failed && s->kind == CF_CANDIDATE)
		signal_check_candidate(&f);
	return stream_fields_end_open(&f);
}

char *cf_signal_write(const char *payload)
{
	char *text;

	return asprintf(&text,
			"{\"message_type\":\"device_msg\",\"payload\":%s}",
			payload) < 0
		       ? NULL
		       : text;
}

char *cf_signal_write_description(const char *type, const char *sdp)
{
	json_t *message =
		json_pack("{s:s, s:{s:s, s:s}}", "message_type", "device_msg",
			  "payload", "type", type, "sdp", sdp);
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	return text;
}
