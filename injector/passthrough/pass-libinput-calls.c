/* SPDX-License-Identifier: Apache-2.0 */
#ifdef HAVE_LIBINPUT

#include <dlfcn.h>
#include <stdbool.h>

#include "injector/passthrough/pass-libinput-calls.h"

#define LIBRARY "libinput.so.10"

static int find_call(void *library, const char *name, void **call,
		     struct fault *why)
{
	*call = dlsym(library, name);
	return *call ? 0 : fault_set(why, LIBRARY " has no %s()", name);
}

static int find_calls(void *library, struct pass_libinput_calls *calls,
		      struct fault *why)
{
	int r = 0;

#define FIND(name)                                        \
	if (!r)                                           \
		r = find_call(library, "libinput_" #name, \
			      (void **)(void *)&calls->name, why);
	PASS_LIBINPUT_CALLS(FIND)
#undef FIND
	return r;
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
