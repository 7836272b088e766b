/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/clock-step.h"

volatile int64_t *clock_step_prepare(struct process *p, const char *dir)
{
	char path[64];
	int64_t zero = 0, *step_s;
	int fd;

	process_allow_preload();
	snprintf(path, sizeof(path), "%s/step", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_sys(fd);
	assert_num(write(fd, &zero, sizeof(zero)), sizeof(zero));
	step_s = mmap(NULL, sizeof(zero), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	assert_ptr_not_equal(step_s, MAP_FAILED);
	close(fd);
	setenv("CLOCK_STEP", path, 1);
	assert_sys(asprintf(&p->env, "LD_PRELOAD=%s/tests/wire/clock-step.so",
			    test_bin_dir()));
	return step_s;
}
