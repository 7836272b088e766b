/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A launcher describes its devices to its children in the environment:
 *
 *	VINPUT_FDS=keyboard=5,mouse=6	connected sockets by label
 *	VINPUT_DIR=/run/vm		LABEL.inject is the socket of LABEL
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/libvinject/vinject-address.h"

#define SUFFIX ".inject"

int vinject_error_set(struct vinject_error *e, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	return code;
}

/* Return: whether text up to `end` is a number <= max. */
static bool address_number(const char *text, char end, uint32_t max,
			   uint32_t *number)
{
	char *past;
	unsigned long long value;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &past, 10);
	if (errno || *past != end || value > max)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* a->path is all zeros. */
static int address_set_path(struct vinject_address *a, const char *path,
			    size_t len, struct vinject_error *e)
{
	if (!len)
		return vinject_error_set(e, -EINVAL, "empty path");
	if (len >= sizeof(a->path))
		return vinject_error_set(
			e, -ENAMETOOLONG,
			"%.*s: a socket's path has at most %zu bytes",
			(int)(len > 300 ? 300 : len), path,
			sizeof(a->path) - 1);
	memcpy(a->path, path, len);
	return 0;
}

static int address_vsock(struct vinject_address *a, const char *text,
			 struct vinject_error *e)
{
	const char *rest = text + strlen("vsock:");
	const char *colon = strchr(rest, ':');

	if (!colon || !address_number(rest, ':', UINT32_MAX, &a->cid) ||
	    !address_number(colon + 1, '\0', UINT32_MAX, &a->port))
		return vinject_error_set(
			e, -EINVAL, "%s: must be vsock:CID:PORT, with numbers",
			text);
	a->transport = VINJECT_VSOCK;
	return 0;
}

static int address_hybrid(struct vinject_address *a, const char *text,
			  struct vinject_error *e)
{
	const char *path = text + strlen("hybrid:");
	const char *colon = strrchr(path, ':');

	if (!colon || !address_number(colon + 1, '\0', UINT32_MAX, &a->port))
		return vinject_error_set(e, -EINVAL,
					 "%s: must be hybrid:PATH:PORT", text);
	a->transport = VINJECT_HYBRID;
	return address_set_path(a, path, (size_t)(colon - path), e);
}

static int address_fd(struct vinject_address *a, const char *text,
		      struct vinject_error *e)
{
	uint32_t fd;

	if (!address_number(text + strlen("fd:"), '\0', INT_MAX, &fd))
		return vinject_error_set(e, -EINVAL, "%s: must be fd:N", text);
	a->fd = (int)fd;
	return 0;
}

static bool has_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

int vinject_address_read(struct vinject_address *a, const char *text,
			 struct vinject_error *e)
{
	*a = (struct vinject_address){ .fd = -1 };
	if (has_prefix(text, "vsock:"))
		return address_vsock(a, text, e);
	if (has_prefix(text, "hybrid:"))
		return address_hybrid(a, text, e);
	if (has_prefix(text, "fd:"))
		return address_fd(a, text, e);
	if (!strchr(text, '/'))
		return vinject_address_of_label(a, text, NULL, e);
	a->transport = VINJECT_UNIX;
	return address_set_path(a, text, strlen(text), e);
}

/* list: LABEL=VALUE,... Return: the label's VALUE and the rest, or NULL. */
static const char *label_value(const char *list, const char *label)
{
	const size_t len = strlen(label);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, label, len) && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

/* Set a->fd to the socket that was passed down for the label, if any. */
static int label_fd(struct vinject_address *a, struct vinject_error *e)
{
	const char *list = getenv("VINPUT_FDS");
	const char *value = list ? label_value(list, a->label) : NULL;
	uint32_t fd;

	if (!value)
		return 0;
	if (!address_number(value, strchr(value, ',') ? ',' : '\0', INT_MAX,
			    &fd))
		return vinject_error_set(
			e, -EINVAL, "VINPUT_FDS: invalid fd for %s", a->label);
	a->fd = (int)fd;
	return 0;
}

static int label_path(struct vinject_address *a, const char *dir,
		      struct vinject_error *e)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s" SUFFIX, dir, a->label);

	a->transport = VINJECT_UNIX;
	return address_set_path(a, path, (size_t)len, e);
}

