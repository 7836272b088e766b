/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "injector/inject/inject-utf8.h"

uint32_t inject_utf8_next(const char **text, const char *end)
{
	const unsigned char *at = (const unsigned char *)*text;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint32_t ch = *at++;
	size_t more = ch < 0x80 ? 0 : ch < 0xe0 ? 1 : ch < 0xf0 ? 2 : 3;

	if ((ch >= 0x80 && ch < 0xc2) || ch > 0xf4)
		return INJECT_UTF8_BAD;
	if (more > (size_t)((const unsigned char *)end - at))
		return INJECT_UTF8_BAD;
	if (more)
		ch &= 0x3fu >> more;
	for (size_t i = 0; i < more; i++, at++) {
		if ((*at & 0xc0) != 0x80)
			return INJECT_UTF8_BAD;
		ch = ch << 6 | (*at & 0x3f);
	}
	if (ch < least[more] || ch > 0x10ffff || (ch >> 11) == 0x1b)
		return INJECT_UTF8_BAD;
	*text = (const char *)at;
	return ch;
}

void inject_utf8_write(char out[INJECT_UTF8_LEN], uint32_t ch)
{
	size_t more = ch < 0x80 ? 0 : ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = more; i; i--, ch >>= 6)
		out[i] = (char)(0x80 | (ch & 0x3f));
	out[0] = (char)(lead[more] | ch);
	out[more + 1] = '\0';
}
