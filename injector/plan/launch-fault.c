/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include "injector/plan/launch-fault.h"

/* From an offset to a line and a column, both from 1. */
static void fault_locate(struct launch_fault *f, size_t offset)
{
	f->line = 1;
	f->column = 1;
	for (size_t i = 0; i < offset && i < f->json_len; i++) {
		f->column++;
		if (f->json[i] == '\n') {
			f->line++;
			f->column = 1;
		}
	}
}

int launch_fault(struct launch_fault *f, const struct json_path *at,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	f->line = f->column = 0;
	if (f->json && f->in_file)
		fault_locate(f, json_where(f->json, f->json_len, at));
	return -EINVAL;
}
