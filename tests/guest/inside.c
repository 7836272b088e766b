/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of inside.h:
 *
 *	inside [PATTERN]
 *
 * Its output goes to the test on the host, which obeys lines that begin with
 * @ (inside_qmp()).
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/guest/inside.h"

#define TIME_LIMIT_S 300
#define MODULES	     "/modules-of-host"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Once in a guest. */
static void load_modules(void)
{
	struct dirent **entries;
	char path[300];
	int n;

	if (!access("/sys/module/uhid", F_OK))
		return;
	n = scandir(MODULES, &entries, is_module, alphasort);
	for (int i = 0; i < n; i++) {
		int fd;

		snprintf(path, sizeof(path), MODULES "/%s", entries[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			perror(path);
		close(fd);
		free(entries[i]);
	}
	free(entries);
}

static int set_up(void **state)
{
	node_forget();
	return 0;
}

static int tear_down(void **state)
{
	inside_end_all();
	return 0;
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down),

static const struct CMUnitTest tests[] = { INSIDE_CLAIMS(
	TEST) INSIDE_BARE_CLAIMS(TEST) INSIDE_SYSTEMD_CLAIMS(TEST) };

int main(int argc, char **argv)
{
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	setenv("VINPUT_BIN_DIR", "/bin", 1);
	signal(SIGPIPE, SIG_IGN);
	mkdir(INSIDE_DIR, 0700);
	load_modules();
	alarm(TIME_LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
