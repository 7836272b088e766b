/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/spec/spec-file.h"

#define DIR_MAX (PATH_MAX + sizeof("/specs"))

struct text {
	char *bytes;
	size_t len;
};

static void free_text(struct text *text)
{
	free(text->bytes);
}

/* Read until the end or one byte too much. Return: 0 or -errno. */
static int spec_file_read_text(int fd, struct text *text)
{
	text->bytes = malloc(SPEC_TEXT_MAX + 1);
	if (!text->bytes)
		return -ENOMEM;
	while (text->len <= SPEC_TEXT_MAX) {
		ssize_t n = read(fd, text->bytes + text->len,
				 SPEC_TEXT_MAX + 1 - text->len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return 0;
		if (n > 0)
			text->len += (size_t)n;
	}
	return 0; /* spec_read() rejects it */
}

static void log_diag(void *arg, const struct spec_diag *diag)
{
	const char *path = arg;
	bool error = diag->severity == SPEC_ERROR;
	char at[32] = "";

	/* Line 0: it concerns the file as a whole. */
	if (diag->line)
		snprintf(at, sizeof(at), ":%u:%u", diag->line, diag->column);
	log_line(error ? LOG_ERROR : LOG_WARNING, CULPRIT_NONE, "%s%s: %s: %s",
		 path, at, error ? "error" : "warning", diag->text);
}

static int load_path(struct spec *spec, const char *path,
		     const struct spec_set *sets, size_t n_sets)
{
	__attribute__((cleanup(free_text))) struct text text = { NULL, 0 };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : spec_file_read_text(fd, &text);

	if (r < 0) {
		log_line(LOG_ERROR, CULPRIT_NONE,
			 "%s: cannot read the spec: %s", path, strerror(-r));
		return r;
	}
	r = spec_read(spec,
		      &(struct spec_text){ text.bytes, text.len, sets, n_sets },
		      log_diag, (void *)path);
	if (r < 0)
		log_line(LOG_ERROR, CULPRIT_NONE, "%s: %s", path, strerror(-r));
	return r;
}

/* Cut off the last component. Return: it, or NULL if there is none. */
static const char *cut_component(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

/* TREE/build/VARIANT/vhost-user-input goes with TREE/specs. */
static bool build_tree_specs(char *dir, size_t size)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *build;
	struct stat st;

	if (n <= 0)
		return false;
	exe[n] = '\0';
	if (!cut_component(exe) || !cut_component(exe))
		return false;
	build = cut_component(exe);
	if (!build || strcmp(build, "build"))
		return false;
	snprintf(dir, size, "%s/specs", exe);
	return !stat(dir, &st);
}

static bool is_bare(const char *name)
{
	size_t len = strlen(name);

	return !strchr(name, '/') &&
	       (len < 5 || strcmp(name + len - 5, ".json"));
}

/* "available: keyboard, mouse, ...": what a bare name could have been. */
static void list_specs(const char *dir, char *out, size_t size)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);
	size_t len, first;

	/* In the sandbox the folder may be inaccessible. */
	if (n < 0) {
		snprintf(out, size, "the folder cannot be read: %s",
			 strerror(errno));
		return;
	}
	len = (size_t)snprintf(out, size, "available: ");
	first = len;
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(names[i]->d_name, '.');

		if (dot && !strcmp(dot, ".json") && len < size &&
		    !strstr(names[i]->d_name, ".schema.")) {
			*dot = '\0';
			len += (size_t)snprintf(out + len, size - len, "%s%s",
						len > first ? ", " : "",
						names[i]->d_name);
		}
		free(names[i]);
	}
	free(names);
	if (len == first)
		snprintf(out + len, size - len, "none");
}

/* Where the shipped specs are. */
static void shipped_specs(char *dir, size_t size)
{
	if (!build_tree_specs(dir, size))
		snprintf(dir, size, "%s", SPECDIR);
}

bool spec_file_find(const char *name, char path[SPEC_FILE_PATH_MAX])
{
	char dir[DIR_MAX];
	struct stat st;

	snprintf(path, SPEC_FILE_PATH_MAX, "%s", name);
	/* A directory of that name is none. */
	if (!is_bare(name) || (!stat(name, &st) && !S_ISDIR(st.st_mode)))
		return true;
	shipped_specs(dir, sizeof(dir));
	snprintf(path, SPEC_FILE_PATH_MAX, "%s/%s.json", dir, name);
	return !stat(path, &st);
}

int spec_file_load(struct spec *spec, const char *name,
		   const struct spec_set *sets, size_t n_sets)
{
	char dir[DIR_MAX], path[SPEC_FILE_PATH_MAX], names[600];

	if (spec_file_find(name, path))
		return load_path(spec, path, sets, n_sets);
	shipped_specs(dir, sizeof(dir));
	list_specs(dir, names, sizeof(names));
	log_line(LOG_ERROR, CULPRIT_NONE, "--spec=%s: no such spec in %s; %s",
		 name, dir, names);
	return -ENOENT;
}
