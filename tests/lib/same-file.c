/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include "tests/lib/check.h"
#include "tests/lib/same-file.h"

void assert_same_file(int a, int b)
{
	struct stat x, y;

	assert_sys(fstat(a, &x));
	assert_sys(fstat(b, &y));
	assert_num(x.st_dev, y.st_dev);
	assert_num(x.st_ino, y.st_ino);
}
