/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-shipped.h"
#include "input/spec/spec-file.h"

#define MOUSE 0

static const struct {
	const char *kind;
	bool sized;
} rows[PASS_SHIPPED] = {
	[MOUSE] = { "mouse", false },
	{ "tablet", false },
	{ "multi-touchscreen", true },
};

int pass_shipped_load(struct pass_shipped *s, const struct pass_tuning *t)
{
	char width[12], height[12];
	const struct spec_set sets[] = { { "WIDTH", width },
					 { "HEIGHT", height } };
	int r = 0;

	snprintf(width, sizeof(width), "%u", t->width);
	snprintf(height, sizeof(height), "%u", t->height);
	for (int i = 0; !r && i < PASS_SHIPPED; i++)
		r = spec_file_load(&s->spec[i], rows[i].kind, sets,
				   rows[i].sized ? 2 : 0);
	if (pass_tuning_pinches(t))
		bit_set(s->spec[MOUSE].bits[EV_KEY], KEY_LEFTCTRL);
	return r ? -EINVAL : 0;
}

const struct spec *pass_shipped_find(const struct pass_shipped *s,
				     const char *kind)
{
	int i = 0;

	while (strcmp(rows[i].kind, kind))
		i++;
	return &s->spec[i];
}
