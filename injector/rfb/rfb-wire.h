/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Remote Framebuffer protocol, which VNC servers speak (RFC 6143), as far
 * as a viewer needs it that only looks. Numbers are big-endian.
 */
#ifndef VINPUT_RFB_WIRE_H
#define VINPUT_RFB_WIRE_H

#include <stdint.h>
#include "input/base/net-order.h"

/* RFC 6143 §7.1.1 */
#define RFB_VERSION	"RFB 003.008\n"
#define RFB_VERSION_LEN 12

/* RFC 6143 §7.1.2 */
enum rfb_security {
	RFB_SECURITY_INVALID = 0, /* a reason follows */
	RFB_SECURITY_NONE = 1,
	RFB_SECURITY_VNC = 2, /* a password, by rfb-auth.h */
};

/* ServerInit without the name, RFC 6143 §7.3.2 */
#define RFB_INIT_LEN 24
#define RFB_NAME_MAX 1024 /* of ours */

/* From the server, RFC 6143 §7.6 */
enum rfb_message {
	RFB_UPDATE = 0,
	RFB_COLOURS = 1,
	RFB_BELL = 2,
	RFB_SERVER_CUT_TEXT = 3,
};

/* From the viewer, RFC 6143 §7.5; with those of extensions. */
enum rfb_request {
	RFB_SET_PIXEL_FORMAT = 0,
	RFB_SET_ENCODINGS = 2,
	RFB_UPDATE_REQUEST = 3,
	RFB_KEY_EVENT = 4,
	RFB_POINTER_EVENT = 5,
	RFB_CLIENT_CUT_TEXT = 6,
	RFB_CONTINUOUS_UPDATES = 150,
	RFB_CLIENT_FENCE = 248,
	RFB_XVP = 250, /* shuts the guest down */
	RFB_SET_DESKTOP_SIZE = 251,
	RFB_QEMU = 255, /* keys and sound */
};

/*
 * What a viewer can decode, RFC 6143 §7.7, §7.8 and the registry of IANA: none
 * of them lets it say more than before.
 */
enum rfb_encoding {
	RFB_RAW = 0,
	RFB_COPY_RECT = 1,
	RFB_RRE = 2,
	RFB_CORRE = 4,
	RFB_HEXTILE = 5,
	RFB_ZLIB = 6,
	RFB_TIGHT = 7,
	RFB_ZLIB_HEX = 8,
	RFB_TRLE = 15,
	RFB_ZRLE = 16,
	RFB_JPEG = 21,
	RFB_H264 = 50,
	RFB_TIGHT_PNG = -260,
	/* Pseudo-encodings. */
	RFB_QUALITY_MAX = -23, /* ten levels of JPEG, downwards */
	RFB_QUALITY_MIN = -32,
	RFB_DESKTOP_SIZE = -223,
	RFB_LAST_RECT = -224,
	RFB_POINTER_POSITION = -232, /* libvncserver's */
	RFB_CURSOR = -239,
	RFB_COMPRESS_MAX = -247, /* ten levels, too */
	RFB_COMPRESS_MIN = -256,
	RFB_DESKTOP_NAME = -307,
	RFB_EXTENDED_DESKTOP_SIZE = -308,
	RFB_FINE_QUALITY_MAX = -412, /* percent */
	RFB_FINE_QUALITY_MIN = -512,
	RFB_SUBSAMPLING_MAX = -763,
	RFB_SUBSAMPLING_MIN = -768,
	RFB_CURSOR_POSITION = 0x574d5666, /* VMware's */
	/* Of no meaning: a server ignores what it does not know. */
	RFB_NO_ENCODING = 0x7fffffff,
};

#endif
