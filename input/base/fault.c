/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "input/base/fault.h"

int fault_set(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* cppcheck-suppress ctuuninitvar ; it is written here */
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int fault_errno(struct fault *f, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* cppcheck-suppress ctuuninitvar ; it is written here */
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return code;
}

int fault_no_memory(struct fault *f)
{
	return fault_errno(f, -ENOMEM, "%s", strerror(ENOMEM));
}

const char *fault_hint(const char *near)
{
	static char hint[96];

	if (!near)
		return "";
	snprintf(hint, sizeof(hint), "; did you mean %s?", near);
	return hint;
}
