/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "injector/display/display-password.h"
#include "input/base/fd.h"

#define FILE_MAX 256

static int password_set(struct display_address *a, const char *password,
			struct fault *why)
{
	rfb_auth_free(a->auth);
	a->auth = rfb_auth_new(password);
	return a->auth ? 0 : fault_no_memory(why);
}

/* name: of n characters; 0: for those that have no password yet. */
static int password_give(struct displays *d, const char *name, size_t n,
			 const char *password, struct fault *why)
{
	bool given = !n;
	int r = 0;

	for (size_t i = 0; i < d->n && !r; i++) {
		struct display_address *a = &d->at[i];
		const bool is_named =
			strlen(a->name) == n && !strncmp(a->name, name, n);

		if (n ? is_named : !a->auth)
			r = password_set(a, password, why);
		given |= is_named;
	}
	return given ? r
		     : fault_set(why, "no display is named %.*s", (int)n, name);
}

int display_password_add(struct displays *d, const char *text,
			 struct fault *why)
{
	const size_t name = display_name_len(text);
	const char *path = text + name + (name > 0);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char password[FILE_MAX];
	const ssize_t n = fd < 0 ? -1 : read(fd, password, FILE_MAX - 1);
	int r;

	if (n < 0)
		return fault_errno(why, -errno, "%s", strerror(errno));
	password[n] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	if (*password)
		r = password_give(d, text, name, password, why);
	else
		r = fault_set(why, "the file's first line is empty");
	explicit_bzero(password, sizeof(password));
	return r;
}
