/* SPDX-License-Identifier: Apache-2.0 */
/* pass-list.h: who can use a device, with a node that this test plays. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-list.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-node.h"
#include "tests/lib/temp-dir.h"

static struct fake_node fake;
#define FAKE_NODE (&fake)
#include "tests/lib/fake-node-ioctl.h"

static char dir[TEMP_DIR_LEN], sys[64], dev[64], node[80];
static int open_error;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	if (strcmp(path, node))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
	errno = open_error;
	return open_error ? -1
			  : (int)syscall(SYS_openat, AT_FDCWD, "/dev/null",
					 O_RDONLY | O_CLOEXEC, 0);
}

static void attribute(const char *what, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/event1/device/%s", sys, what);
	file_write(path, "%s\n", text);
}

static int setup(void **state)
{
	static const char *const folders[] = { "event1", "event1/device",
					       "event1/device/capabilities" };

	memset(&fake, 0, sizeof(fake));
	open_error = 0;
	temp_dir_make(dir);
	snprintf(sys, sizeof(sys), "%s/sys", dir);
	snprintf(dev, sizeof(dev), "%s/dev", dir);
	snprintf(node, sizeof(node), "%s/event1", dev);
	assert_sys(mkdir(sys, 0700));
	assert_sys(mkdir(dev, 0700));
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", sys, folders[i]);
		assert_sys(mkdir(path, 0700));
	}
	attribute("name", "Name");
	file_write(node, "x");
	return 0;
}

static int teardown(void **state)
{
	return temp_dir_remove(dir);
}

/* Return: the list, to be freed. */
static char *print(void)
{
	const struct pass_host host = { .sys = sys, .dev = dev };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_ok(pass_list_print(out, &host));
	fclose(out);
	return text;
}

/* text: taken. */
static void expect_text(char *text, const char *kinds, const char *state_text)
{
	char *want;

	assert_sys(asprintf(&want,
			    "%-19s 0000:0000 %-11s Name\n"
			    "    state    %s\n",
			    node, kinds, state_text));
	assert_string_equal(text, want);
	free(text);
	free(want);
}

static void expect(const char *kinds, const char *state_text)
{
	expect_text(print(), kinds, state_text);
}

static void a_device_is_free_and_stays_so(void **state)
{
	expect("-", "free");
	assert_num(fake.grabs, 1);
	assert_false(fake.grabbed);
}

static void one_that_cannot_be_used_has_the_reason(void **state)
{
	static const struct {
		int open_error, node_error;
		const char *state;
	} rows[] = {
		{ EACCES, 0, "no permission" },
		{ EPERM, 0, "no permission" },
		{ ENODEV, 0, "No such device" },
		{ 0, ENODEV, "No such device" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		open_error = rows[i].open_error;
		fake.error = rows[i].node_error;
		expect("-", rows[i].state);
	}
}

/* It inherits the file. */
static void who_has_grabbed_it_is_named(void **state)
{
	int fd;
	char text[64], *got;
	pid_t pid;

	fake.taken = true;
	expect("-", "grabbed");
	fd = (int)syscall(SYS_openat, AT_FDCWD, node, O_RDONLY | O_CLOEXEC, 0);
	assert_sys(fd);
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	snprintf(text, sizeof(text), "grabbed; open in %.15s (%d)",
		 program_invocation_short_name, pid);
	got = print();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
	expect_text(got, "-", text);
}

static void all_that_it_is_is_listed(void **state)
{
	attribute("capabilities/key", "10000 0 0 0 1fffffffe");
	attribute("capabilities/rel", "3");
	expect("keyboard,mouse", "free");
	attribute("capabilities/sw", "1");
	expect("keyboard,mouse,switch", "free");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_is_free_and_stays_so),
		T(one_that_cannot_be_used_has_the_reason),
		T(who_has_grabbed_it_is_named),
		T(all_that_it_is_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
