/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "injector/launch/launch-print.h"

static const char *print_get_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static const char *print_get_flag(const json_t *object, const char *key)
{
	const json_t *flag = json_object_get(object, key);

	if (!json_is_boolean(flag))
		return "-";
	return json_is_true(flag) ? "yes" : "no";
}

static void print_row(const char *label, const json_t *entry)
{
	const json_t *pid = json_object_get(entry, "pid");
	const json_t *restarts = json_object_get(entry, "restarts");

	printf("%-16s %-14s %-9s %7lld %8lld %-3s %-6s %s\n", label,
	       print_get_string(entry, "what"),
	       print_get_string(entry, "state"),
	       (long long)json_integer_value(pid),
	       (long long)json_integer_value(restarts),
	       print_get_flag(entry, "vmm"), print_get_flag(entry, "driver"),
	       print_get_string(entry, "socket"));
}

void launch_print_list(const json_t *answer)
{
	const json_t *streamer = json_object_get(answer, "streamer");
	const json_t *devices = json_object_get(answer, "devices");
	size_t i;
	json_t *entry;

	printf("%-16s %-14s %-9s %7s %8s %-3s %-6s %s\n", "LABEL", "WHAT",
	       "STATE", "PID", "RESTARTS", "VMM", "DRIVER", "SOCKET");
	json_array_foreach(devices, i, entry)
	{
		const json_t *bridge = json_object_get(entry, "bridge");

		print_row(print_get_string(entry, "label"), entry);
		if (bridge)
			print_row("  bridge", bridge);
	}
	if (streamer)
		print_row("streamer", streamer);
}

void launch_print_devices(const json_t *answer)
{
	size_t i;
	json_t *entry;

	json_array_foreach(json_object_get(answer, "devices"), i, entry)
	{
		json_dumpf(entry, stdout, JSON_COMPACT);
		putchar('\n');
	}
}

void launch_print_added(const json_t *answer)
{
	size_t i;
	json_t *label;

	json_array_foreach(json_object_get(answer, "added"), i, label)
	{
		puts(json_string_value(label));
	}
}

void launch_print_nothing(const json_t *answer)
{
}
