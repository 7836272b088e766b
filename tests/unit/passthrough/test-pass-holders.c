/* SPDX-License-Identifier: Apache-2.0 */
/* pass-holders.h: a file that another process has open stands for a node. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-holders.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

/* It has the file open until it is killed. */
static pid_t start_holder(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_sys(pipe(ready));
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		prctl(PR_SET_NAME, "a holder");
		if (open(path, O_RDONLY) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_num(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void process_that_has_it_open_is_named(void **state)
{
	char dir[TEMP_DIR_LEN], path[64], want[64], text[256];
	pid_t pid;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/node", dir);
	file_write(path, "-");
	pass_holders(path, text, sizeof(text));
	assert_string_equal(text, "");
	pid = start_holder(path);
	snprintf(want, sizeof(want), "a holder (%d)", pid);
	pass_holders(path, text, sizeof(text));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	temp_dir_remove(dir);
	assert_string_equal(text, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_that_has_it_open_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
