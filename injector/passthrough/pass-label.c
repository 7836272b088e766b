/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "injector/passthrough/pass-label.h"
#include "input/base/device-word.h"

/* What it does not begin with, and has not twice in a row. */
static char separator_of(char c)
{
	return c == '-' ? '-' : '_';
}

void pass_label_make(const char *device, char label[PASS_LABEL_MAX + 1])
{
	const char *from = strrchr(device, '/');
	size_t n = 0;

	from = from ? from + 1 : device + device_word_prefix(device);
	for (; *from && n < PASS_LABEL_MAX; from++) {
		if (isalnum((unsigned char)*from))
			label[n++] = *from;
		else if (n && isalnum((unsigned char)label[n - 1]))
			label[n++] = separator_of(*from);
	}
	while (n && !isalnum((unsigned char)label[n - 1]))
		n--;
	label[n] = '\0';
	if (!n)
		strcpy(label, "device");
}
