/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message is a head, whose length its type decides on, and as many bytes as
 * the head says. Until the head is whole it is kept; then it passes or not, and
 * so does the rest as it comes; encodings one by one.
 */
#include <string.h>

#include "injector/rfb/rfb-filter.h"
#include "injector/rfb/rfb-wire.h"

#define CUT_TEXT_MAX (1 << 24)

/* How many bytes follow a head. Return: 0; RFB_FILTER_E_*. */
static int rest_of_format(const uint8_t *head, size_t *rest)
{
	*rest = 16;
	return 0;
}

static int rest_of_encodings(const uint8_t *head, size_t *rest)
{
	*rest = 4 * (size_t)net_get16(head + 2);
	return 0;
}

/* Negative with the extended clipboard. */
static int rest_of_text(const uint8_t *head, size_t *rest)
{
	const int64_t len = (int32_t)net_get32(head + 4);

	*rest = (size_t)(len < 0 ? -len : len);
	return *rest > CUT_TEXT_MAX ? RFB_FILTER_E_LENGTH : 0;
}

static int rest_of_fence(const uint8_t *head, size_t *rest)
{
	*rest = head[8];
	return *rest > 64 ? RFB_FILTER_E_LENGTH : 0;
}

static int rest_of_size(const uint8_t *head, size_t *rest)
{
	*rest = 16 * (size_t)head[6];
	return 0;
}

/* QEMU's: a key (0), or sound (1) on, off, or with a format. */
static int rest_of_qemu(const uint8_t *head, size_t *rest)
{
	enum {
		KEY = 0,
		SOUND = 1,
		SET_FORMAT = 2
	};

	if (head[1] > SOUND)
		return RFB_FILTER_E_MESSAGE;
	*rest = head[1] == KEY ? 8 : net_get16(head + 2) == SET_FORMAT ? 6 : 0;
	return 0;
}

static const struct filter_row {
	const char *name;
	uint8_t type;
	bool passes;
	uint8_t head;					/* bytes */
	int (*rest)(const uint8_t *head, size_t *rest); /* NULL: nothing */
} rows[] = {
	{ "SetPixelFormat", RFB_SET_PIXEL_FORMAT, true, 4, rest_of_format },
	{ "SetEncodings", RFB_SET_ENCODINGS, true, 4, rest_of_encodings },
	{ "FramebufferUpdateRequest", RFB_UPDATE_REQUEST, true, 10, NULL },
	{ "KeyEvent", RFB_KEY_EVENT, false, 8, NULL },
	{ "PointerEvent", RFB_POINTER_EVENT, false, 6, NULL },
	{ "ClientCutText", RFB_CLIENT_CUT_TEXT, false, 8, rest_of_text },
	{ "EnableContinuousUpdates", RFB_CONTINUOUS_UPDATES, false, 10, NULL },
	{ "ClientFence", RFB_CLIENT_FENCE, false, 9, rest_of_fence },
	{ "xvp", RFB_XVP, false, 4, NULL },
	{ "SetDesktopSize", RFB_SET_DESKTOP_SIZE, false, 8, rest_of_size },
	{ "QEMU", RFB_QEMU, false, 4, rest_of_qemu },
};