struct list {
	char text[384];
	size_t len;
	bool any; /* name since the last list_text() */
};

static void list_text(struct list *l, const char *text)
{
	const size_t room = sizeof(l->text) - l->len;
	const int n = snprintf(l->text + l->len, room, "%s", text);

	l->len += (size_t)n < room ? (size_t)n : room - 1;
	l->any = false;
}

/* A name for which there is no room is left out. */
static void list_add(struct list *l, const char *name, size_t len)
{
	const size_t room = sizeof(l->text) - l->len;
	const int n = snprintf(l->text + l->len, room, "%s %.*s",
			       l->any ? "," : "", (int)len, name);

	if ((size_t)n < room)
		l->len += (size_t)n;
	l->text[l->len] = '\0';
	l->any = true;
}

static void list_fds(struct list *l)
{
	const char *at = getenv("VINPUT_FDS");

	for (; at && *at; at = strchr(at, ',')) {
		at += *at == ',';
		list_add(l, at, strcspn(at, "=,"));
	}
}

static void list_folder(struct list *l, const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const size_t len = strlen(entry->d_name);

		if (len > strlen(SUFFIX) &&
		    !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX))
			list_add(l, entry->d_name, len - strlen(SUFFIX));
	}
	if (d)
		closedir(d);
	if (!l->any)
		list_text(l, " none");
}

static void address_list_devices(const struct vinject_address *a,
				 struct list *l)
{
	char dir[sizeof(a->path)];

	if (!a->only_dir && getenv("VINPUT_FDS")) {
		list_text(l, "; VINPUT_FDS has");
		list_fds(l);
	}
	if (a->transport != VINJECT_UNIX)
		return;
	memcpy(dir, a->path, sizeof(dir));
	*strrchr(dir, '/') = '\0';
	list_text(l, "; ");
	list_text(l, dir);
	list_text(l, " has");
	list_folder(l, *dir ? dir : "/");
}

/* No device has the label: name those that exist. */
static int label_explain(const struct vinject_address *a, int code,
			 struct vinject_error *e)
{
	struct list l = { .len = 0 };

	address_list_devices(a, &l);
	if (!l.len)
		return vinject_error_set(
			e, code,
			"no device '%s': neither VINPUT_DIR nor VINPUT_FDS "
			"is set, and a path contains a '/'",
			a->label);
	return vinject_error_set(e, code, "no device '%s'%s", a->label, l.text);
}

int vinject_address_of_label(struct vinject_address *a, const char *label,
			     const char *dir, struct vinject_error *e)
{
	int r;

	*a = (struct vinject_address){ .fd = -1, .only_dir = dir };
	if (!*label || strpbrk(label, "/=,") ||
	    strlen(label) >= sizeof(a->label))
		return vinject_error_set(e, -EINVAL, "invalid label '%.80s'",
					 label);
	strcpy(a->label, label);
	if (!a->only_dir) {
		dir = getenv("VINPUT_DIR");
		r = label_fd(a, e);
		if (r)
			return r;
	}
	if (dir && *dir)
		return label_path(a, dir, e);
	return a->fd >= 0 ? 0 : label_explain(a, -ENOENT, e);
}

int vinject_address_explain(const struct vinject_address *a, int code,
			    struct vinject_error *e)
{
	switch (a->transport) {
	case VINJECT_NOWHERE:
		return vinject_error_set(e, code, "%s", strerror(-code));
	case VINJECT_UNIX:
		if (code == -ENOENT && a->label[0])
			return label_explain(a, code, e);
		return vinject_error_set(e, code, "%s: %s", a->path,
					 code == -ECONNREFUSED
						 ? "nothing listens on it"
						 : strerror(-code));
	case VINJECT_VSOCK:
		return vinject_error_set(e, code, "vsock:%u:%u: %s", a->cid,
					 a->port, strerror(-code));
	case VINJECT_HYBRID:
		if (code == -EPIPE)
			return vinject_error_set(
				e, code,
				"hybrid:%s:%u: nothing listens on that port",
				a->path, a->port);
		if (code == -EPROTO)
			return vinject_error_set(
				e, code,
				"hybrid:%s:%u: does not answer CONNECT with OK",
				a->path, a->port);
		return vinject_error_set(e, code, "hybrid:%s:%u: %s", a->path,
					 a->port, strerror(-code));
	}
	return code;
}
