/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/rfb/rfb-filter.h"
#include "tests/lib/check.h"

#define GREETING RFB_VERSION "\1\1"

/* Bytes of one message, and whether they reach the server. */
static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	bool passes;
} messages[] = {
#define MESSAGE(name, bytes, passes)                   \
	{                                              \
		name, bytes, sizeof(bytes) - 1, passes \
	}
	MESSAGE("SetPixelFormat",
		"\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", true),
	MESSAGE("SetEncodings", "\2\0\0\2\0\0\0\7\xff\xff\xff\x21", true),
	MESSAGE("SetEncodings", "\2\0\0\0", true),
	MESSAGE("FramebufferUpdateRequest", "\3\1\0\1\0\2\4\0\3\0", true),
	MESSAGE("KeyEvent", "\4\1\0\0\0\0\xff\xd", false),
	MESSAGE("PointerEvent", "\5\1\0\x10\0\x20", false),
	/* Six bytes also with bit 7: that there are more is not announced. */
	MESSAGE("PointerEvent", "\5\x80\0\x10\0\x20", false),
	MESSAGE("ClientCutText", "\6\0\0\0\0\0\0\3abc", false),
	MESSAGE("ClientCutText", "\6\0\0\0\0\0\0\0", false),
	/* Extended: the length is negative. */
	MESSAGE("ClientCutText", "\6\0\0\0\xff\xff\xff\xfc\1\0\0\1", false),
	MESSAGE("EnableContinuousUpdates", "\x96\1\0\0\0\0\4\0\3\0", false),
	MESSAGE("ClientFence", "\xf8\0\0\0\0\0\0\1\2xy", false),
	MESSAGE("ClientFence", "\xf8\0\0\0\0\0\0\1\0", false),
	MESSAGE("xvp", "\xfa\0\1\2", false),
	MESSAGE("SetDesktopSize",
		"\xfb\0\4\0\3\0\1\0\0\0\0\1\0\0\0\0\4\0\3\0\0\0\0\0", false),
	MESSAGE("QEMU", "\xff\0\0\1\0\0\0\x61\0\0\0\x1e", false),
	MESSAGE("QEMU", "\xff\1\0\0", false),
	MESSAGE("QEMU", "\xff\1\0\2\3\2\0\0\xac\x44", false),
#undef MESSAGE
};

#define UPDATE_REQUEST "\3\0\0\0\0\0\0\x8\0\x8"

static const struct {
	const char *bytes;
	size_t len;
	int want;
} verdicts[] = {
#define VERDICT(bytes, want)                   \
	{                                      \
		bytes, sizeof(bytes) - 1, want \
	}
	VERDICT("", 0),
	VERDICT(GREETING, 0),
	VERDICT("RFB 003.00", 0),
	VERDICT("RFB 003.007\n", RFB_FILTER_E_VERSION),
	VERDICT("GET / HTTP/1.1", RFB_FILTER_E_VERSION),
	VERDICT(RFB_VERSION "\2", RFB_FILTER_E_SECURITY),
	VERDICT(RFB_VERSION "\0", RFB_FILTER_E_SECURITY),
	VERDICT(GREETING "\1", RFB_FILTER_E_MESSAGE),
	VERDICT(GREETING "\7", RFB_FILTER_E_MESSAGE),
	VERDICT(GREETING "\xfd", RFB_FILTER_E_MESSAGE),
	VERDICT(GREETING "\xff\2\0\0", RFB_FILTER_E_MESSAGE),
	VERDICT(GREETING "\6\0\0\0\1\0\0\0", 0),
	VERDICT(GREETING "\6\0\0\0\1\0\0\1", RFB_FILTER_E_LENGTH),
	VERDICT(GREETING "\6\0\0\0\xff\0\0\0", 0),
	VERDICT(GREETING "\6\0\0\0\xfe\xff\xff\xff", RFB_FILTER_E_LENGTH),
	VERDICT(GREETING "\6\0\0\0\x80\0\0\0", RFB_FILTER_E_LENGTH),
	VERDICT(GREETING "\xf8\0\0\0\0\0\0\1\x40", 0),
	VERDICT(GREETING "\xf8\0\0\0\0\0\0\1\x41", RFB_FILTER_E_LENGTH),
#undef VERDICT
};

