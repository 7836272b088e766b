/* SPDX-License-Identifier: Apache-2.0 */
/* inject-file.h: a file that arrives piece by piece. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "injector/inject/inject-file.h"
#include "tests/lib/check.h"

/* More than one buffer in the end, and not a multiple of any. */
static const size_t pieces[] = { 1, 1, 70000, 3, 65535, 130000, 7 };

/* Write the next piece when the one before it has been read. */
static void *write_pieces(void *arg)
{
	const int fd = *(const int *)arg;
	char *bytes = malloc(130000);
	unsigned char value = 0;

	for (size_t i = 0; bytes && i < ARRAY_LEN(pieces); i++) {
		int unread = 1;

		memset(bytes, value++, pieces[i]);
		if (write(fd, bytes, pieces[i]) < 0)
			break;
		while (!ioctl(fd, FIONREAD, &unread) && unread)
			usleep(100);
	}
	free(bytes);
	close(fd);
	return NULL;
}

static void pieces_of_a_pipe_are_one_text(void **state)
{
	struct inject_file file;
	struct fault fault;
	size_t at = 0;
	pthread_t writer;
	char path[32];
	int fd[2];

	assert_sys(pipe(fd));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
	assert_num(pthread_create(&writer, NULL, write_pieces, &fd[1]), 0);
	if (inject_file_read(&file, path, &fault))
		fail_msg("%s", fault.text);
	pthread_join(writer, NULL);
	close(fd[0]);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		for (size_t j = 0; j < pieces[i]; j++, at++)
			if (file.text[at] != (char)i)
				fail_msg("byte %zu is not of piece %zu", at, i);
	assert_num(file.len, at);
	inject_file_fini(&file);
}

static void an_empty_file_is_an_empty_text(void **state)
{
	struct inject_file file;
	struct fault fault;

	assert_ok(inject_file_read(&file, "/dev/null", &fault));
	assert_num(file.len, 0);
	inject_file_fini(&file);
}

static void what_cannot_be_read_is_named(void **state)
{
	struct inject_file file;
	struct fault fault;

	assert_rc(inject_file_read(&file, "/nonexistent", &fault), -ENOENT);
	assert_string_equal(fault.text,
			    "/nonexistent: No such file or directory");
	assert_rc(inject_file_read(&file, "/", &fault), -EISDIR);
	assert_null(file.text);
}

static void a_file_without_end_is_refused(void **state)
{
	struct inject_file file;
	struct fault fault;

	assert_rc(inject_file_read(&file, "/dev/zero", &fault), -EFBIG);
	assert_string_equal(fault.text, "/dev/zero: longer than 256 MiB");
	assert_null(file.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_a_pipe_are_one_text),
		cmocka_unit_test(an_empty_file_is_an_empty_text),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(a_file_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
