/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/temp-dir.h"

#include <stdio.h>
#include <stdlib.h>
#include "tests/lib/check.h"

void temp_dir_make(char dir[TEMP_DIR_LEN])
{
	const char *below = getenv("TMPDIR");
	int len = snprintf(dir, TEMP_DIR_LEN, "%s/rig-XXXXXX",
			   below && *below ? below : "/tmp");

	if (len >= TEMP_DIR_LEN)
		fail_msg("TMPDIR=%s is too long a path for sockets", below);
	assert_non_null(mkdtemp(dir));
}

int temp_dir_remove(const char *dir)
{
	char command[TEMP_DIR_LEN + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (!system(command))
		return 0;
	print_error("%s is left\n", dir);
	return -1;
}

void file_write(const char *path, const char *fmt, ...)
{
	FILE *file = fopen(path, "we");
	va_list ap;

	assert_non_null(file);
	va_start(ap, fmt);
	assert_true(vfprintf(file, fmt, ap) >= 0);
	va_end(ap);
	assert_num(fclose(file), 0);
}
