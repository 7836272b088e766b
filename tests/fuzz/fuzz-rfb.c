/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes, in pieces of any length: as those of a viewer, of which what
 * passes must be messages that only look; or as those of a VNC server that
 * greets. In whole or in pieces, the verdict must be the same.
 */
#include "injector/rfb/rfb-filter.h"
#include "injector/rfb/rfb-greeting.h"
#include "tests/fuzz/fuzz.h"

#define MAX 8192

/* What a server would read of the viewer's. */
struct passed {
	uint8_t bytes[2 * MAX + RFB_FILTER_HEAD];
	size_t n;
	int verdict;
	uint64_t dropped;
};

/* Return: the message's length; 0: it is not whole. */
static size_t message_len(const uint8_t *at, size_t left)
{
	size_t len = 0;

	switch (at[0]) {
	case RFB_SET_PIXEL_FORMAT:
		len = 20;
		break;
	case RFB_SET_ENCODINGS:
		len = left < 4 ? 4 : 4 + 4 * (size_t)net_get16(at + 2);
		break;
	case RFB_UPDATE_REQUEST:
		len = 10;
		break;
	default:
		must(!"a message that does more than looking");
	}
	return len <= left ? len : 0;
}

/* None that lets a viewer say more, or takes the pointer out of the picture. */
static void check_encodings(const uint8_t *at, size_t len)
{
	static const int32_t bad[] = {
		-239, -240, -257, -258, -259, -261,	  -305,
		-309, -312, -313, -314, -316, 0x574d5664, (int32_t)0xc0a1e5ce,
	};

	for (size_t i = 4; i < len; i += 4)
		for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
			must((int32_t)net_get32(at + i) != bad[k]);
}

static void check_passed(const struct passed *p)
{
	size_t at = 0, len = 1;

	while (at < p->n && len) {
		len = message_len(p->bytes + at, p->n - at);
		if (len && p->bytes[at] == RFB_SET_ENCODINGS)
			check_encodings(p->bytes + at, len);
		at += len;
	}
}

/* piece: 0: as one. */
static void filter_pieces(struct passed *p, const uint8_t *data, size_t size,
			  size_t piece)
{
	struct rfb_filter f = { 0 };

	*p = (struct passed){ .n = 0 };
	for (size_t at = 0; at < size && !p->verdict;) {
		size_t n = piece && piece < size - at ? piece : size - at, out;

		p->verdict = rfb_filter_take(&f, data + at, n, p->bytes + p->n,
					     &out);
		must(out <= n + RFB_FILTER_HEAD);
		must(f.n < RFB_FILTER_HEAD && f.greeted <= RFB_FILTER_GREETING);
		p->n += out;
		at += n;
	}
	must(p->n <= size);
	p->dropped = f.dropped;
}

static void fuzz_filter(const uint8_t *data, size_t size, size_t piece)
{
	static struct passed whole, parts;

	filter_pieces(&whole, data, size, 0);
	filter_pieces(&parts, data, size, piece);
	must(whole.verdict == parts.verdict && whole.n == parts.n);
	must(whole.dropped == parts.dropped);
	must(!memcmp(whole.bytes, parts.bytes, whole.n));
	check_passed(&whole);
}

static int greet_pieces(struct rfb_greeting *g, const uint8_t *data,
			size_t size, size_t piece)
{
	size_t used = 1;
	int r = 0;

	*g = (struct rfb_greeting){ .n = 0 };
	for (size_t at = 0; at < size && !r && used; at += used) {
		const size_t n = piece && piece < size - at ? piece : size - at;

		r = rfb_greeting_take(g, data + at, n, &used);
		must(used <= n);
		must(used == n || r || g->state == RFB_GREETING_DONE);
		must(g->n <= sizeof(g->bytes) && g->n_out <= sizeof(g->out));
	}
	return r;
}

static void fuzz_greeting(const uint8_t *data, size_t size, size_t piece)
{
	struct rfb_greeting whole, parts;

	must(greet_pieces(&whole, data, size, 0) ==
	     greet_pieces(&parts, data, size, piece));
	must(whole.state == parts.state && whole.n_out == parts.n_out);
	must(!memcmp(whole.out, parts.out, whole.n_out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > MAX)
		return 0;
	if (data[0] % 2)
		fuzz_greeting(data + 2, size - 2, data[1]);
	else
		fuzz_filter(data + 2, size - 2, data[1]);
	return 0;
}
