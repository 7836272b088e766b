/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/base/log.h"
#include "input/serve/persistent-file.h"

/* Return: 0 or -errno. What is mapped of the file is all 0 then. */
static int clear(int fd, size_t len)
{
	return ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)len) < 0 ? -errno
								     : 0;
}

/* Return: whether there is something to resume in a file of this size. */
static bool has_state(const struct persistent_head *head, int fd, size_t size)
{
	const char *why = size ? persistent_refuse(head, size) : NULL;

	if (why)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "--state-fd=%d %s: what it holds is discarded", fd,
			 why);
	return size && !why;
}

/*
 * What there is for injectors that are missing is cut off; the file has grown
 * already. Killed in between, we leave one of the wrong size. Return: 0 or
 * -errno.
 */
static int fit_state(struct persistent_head *head, int fd, size_t size,
		     unsigned int n)
{
	const size_t len = persistent_len(n);

	persistent_set_places(head, n);
	return size > len && ftruncate(fd, (off_t)len) < 0 ? -errno : 0;
}

int persistent_file_open(struct persistent **p, int fd, unsigned int n,
			 const struct spec *spec)
{
	const size_t len = persistent_len(n);
	struct stat st;
	void *file;
	int r = 0;

	if (fstat(fd, &st) < 0 ||
	    (st.st_size < (off_t)len && ftruncate(fd, (off_t)len) < 0))
		return -errno;
	file = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return -errno;
	if (has_state(file, fd, (size_t)st.st_size)) {
		r = fit_state(file, fd, (size_t)st.st_size, n);
	} else {
		/* One that was empty has grown by zeros. */
		r = st.st_size ? clear(fd, len) : 0;
		if (!r)
			persistent_begin(file, n, spec);
	}
	*p = r ? NULL : persistent_new(file, n);
	if (*p)
		return 0;
	munmap(file, len);
	return r ? r : -ENOMEM;
}

void persistent_file_close(struct persistent *p)
{
	if (!p)
		return;
	munmap(p->head, persistent_len(p->n));
	persistent_free(p);
}
