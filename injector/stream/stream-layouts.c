/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XKB's list, rules/evdev.lst, has sections that begin with "! layout" and
 * "! variant"; a line is a name and, behind blanks, a description, which for a
 * variant begins with its layout and a colon.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "injector/stream/stream-layouts.h"

#define NAME_MAX_LEN 30 /* of a layout, and of a variant */

static void layouts_name_usual(struct stream_layouts *l)
{
	const char *layout = l->names.layout, *variant = l->names.variant;

	if (!layout) {
		layout = getenv("XKB_DEFAULT_LAYOUT");
		variant = getenv("XKB_DEFAULT_VARIANT");
	}
	snprintf(l->usual, sizeof(l->usual),
		 variant && *variant ? "%s(%s)" : "%s",
		 layout && *layout ? layout : "us", variant);
}

void stream_layouts_init(struct stream_layouts *l,
			 const struct inject_layout_names *names)
{
	*l = (struct stream_layouts){ .names = *names, .list = json_array() };
	layouts_name_usual(l);
}

void stream_layouts_fini(struct stream_layouts *l)
{
	for (int i = 0; i < STREAM_LAYOUTS_KEPT; i++)
		inject_layout_free(l->kept[i].layout);
	inject_layout_free(l->usual_layout);
	xkb_context_unref(l->names.context);
	json_decref(l->list);
	free(l->message);
	*l = (struct stream_layouts){ .list = NULL };
}

/* --- the list --- */

static void layouts_add(struct stream_layouts *l, const char *name,
			const char *text)
{
	json_array_append_new(l->list, json_pack("[ss]", name, text));
}

/* A line of a section, "  de    German". */
static void layouts_take_line(struct stream_layouts *l, const char *section,
			      const char *line)
{
	char name[NAME_MAX_LEN + 1], of[NAME_MAX_LEN + 1];
	char both[STREAM_LAYOUT_SIZE];
	int at = 0;

	if (!strcmp(section, "layout") &&
	    sscanf(line, " %30s %n", name, &at) == 1 && at && line[at]) {
		layouts_add(l, name, line + at);
	} else if (!strcmp(section, "variant") &&
		   sscanf(line, " %30s %30[^:]: %n", name, of, &at) == 2 &&
		   at && line[at]) {
		snprintf(both, sizeof(both), "%s(%s)", of, name);
		layouts_add(l, both, line + at);
	}
}

static void layouts_read_list(struct stream_layouts *l, FILE *file)
{
	char line[256], section[16] = "";

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "! %15s", section) != 1)
			layouts_take_line(l, section, line);
	}
}

/* The folder that XKB itself takes its rules from. */
static void layouts_find_list(struct stream_layouts *l)
{
	const unsigned int n = xkb_context_num_include_paths(l->names.context);

	for (unsigned int i = 0; i < n && !l->folder; i++) {
		const char *folder =
			xkb_context_include_path_get(l->names.context, i);
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/rules/evdev.lst", folder);
		file = fopen(path, "re");
		if (!file)
			continue;
		l->folder = folder;
		layouts_read_list(l, file);
		fclose(file);
	}
}

/* It is long, and the same for all. */
static char *layouts_message(const struct stream_layouts *l)
{
	json_t *object =
		json_pack("{s:s, s:O}", "type", "layouts", "layouts", l->list);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

int stream_layouts_load(struct stream_layouts *l, struct fault *why)
{
	l->names.context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (!l->names.context || !l->list)
		return fault_no_memory(why);
	layouts_find_list(l);
	l->message = layouts_message(l);
	if (!l->message)
		return fault_no_memory(why);
	return inject_layout_new(&l->usual_layout, &l->names, why);
}

/* --- layouts --- */

static bool layouts_list_has(const struct stream_layouts *l, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(
		l->list, i,
		row) if (!strcmp(json_string_value(json_array_get(row, 0)),
				 name)) return true;
	return false;
}

/* name: of the list. */
static int layouts_read(struct stream_layouts *l, const char *name,
			struct inject_layout **layout, struct fault *why)
{
	char part[2][NAME_MAX_LEN + 1] = { "", "" };
	struct inject_layout_names names = l->names;

	sscanf(name, "%30[^(](%30[^)]", part[0], part[1]);
	names.layout = part[0];
	names.variant = part[1];
	return inject_layout_new(layout, &names, why);
}

int stream_layouts_get(struct stream_layouts *l,
		       const struct stream_layout_wish *wish,
		       const struct inject_layout **layout, struct fault *why)
{
	struct stream_layout_kept *kept = &l->kept[l->next];
	const char *name = wish->name;
	struct inject_layout *read;
	int r;

	*layout = l->usual_layout;
	if (!*name || !strcmp(name, l->usual))
		return 0;
	for (int i = 0; i < STREAM_LAYOUTS_KEPT; i++) {
		*layout = l->kept[i].layout;
		if (*layout && !strcmp(l->kept[i].name, name))
			return 0;
	}
	if (!layouts_list_has(l, name))
		return fault_set(why, "unknown keyboard layout %.60s", name);
	if (!wish->may_compile(wish->client))
		return fault_errno(why, -EBUSY,
				   "too many keyboard layouts in a second");
	r = layouts_read(l, name, &read, why);
	if (r)
		return r;
	inject_layout_free(kept->layout);
	kept->layout = read;
	snprintf(kept->name, sizeof(kept->name), "%s", name);
	l->next = (l->next + 1) % STREAM_LAYOUTS_KEPT;
	*layout = read;
	return 0;
}
