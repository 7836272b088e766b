/* SPDX-License-Identifier: Apache-2.0 */
/* Files of many kinds: which are event fds, and which are memory? */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"

static void event_fds_are_found(void **state)
{
	_cleanup_close_ int fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);

	assert_true(fd_is_event_fd(fd));
	assert_false(fd_is_memory(fd));
}

static void memory_files_are_found(void **state)
{
	_cleanup_close_ int fd = memfd_create("memory", MFD_CLOEXEC);

	assert_true(fd_is_memory(fd));
	assert_false(fd_is_event_fd(fd));
}

static void others_are_neither(void **state)
{
	const int fds[] = {
		open("/proc/self/status", O_RDONLY | O_CLOEXEC),
		open("/dev/null", O_RDWR | O_CLOEXEC),
		open("/dev/zero", O_RDWR | O_CLOEXEC),
		open("/dev", O_RDONLY | O_CLOEXEC),
		open("/dev/shm", O_PATH | O_CLOEXEC),
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
		epoll_create1(EPOLL_CLOEXEC),
	};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		assert_false(fd_is_event_fd(fds[i]));
		assert_false(fd_is_memory(fds[i]));
		close_fd(fds[i]);
	}
	assert_false(fd_is_event_fd(-1));
	assert_false(fd_is_memory(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_fds_are_found),
		cmocka_unit_test(memory_files_are_found),
		cmocka_unit_test(others_are_neither),
	};

	return cmocka_run_group_tests_name("fd-kind", tests, NULL, NULL);
}