/* Take bytes in two pieces. Return: the verdict; what passed is in out. */
static int take_split(struct rfb_filter *f, const uint8_t *in, size_t len,
		      size_t at, uint8_t *out, size_t *n_out)
{
	size_t more = 0;
	int r = rfb_filter_take(f, in, at, out, n_out);

	if (!r)
		r = rfb_filter_take(f, in + at, len - at, out + *n_out, &more);
	*n_out += more;
	return r;
}

/* Everything before and after a message passes, wherever it is split. */
static void check_message(size_t i, size_t at, const uint8_t *all, size_t len)
{
	uint8_t out[256], want[256];
	struct rfb_filter f = { 0 };
	size_t n_out, n_want = 10;

	memcpy(want, UPDATE_REQUEST, 10);
	if (messages[i].passes) {
		memcpy(want + n_want, messages[i].bytes, messages[i].len);
		n_want += messages[i].len;
	}
	memcpy(want + n_want, UPDATE_REQUEST, 10);
	n_want += 10;
	assert_ok(take_split(&f, all, len, at, out, &n_out));
	assert_num(n_out, n_want);
	assert_memory_equal(out, want, n_want);
	assert_num(f.dropped, messages[i].passes ? 0 : 1);
}

static void only_looking_passes_wherever_it_is_split(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const size_t n = messages[i].len;
		uint8_t all[256];

		memcpy(all, GREETING UPDATE_REQUEST, 24);
		memcpy(all + 24, messages[i].bytes, n);
		memcpy(all + 24 + n, UPDATE_REQUEST, 10);
		for (size_t at = 0; at <= 34 + n; at++)
			check_message(i, at, all, 34 + n);
	}
}

static const struct {
	int32_t encoding;
	bool passes;
} encodings[] = {
	{ 0, true },	       /* Raw */
	{ 1, true },	       /* CopyRect */
	{ 2, true },	       /* RRE */
	{ 3, false },	       /* nothing */
	{ 5, true },	       /* Hextile */
	{ 6, true },	       /* zlib */
	{ 7, true },	       /* Tight */
	{ 16, true },	       /* ZRLE */
	{ 21, true },	       /* JPEG */
	{ 50, true },	       /* H.264 */
	{ -22, false },	       /* nothing */
	{ -23, true },	       /* JPEG's quality: the best */
	{ -32, true },	       /* and the worst */
	{ -33, false },	       /* nothing */
	{ -223, true },	       /* DesktopSize */
	{ -224, true },	       /* LastRect */
	{ -232, false },       /* PointerPos */
	{ -239, false },       /* Cursor */
	{ -240, false },       /* XCursor */
	{ -247, true },	       /* compression: most */
	{ -256, true },	       /* and least */
	{ -257, false },       /* QEMU's pointer motion */
	{ -258, false },       /* QEMU's keys */
	{ -259, false },       /* QEMU's sound */
	{ -260, true },	       /* Tight with PNG */
	{ -261, false },       /* LED state */
	{ -305, false },       /* gii */
	{ -307, true },	       /* DesktopName */
	{ -308, true },	       /* ExtendedDesktopSize */
	{ -309, false },       /* xvp */
	{ -312, false },       /* Fence */
	{ -313, false },       /* ContinuousUpdates */
	{ -314, false },       /* Cursor with alpha */
	{ -316, false },       /* ExtendedMouseButtons */
	{ -412, true },	       /* fine-grained quality */
	{ -512, true },	       /* */
	{ -763, true },	       /* subsampling */
	{ -768, true },	       /* */
	{ 0x574d5664, false }, /* VMware's cursor */
	{ INT32_MIN, false },
	{ INT32_MAX, false },
	{ (int32_t)0xc0a1e5ce, false }, /* the extended clipboard */
};

