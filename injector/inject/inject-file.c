/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-file.h"
#include "input/base/fd.h"

static int file_grow(struct inject_file *file, size_t *room)
{
	size_t more = *room ? 2 * *room : 65536;
	char *grown;

	if (file->len < *room)
		return 0;
	if (file->len >= INJECT_FILE_MAX)
		return -EFBIG;
	grown = realloc(file->text, more);
	if (!grown)
		return -ENOMEM;
	file->text = grown;
	*room = more;
	return 0;
}

static int file_read_fd(struct inject_file *file, int fd)
{
	size_t room = 0;

	for (;;) {
		int r = file_grow(file, &room);
		ssize_t n;

		if (r)
			return r;
		n = read(fd, file->text + file->len, room - file->len);
		if (n > 0)
			file->len += (size_t)n;
		else if (!n)
			return 0;
		else if (errno != EINTR)
			return -errno;
	}
}

int inject_file_read(struct inject_file *file, const char *path,
		     struct fault *f)
{
	_cleanup_close_ int fd = -1;
	int r;

	*file = (struct inject_file){ NULL, 0 };
	if (strcmp(path, "-") == 0) {
		path = "standard input";
		r = file_read_fd(file, STDIN_FILENO);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? -errno : file_read_fd(file, fd);
	}
	if (!r)
		return 0;
	inject_file_fini(file);
	if (r == -EFBIG)
		return fault_errno(f, r, "%s: longer than %zu MiB", path,
				   INJECT_FILE_MAX >> 20);
	return fault_errno(f, r, "%s: %s", path, strerror(-r));
}

void inject_file_fini(struct inject_file *file)
{
	free(file->text);
	*file = (struct inject_file){ NULL, 0 };
}
