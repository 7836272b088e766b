/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_LIBINPUT

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "injector/passthrough/pass-libinput-calls.h"

#define LIBRARY "libinput.so.10"

static const struct {
	const char *name;
	size_t member;
} rows[] = {
#define ROW(call) \
	{ "libinput_" #call, offsetof(struct pass_libinput_calls, call) },
	PASS_LIBINPUT_CALLS(ROW)
#undef ROW
};

static int find_calls(void *library, struct pass_libinput_calls *calls,
		      struct fault *why)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *call = dlsym(library, rows[i].name);

		if (!call)
			return fault_set(why, LIBRARY " has no %s()",
					 rows[i].name);
		memcpy((char *)calls + rows[i].member, &call, sizeof(call));
	}
	return 0;
}

const struct pass_libinput_calls *pass_libinput_calls(struct fault *why)
{
	static struct pass_libinput_calls calls;
	static bool loaded;
	void *library = loaded ? NULL : dlopen(LIBRARY, RTLD_NOW);

	if (!loaded && !library)
		fault_set(why, "%s", dlerror());
	if (library)
		loaded = !find_calls(library, &calls, why);
	return loaded ? &calls : NULL;
}

#endif
