/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/spec/spec-sets.h"

int spec_sets_take(struct spec_sets *s, struct cmdline *c, char *value)
{
	char *eq = strchr(value, '=');

	if (!eq || eq == value)
		return cmdline_refuse_value(c, value, "must be NAME=VALUE");
	if (s->n == SPEC_SETS_MAX)
		return cmdline_refuse_value(c, value, "at most %d can be given",
					    SPEC_SETS_MAX);
	*eq = '\0';
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->set[i].name, value))
			return cmdline_refuse_value(c, value, "given twice");
	s->set[s->n++] = (struct spec_set){ value, eq + 1 };
	return 0;
}
