/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/stream/web-files.h"
#include "input/base/fd.h"

/* A walk through one directory. */
struct files_walk {
	struct web_files *files;
	const char *dir;     /* as the user wrote it */
	char root[PATH_MAX]; /* without symbolic links */
	struct fault *why;
};

const struct web_stored *web_files_find(const struct web_files *f,
					const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->at[i].path, path))
			return &f->at[i];
	return NULL;
}

/* Return: 0 or -errno. */
static int files_read(int fd, uint8_t *bytes, size_t len)
{
	size_t n = 0;

	while (n < len) {
		const ssize_t more = read(fd, bytes + n, len - n);

		if (more <= 0)
			return more ? -errno : -EIO; /* it became shorter */
		n += (size_t)more;
	}
	return 0;
}

static int files_refuse(struct files_walk *w)
{
	return fault_set(w->why,
			 "--client=%s: more than %d files or %d MiB; is it the "
			 "client's directory?",
			 w->dir, WEB_FILES_MAX, WEB_FILES_BYTES_MAX >> 20);
}

/* path: below the directory. Return: 0, or -errno with the fault. */
static int files_store(struct files_walk *w, const char *path, int fd,
		       size_t len)
{
	struct web_files *f = w->files;
	struct web_stored new = { .len = len };
	struct web_stored *at;
	int r;

	if (f->n == WEB_FILES_MAX || len > WEB_FILES_BYTES_MAX - f->bytes)
		return files_refuse(w);
	at = realloc(f->at, (f->n + 1) * sizeof(*at));
	if (at)
		f->at = at;
	new.path = strdup(path);
	new.bytes = malloc(len + 1);
	r = at && new.path &&new.bytes ? files_read(fd, new.bytes, len)
				       : -ENOMEM;
	if (r) {
		free(new.path);
		free(new.bytes);
		return fault_errno(w->why, r, "--client=%s: %s: %s", w->dir,
				   path, strerror(-r));
	}
	f->at[f->n++] = new;
	f->bytes += len;
	return 0;
}

/* Return: what is below the directory in the path of a file there; or NULL. */
static const char *files_below(const struct files_walk *w, const char *path)
{
	const size_t len = strlen(w->root);

	if (strncmp(path, w->root, len) || path[len] != '/')
		return NULL;
	return path + len + 1;
}

/* No part of a path begins with a dot. */
static bool files_are_shown(const char *path)
{
	return path[0] != '.' && !strstr(path, "/.");
}

/*
 * Where a symbolic link leads must be something that is served anyway. Return:
 * the path without links, to be freed; NULL: it is none.
 */
static char *files_resolve(const struct files_walk *w, const char *path)
{
	char *real = realpath(path, NULL);
	const char *below = real ? files_below(w, real) : NULL;

	if (below && files_are_shown(below))
		return real;
	free(real);
	return NULL;
}

/* Return: 0, also if it is left out; or -errno with the fault. */
static int files_add_one(struct files_walk *w, const char *path)
{
	const char *below = files_below(w, path);
	char *real = files_resolve(w, path);
	struct stat st;
	int r = 0;

	if (real && below && !web_files_find(w->files, below)) {
		/* Not to wait for the writer of a fifo. */
		_cleanup_close_ int fd = open(
			real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

		if (fd < 0)
			r = fault_errno(w->why, -errno, "--client=%s: %s: %s",
					w->dir, below, strerror(errno));
		else if (!fstat(fd, &st) && S_ISREG(st.st_mode))
			r = files_store(w, below, fd, (size_t)st.st_size);
	}
	free(real);
	return r;
}

static int files_visit(struct files_walk *w, FTS *fts)
{
	FTSENT *e;
	int r = 0;

	while (!r && (e = fts_read(fts))) {
		const bool hidden = e->fts_level > 0 && e->fts_name[0] == '.';

		switch (e->fts_info) {
		case FTS_D:
			if (hidden)
				fts_set(fts, e, FTS_SKIP);
			break;
		case FTS_F:
		case FTS_SL:
			if (!hidden)
				r = files_add_one(w, e->fts_path);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			r = fault_errno(w->why, -e->fts_errno,
					"--client=%s: %s: %s", w->dir,
					e->fts_path, strerror(e->fts_errno));
			break;
		}
	}
	return r;
}

int web_files_add(struct web_files *f, const char *dir, struct fault *why)
{
	struct files_walk w = { .files = f, .dir = dir, .why = why };
	char *const roots[] = { w.root, NULL };
	FTS *fts;
	int r;

	if (!realpath(dir, w.root))
		return fault_errno(why, -errno, "--client=%s: %s", dir,
				   strerror(errno));
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return fault_errno(why, -errno, "--client=%s: %s", dir,
				   strerror(errno));
	r = files_visit(&w, fts);
	fts_close(fts);
	return r;
}

void web_files_fini(struct web_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->at[i].path);
		free(f->at[i].bytes);
	}
	free(f->at);
	*f = (struct web_files){ .n = 0 };
}

const char *web_files_type(const char *path)
{
	static const struct {
		const char *end, *type;
	} rows[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".mjs", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".map", "application/json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".jpg", "image/jpeg" },
		{ ".gif", "image/gif" },
		{ ".ico", "image/x-icon" },
		{ ".woff", "font/woff" },
		{ ".woff2", "font/woff2" },
		{ ".ttf", "font/ttf" },
		{ ".wasm", "application/wasm" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	const size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t end = strlen(rows[i].end);

		if (len > end && !strcasecmp(path + len - end, rows[i].end))
			return rows[i].type;
	}
	return "application/octet-stream";
}
