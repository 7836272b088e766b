/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>
#include "injector/process/launch-program.h"

void launch_program_find(char path[PATH_MAX], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash && (size_t)(slash - path) + strlen(name) + 2 <= PATH_MAX) {
		strcpy(slash + 1, name);
		if (!access(path, X_OK))
			return;
	}
	strcpy(path, name);
}
