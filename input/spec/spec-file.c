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

#define FIRST_ROOM 4096 /* most specs are shorter */

struct text {
	char *bytes;
	size_t len, room;
};

static void free_text(struct text *text)
{
	free(text->bytes);
}

static int make_room(struct text *text)
{
	const size_t most = SPEC_TEXT_MAX + 1;
	size_t room = text->room ? 2 * text->room : FIRST_ROOM;
	char *bytes;

	if (text->len < text->room)
		return 0;
	if (room > most)
		room = most;
	bytes = realloc(text->bytes, room);
	if (!bytes)
		return -ENOMEM;
	text->bytes = bytes;
	text->room = room;
	return 0;
}

/* Read until the end or one byte too much. Return: 0 or -errno. */
static int spec_file_read_text(int fd, struct text *text)
{
	while (text->len <= SPEC_TEXT_MAX) {
		ssize_t n;

		if (make_room(text))
			return -ENOMEM;
		n = read(fd, text->bytes + text->len, text->room - text->len);
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

/* A spec that is being loaded. */
struct load {
	struct spec *room;
	const struct spec_set *sets;
	size_t n_sets;
	spec_known_fn *known;	 /* or NULL */
	const struct spec *spec; /* the result: *room, or a known one */
};

static int load_text(struct load *l, const struct text *text, const char *path)
{
	const struct spec_text given = { text->bytes, text->len, l->sets,
					 l->n_sets };

	if (l->known && !l->n_sets)
		l->spec = l->known(text->bytes, text->len);
	if (l->spec)
		return 0;
	l->spec = l->room;
	return spec_read(l->room, &given, log_diag, (void *)path);
}

static int load_path(struct load *l, const char *path)
{
	__attribute__((cleanup(free_text))) struct text text = { 0 };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : spec_file_read_text(fd, &text);

	if (r < 0) {
		log_line(LOG_ERROR, CULPRIT_NONE,
			 "%s: cannot read the spec: %s", path, strerror(-r));
		return r;
	}
	r = load_text(l, &text, path);
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
static bool build_tree_specs(char dir[SPEC_FILE_PATH_MAX])
{
	const ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);
	const char *build;
	struct stat st;

	if (n <= 0)
		return false;
	dir[n] = '\0';
	if (!cut_component(dir) || !cut_component(dir))
		return false;
	build = cut_component(dir);
	if (!build || strcmp(build, "build"))
		return false;
	strcat(dir, "/specs");
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
static void shipped_specs(char dir[SPEC_FILE_PATH_MAX])
{
	if (!build_tree_specs(dir))
		snprintf(dir, SPEC_FILE_PATH_MAX, "%s", SPECDIR);
}

bool spec_file_find(const char *name, char path[SPEC_FILE_PATH_MAX])
{
	struct stat st;
	size_t len;

	snprintf(path, SPEC_FILE_PATH_MAX, "%s", name);
	/* A directory of that name is none. */
	if (!is_bare(name) || (!stat(name, &st) && !S_ISDIR(st.st_mode)))
		return true;
	shipped_specs(path);
	len = strlen(path);
	snprintf(path + len, SPEC_FILE_PATH_MAX - len, "/%s.json", name);
	return !stat(path, &st);
}

static __attribute__((noinline)) int no_such_spec(const char *name)
{
	char dir[SPEC_FILE_PATH_MAX], names[600];

	shipped_specs(dir);
	list_specs(dir, names, sizeof(names));
	log_line(LOG_ERROR, CULPRIT_NONE, "--spec=%s: no such spec in %s; %s",
		 name, dir, names);
	return -ENOENT;
}

/* Not inline: a path needs no room on the stack. */
static __attribute__((noinline)) int load_bare(struct load *l, const char *name)
{
	char path[SPEC_FILE_PATH_MAX];

	if (!spec_file_find(name, path))
		return no_such_spec(name);
	return load_path(l, path);
}

static int load(struct load *l, const char *name)
{
	return is_bare(name) ? load_bare(l, name) : load_path(l, name);
}

int spec_file_load(struct spec *spec, const char *name,
		   const struct spec_set *sets, size_t n_sets)
{
	struct load l = { .room = spec, .sets = sets, .n_sets = n_sets };

	return load(&l, name);
}

const struct spec *spec_file_get(struct spec *room, const char *name,
				 const struct spec_sets *sets,
				 spec_known_fn *known)
{
	struct load l = { .room = room,
			  .sets = sets->set,
			  .n_sets = sets->n,
			  .known = known };

	return load(&l, name) ? NULL : l.spec;
}
