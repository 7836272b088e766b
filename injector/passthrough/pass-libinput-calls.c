/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_LIBINPUT

#include <stdbool.h>
#include <stddef.h>

#include "injector/passthrough/pass-libinput-calls.h"
#include "injector/passthrough/pass-library.h"

static const struct pass_library_row rows[] = {
#define ROW(call) \
	{ "libinput_" #call, offsetof(struct pass_libinput_calls, call) },
	PASS_LIBINPUT_CALLS(ROW)
#undef ROW
};

const struct pass_libinput_calls *pass_libinput_calls(struct fault *why)
{
	static struct pass_libinput_calls calls;
	static bool loaded;

	if (!loaded)
		loaded = !pass_library_load("libinput.so.10", rows,
					    sizeof(rows) / sizeof(rows[0]),
					    &calls, why);
	return loaded ? &calls : NULL;
}

#endif
