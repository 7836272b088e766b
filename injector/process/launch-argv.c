/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/process/launch-argv.h"

void launch_argv_add(struct launch_argv *a, const char *fmt, ...)
{
	char **v = realloc(a->v, (a->n + 2) * sizeof(*v));
	va_list ap;
	char *text;

	if (!v) {
		a->failed = true;
		return;
	}
	a->v = v;
	v[a->n] = NULL;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		a->failed = true;
	} else {
		v[a->n++] = text;
		v[a->n] = NULL;
	}
	va_end(ap);
}

void launch_argv_add_some(struct launch_argv *a, const struct launch_argv *from,
			  const char *prefix)
{
	for (size_t i = 0; i < from->n; i++)
		if (!strncmp(from->v[i], prefix, strlen(prefix)))
			launch_argv_add(a, "%s", from->v[i]);
}

int launch_argv_check(const struct launch_argv *a)
{
	return a->failed ? -ENOMEM : 0;
}

void launch_argv_fini(struct launch_argv *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = LAUNCH_ARGV_NULL;
}
