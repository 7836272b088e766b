/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/base/fd.h"
#include "input/base/near.h"
#include "injector/launch/launch-file.h"

static int read_text(struct launch_file *file, int fd)
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

static int parse_text(struct launch_file *file, struct launch_fault *fault)
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
	fault->n_located = SIZE_MAX;
	if (!json_is_object(file->root))
		return launch_fault(fault, JSON_ELEMENT(NULL, 0),
				    "a launch file must be an object");
	return 0;
}

static int take_streamer(struct launch_file *file, struct launch_fault *fault)
{
	const json_t *streamer = json_object_get(file->root, "streamer");
	struct json_path at = *JSON_MEMBER(NULL, "streamer");
	size_t i;
	json_t *word;

	if (!streamer)
		return 0;
	if (!json_is_array(streamer) || !json_array_size(streamer))
		return launch_fault(fault, &at,
				    "streamer must be an array of strings");
	json_array_foreach(streamer, i, word)
	{
		if (!json_is_string(word))
			return launch_fault(fault, JSON_ELEMENT(&at, i),
					    "streamer must be an array of "
					    "strings");
	}
	file->streamer = streamer;
	return 0;
}

static int take_restart(struct launch_file *file, struct launch_fault *fault)
{
	const json_t *restart = json_object_get(file->root, "restart");

	if (!restart)
		return 0;
	file->has_restart = true;
	if (json_is_string(restart) &&
	    !launch_restart_parse(&file->restart, json_string_value(restart)))
		return 0;
	return launch_fault(fault, JSON_MEMBER(NULL, "restart"),
			    "restart must be \"no\", \"on-failure\" or "
			    "\"always\", with \":N/SECONDS\" or without");
}

static int check_keys(const struct launch_file *file,
		      struct launch_fault *fault)
{
	static const char *const keys[] = { "devices", "streamer", "restart",
					    "$schema", "$comment", NULL };
	const char *key;
	json_t *value;

	json_object_foreach(file->root, key, value)
	{
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (keys[i])
			continue;
		const char *near = near_word(keys, key);
		return launch_fault(fault, JSON_KEY(NULL, key),
				    "unknown key %.40s%s%s%s", key,
				    near ? "; did you mean " : "",
				    near ? near : "", near ? "?" : "");
	}
	return 0;
}

/* As vhost-user-input does it: without slash and .json it is a name. */
static bool is_relative_path(const char *spec)
{
	size_t len = strlen(spec);

	if (spec[0] == '/')
		return false;
	return strchr(spec, '/') ||
	       (len >= 5 && !strcmp(spec + len - 5, ".json"));
}

int launch_file_place_specs(json_t *devices, const char *dir)
{
	size_t i;
	json_t *device;

	json_array_foreach(devices, i, device)
	{
		json_t *old = json_object_get(device, "spec");
		const char *spec = json_string_value(old);

		if (!spec || !is_relative_path(spec))
			continue;
		if (json_object_set_new(device, "spec",
					json_sprintf("%s/%s", dir, spec)))
			return -ENOMEM;
	}
	return 0;
}

static int place_specs(struct launch_file *file, const char *path)
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
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	*file = LAUNCH_FILE_NULL;
	r = fd < 0 ? -errno : read_text(file, fd);
	if (!r)
		r = parse_text(file, fault);
	if (!r)
		r = check_keys(file, fault);
	if (!r)
		r = take_streamer(file, fault);
	if (!r)
		r = take_restart(file, fault);
	if (r)
		return r;
	file->devices = json_object_get(file->root, "devices");
	return place_specs(file, path);
}

void launch_file_fini(struct launch_file *file)
{
	json_decref(file->root);
	free(file->text);
	*file = LAUNCH_FILE_NULL;
}
