/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>

#include "injector/passthrough/pass-library.h"
#include "injector/passthrough/pass-udev-calls.h"

static const struct pass_library_row rows[] = {
#define ROW(call) { "udev_" #call, offsetof(struct pass_udev_calls, call) },
	PASS_UDEV_CALLS(ROW)
#undef ROW
};

const struct pass_udev_calls *pass_udev_calls(struct fault *why)
{
	static struct pass_udev_calls calls;
	static bool loaded;

	if (!loaded)
		loaded = !pass_library_load("libudev.so.1", rows,
					    sizeof(rows) / sizeof(rows[0]),
					    &calls, why);
	return loaded ? &calls : NULL;
}
