/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <string.h>

#include "injector/passthrough/pass-library.h"

static int find_calls(void *library, const char *name,
		      const struct pass_library_row *rows, size_t n,
		      char *calls, struct fault *why)
{
	for (size_t i = 0; i < n; i++) {
		void *call = dlsym(library, rows[i].call);

		if (!call)
			return fault_set(why, "%s has no %s()", name,
					 rows[i].call);
		memcpy(calls + rows[i].member, &call, sizeof(call));
	}
	return 0;
}

int pass_library_load(const char *name, const struct pass_library_row *rows,
		      size_t n, void *calls, struct fault *why)
{
	void *library = dlopen(name, RTLD_NOW);
	int r;

	if (!library)
		return fault_set(why, "%s", dlerror());
	r = find_calls(library, name, rows, n, calls, why);
	if (r)
		dlclose(library);
	return r;
}
