/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-file.h"
#include "injector/plan/launch-members.h"
#include "input/base/fd.h"

static int file_read_text(struct launch_file *file, int fd)
{
	file->text = malloc(LAUNCH_FILE_MAX + 1);
	if (!file->text)
		return -ENOMEM;
	while (file->len <= LAUNCH_FILE_MAX) {
		ssize_t n = read(fd, file->text + file->len,
				 LAUNCH_FILE_MAX + 1 - file->len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return 0;
		if (n > 0)
			file->len += (size_t)n;
	}
	return -EFBIG;
}

static int file_parse_text(struct launch_file *file, struct launch_fault *fault)
{
	json_error_t error;

	file->root = json_loadb(file->text, file->len, JSON_REJECT_DUPLICATES,
				&error);
	if (!file->root) {
		launch_fault(fault, NULL, "%s", error.text);
		fault->line = error.line > 0 ? (size_t)error.line : 1;
		fault->column = error.column > 0 ? (size_t)error.column : 1;
		return -EINVAL;
	}
	fault->json = file->text;
	fault->json_len = file->len;
	fault->n_in_file = SIZE_MAX;
	fault->in_file = true;
	if (!json_is_object(file->root))
		return launch_fault(fault, JSON_ELEMENT(NULL, 0),
				    "a launch file must be an object");
	return 0;
}

/* --- its members --- */

static int file_take_streamer(const struct launch_reader *r,
			      const json_t *value)
{
	struct launch_file *file = r->into;
	size_t i;
	json_t *word;

	if (!json_is_array(value) || !json_array_size(value))
		return launch_fault(r->fault, r->at,
				    "streamer must be an array of strings");
	json_array_foreach(value, i, word)
	{
		if (!json_is_string(word))
			return launch_fault(r->fault, JSON_ELEMENT(r->at, i),
					    "streamer must be an array of "
					    "strings");
	}
	file->streamer = value;
	return 0;
}

static int file_take_restart(const struct launch_reader *r, const json_t *value)
{
	struct launch_file *file = r->into;
	const char *text = json_string_value(value);

	file->has_restart = true;
	if (text && !launch_restart_parse(&file->restart, text))
		return 0;
	return launch_fault(r->fault, r->at,
			    "restart must be " LAUNCH_RESTART_MUST);
}

static int file_take_devices(const struct launch_reader *r, const json_t *value)
{
	struct launch_file *file = r->into;

	file->devices = json_object_get(file->root, r->key);
	if (json_is_array(value))
		return 0;
	return launch_fault(r->fault, r->at, "devices must be an array");
}

static const struct launch_member file_members[] = {
	{ "devices", file_take_devices },
	{ "streamer", file_take_streamer },
	{ "restart", file_take_restart },
	{ "$schema", launch_members_ignore },
	{ "$comment", launch_members_ignore },
	{ 0 },
};

/* --- specs --- */

/* Names of installed specs have no dot; files may end with .evemu and so on. */
static bool is_relative_path(const char *spec)
{
	return spec[0] != '/' && spec[strcspn(spec, "/.")];
}

/* Not "event5" or "type=keyboard". */
static bool is_relative_node(const char *device)
{
	return device[0] != '/' && strchr(device, '/');
}

static int file_place(json_t *device, const char *dir, const char *key,
		      bool (*is_relative)(const char *path))
{
	const char *path = json_string_value(json_object_get(device, key));
	json_t *placed;

	if (!path || !is_relative(path))
		return 0;
	placed = json_sprintf("%s/%s", dir, path);
	if (!placed)
		return -EILSEQ;
	return json_object_set_new(device, key, placed) ? -ENOMEM : 0;
}

int launch_file_place_specs(json_t *devices, const char *dir)
{
	size_t i;
	json_t *device;
	int r = 0;

	json_array_foreach(devices, i, device)
	{
		r = file_place(device, dir, "spec", is_relative_path);
		if (!r)
			r = file_place(device, dir, "passthrough",
				       is_relative_node);
		if (r)
			break;
	}
	return r;
}

static int file_place_specs(struct launch_file *file, const char *path)
{
	char *copy = strdup(path);
	int r;

	if (!copy)
		return -ENOMEM;
	r = launch_file_place_specs(file->devices, dirname(copy));
	free(copy);
	return r;
}

int launch_file_read(struct launch_file *file, const char *path,
		     struct launch_fault *fault)
{
	const struct launch_reader reader = { .into = file, .fault = fault };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	*file = LAUNCH_FILE_NULL;
	r = fd < 0 ? -errno : file_read_text(file, fd);
	if (!r)
		r = file_parse_text(file, fault);
	if (!r)
		r = launch_members_read(file_members, file->root, &reader);
	return r ? r : file_place_specs(file, path);
}

void launch_file_fini(struct launch_file *file)
{
	json_decref(file->root);
	free(file->text);
	*file = LAUNCH_FILE_NULL;
}
