/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files below some directories, read once, at the start: what is served
 * later can be nothing else, whatever a request's path is, and the sandbox need
 * not let any file be opened. Left out are names that begin with a dot, and
 * symbolic links that lead out of their directory, or to a directory.
 */
#ifndef VINPUT_WEB_FILES_H
#define VINPUT_WEB_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "input/base/fault.h"

#define WEB_FILES_MAX	    1000
#define WEB_FILES_BYTES_MAX (32 << 20) /* of all */

struct web_stored {
	char *path; /* "js/app.js" */
	uint8_t *bytes;
	size_t len;
};

struct web_files {
	struct web_stored *at; /* owned */
	size_t n;
	size_t bytes;
};

/*
 * Add a directory's files, but for those of a path that there is already.
 * Return: 0, or a negative errno with the fault.
 */
int web_files_add(struct web_files *f, const char *dir, struct fault *why);
void web_files_fini(struct web_files *f);

/* Return: the file, or NULL. */
const struct web_stored *web_files_find(const struct web_files *f,
					const char *path);
/* Return: the media type of a file, by its name. */
const char *web_files_type(const char *path);

#endif