static const struct filter_row *filter_row(uint8_t type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

const char *rfb_filter_name(uint8_t type)
{
	const struct filter_row *row = filter_row(type);

	return row ? row->name : NULL;
}

/* Return: 0; RFB_FILTER_E_*. */
static int filter_greet(struct rfb_filter *f, uint8_t byte)
{
	const unsigned int at = f->greeted++;

	if (at < RFB_VERSION_LEN)
		return byte == (uint8_t)RFB_VERSION[at] ? 0
							: RFB_FILTER_E_VERSION;
	if (at == RFB_VERSION_LEN)
		return byte == RFB_SECURITY_NONE ? 0 : RFB_FILTER_E_SECURITY;
	return 0; /* shared or not: the server is told that it is */
}

/* A head is whole. Return: 0; RFB_FILTER_E_*. */
static int filter_begin(struct rfb_filter *f, const struct filter_row *row)
{
	int r = row->rest ? row->rest(f->head, &f->left) : 0;

	f->passes = row->passes;
	f->dropped += !row->passes;
	return r;
}

/* One more byte of a head. Return: 0; RFB_FILTER_E_*. */
static int filter_head(struct rfb_filter *f, uint8_t byte, uint8_t *out,
		       size_t *n_out)
{
	const struct filter_row *row;
	int r;

	if (!f->n)
		f->type = byte;
	row = filter_row(f->type);
	if (!row)
		return RFB_FILTER_E_MESSAGE;
	f->head[f->n++] = byte;
	if (f->n < row->head)
		return 0;
	r = filter_begin(f, row);
	if (!r && f->passes) {
		memcpy(out + *n_out, f->head, f->n);
		*n_out += f->n;
	}
	f->n = 0;
	return r;
}

/* --- encodings --- */

static bool encoding_passes(const struct rfb_filter *f, int32_t encoding)
{
	static const struct {
		int32_t min, max;
	} ranges[] = {
		{ RFB_RAW, RFB_RRE },
		{ RFB_CORRE, RFB_ZLIB_HEX },
		{ RFB_TRLE, RFB_ZRLE },
		{ RFB_JPEG, RFB_JPEG },
		{ RFB_H264, RFB_H264 },
		{ RFB_TIGHT_PNG, RFB_TIGHT_PNG },
		{ RFB_QUALITY_MIN, RFB_QUALITY_MAX },
		{ RFB_LAST_RECT, RFB_DESKTOP_SIZE },
		{ RFB_COMPRESS_MIN, RFB_COMPRESS_MAX },
		{ RFB_EXTENDED_DESKTOP_SIZE, RFB_DESKTOP_NAME },
		{ RFB_FINE_QUALITY_MIN, RFB_FINE_QUALITY_MAX },
		{ RFB_SUBSAMPLING_MIN, RFB_SUBSAMPLING_MAX },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (encoding >= ranges[i].min && encoding <= ranges[i].max)
			return true;
	return encoding == RFB_CURSOR && f->passes_cursor;
}

/* One more byte of an encoding. Return: how many bytes pass. */
static size_t filter_encoding(struct rfb_filter *f, uint8_t byte, uint8_t *out)
{
	f->left--;
	f->head[f->n++] = byte;
	if (f->n < 4)
		return 0;
	if (!encoding_passes(f, (int32_t)net_get32(f->head)))
		net_put32(f->head, RFB_NO_ENCODING);
	memcpy(out, f->head, 4);
	f->n = 0;
	return 4;
}

/* --- what comes --- */

/*
 * Take of a message's rest; *n_out: how many bytes pass. Return: how many there
 * are.
 */
static size_t filter_rest(struct rfb_filter *f, const uint8_t *in, size_t len,
			  uint8_t *out, size_t *n_out)
{
	const size_t n = len < f->left ? len : f->left;

	if (f->type == RFB_SET_ENCODINGS) {
		for (size_t i = 0; i < n; i++)
			*n_out += filter_encoding(f, in[i], out + *n_out);
		return n;
	}
	f->left -= n;
	if (f->passes) {
		memcpy(out + *n_out, in, n);
		*n_out += n;
	}
	return n;
}

int rfb_filter_take(struct rfb_filter *f, const uint8_t *in, size_t len,
		    uint8_t *out, size_t *n_out)
{
	int r = 0;

	*n_out = 0;
	for (size_t i = 0; i < len && !r;) {
		if (f->greeted < RFB_FILTER_GREETING) {
			r = filter_greet(f, in[i++]);
		} else if (f->left) {
			i += filter_rest(f, in + i, len - i, out, n_out);
		} else {
			r = filter_head(f, in[i++], out, n_out);
		}
	}
	return r;
}
