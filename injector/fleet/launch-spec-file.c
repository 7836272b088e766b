/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seals leave one way to change the file: the mapping that was made before
 * them. A shorter text is followed by spaces, which JSON allows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "injector/fleet/launch-spec-file.h"
#include "input/base/fd.h"
#include "input/spec/spec-template.h"

static int spec_file_take(struct launch_spec_file *f, const char *text)
{
	const size_t len = strlen(text);

	if (len > SPEC_TEXT_MAX)
		return -EFBIG;
	if (len > f->len && ftruncate(f->fd, (off_t)len) < 0)
		return -errno;
	memcpy(f->text, text, len);
	if (len < f->len)
		memset(f->text + len, ' ', f->len - len);
	else
		f->len = len;
	return 0;
}

int launch_spec_file_write(struct launch_spec_file *f, const json_t *spec)
{
	char *text = json_dumps(spec, JSON_INDENT(1));
	int r = text ? spec_file_take(f, text) : -ENOMEM;

	free(text);
	return r;
}

int launch_spec_file_open(struct launch_spec_file *f, const json_t *spec)
{
	_cleanup_close_ int fd =
		memfd_create("vinput-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *map;

	if (fd < 0)
		return -errno;
	if (!spec) {
		*f = (struct launch_spec_file){ .fd = steal_fd(&fd) };
		return 0;
	}
	map = mmap(NULL, SPEC_TEXT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0);
	if (map == MAP_FAILED)
		return -errno;
	*f = (struct launch_spec_file){ .fd = steal_fd(&fd), .text = map };
	if (fcntl(f->fd, F_ADD_SEALS,
		  F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return launch_spec_file_write(f, spec);
}

void launch_spec_file_close(struct launch_spec_file *f)
{
	if (f->text)
		munmap(f->text, SPEC_TEXT_MAX);
	f->fd = close_fd(f->fd);
	f->text = NULL;
}

_Static_assert(SPEC_TEXT_MAX == 1024 * 1024, "launch_spec_file_strerror()");

const char *launch_spec_file_strerror(int r)
{
	return r == -EFBIG ? "the spec is longer than 1 MiB, with each of its "
			     "values on a line of its own"
			   : strerror(-r);
}