#define ENCODINGS_LEN (4 + 4 * ARRAY_LEN(encodings))

/* in: with all of them; want: what a server sees. */
static void put_encodings(uint8_t *in, uint8_t *want)
{
	const uint8_t head[] = { 2, 0, 0, ARRAY_LEN(encodings) };

	memcpy(in, head, 4);
	memcpy(want, head, 4);
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		const uint32_t e = (uint32_t)encodings[i].encoding;

		net_put32(in + 4 + 4 * i, e);
		net_put32(want + 4 + 4 * i,
			  encodings[i].passes ? e : 0x7fffffff);
	}
}

/* A server that does not draw the pointer may send it. */
static void cursor_passes_where_it_may(void **state)
{
	const uint8_t in[] = GREETING "\2\0\0\2\xff\xff\xff\x11"
				      "\xff\xff\xff\x10";
	const uint8_t want[] = "\2\0\0\2\xff\xff\xff\x11\x7f\xff\xff\xff";
	struct rfb_filter f = { .passes_cursor = true };
	uint8_t out[64];
	size_t n;

	assert_ok(rfb_filter_take(&f, in, sizeof(in) - 1, out, &n));
	assert_num(n, sizeof(want) - 1);
	assert_memory_equal(out, want, n);
}

/* The others keep their place, which says what a viewer prefers. */
static void only_encodings_of_pictures_pass(void **state)
{
	uint8_t in[14 + ENCODINGS_LEN + 10], want[ENCODINGS_LEN + 10];
	uint8_t out[sizeof(in) + RFB_FILTER_HEAD];

	memcpy(in, GREETING, 14);
	put_encodings(in + 14, want);
	memcpy(in + 14 + ENCODINGS_LEN, UPDATE_REQUEST, 10);
	memcpy(want + ENCODINGS_LEN, UPDATE_REQUEST, 10);
	for (size_t at = 0; at <= sizeof(in); at++) {
		struct rfb_filter f = { 0 };
		size_t n_out;

		assert_ok(take_split(&f, in, sizeof(in), at, out, &n_out));
		assert_num(n_out, sizeof(want));
		assert_memory_equal(out, want, sizeof(want));
		assert_num(f.dropped, 0);
	}
}

static void messages_have_names(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		assert_string_equal(
			rfb_filter_name((uint8_t)messages[i].bytes[0]),
			messages[i].name);
	assert_null(rfb_filter_name(1));
}

static void what_is_wrong_has_its_verdict(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		for (size_t at = 0; at <= verdicts[i].len; at++) {
			struct rfb_filter f = { 0 };
			uint8_t out[256];
			size_t n_out;

			assert_num(
				take_split(&f,
					   (const uint8_t *)verdicts[i].bytes,
					   verdicts[i].len, at, out, &n_out),
				verdicts[i].want);
			assert_num(n_out, 0);
		}
}

/* What came before the message that ends it is the server's. */
static void an_unknown_message_is_named_after_those_before(void **state)
{
	static const char bytes[] = GREETING UPDATE_REQUEST "\x63";
	struct rfb_filter f = { 0 };
	uint8_t out[64];
	size_t n_out;

	assert_num(rfb_filter_take(&f, (const uint8_t *)bytes,
				   sizeof(bytes) - 1, out, &n_out),
		   RFB_FILTER_E_MESSAGE);
	assert_num(f.type, 0x63);
	assert_num(n_out, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_looking_passes_wherever_it_is_split),
		cmocka_unit_test(only_encodings_of_pictures_pass),
		cmocka_unit_test(cursor_passes_where_it_may),
		cmocka_unit_test(messages_have_names),
		cmocka_unit_test(what_is_wrong_has_its_verdict),
		cmocka_unit_test(
			an_unknown_message_is_named_after_those_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
