/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/vhost-user/vu-handler.h"

int vu_fail(struct vu_backend *be, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(be->why, sizeof(be->why), fmt, ap);
	va_end(ap);
	return VU_E_VIOLATION;
}

int vu_host_fail(struct vu_backend *be, int error, const char *what)
{
	vu_fail(be, "%s: %s", what, strerror(-error));
	return error;
}
