/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/launched.h"
#include "tests/guest/program.h"

#define RESTART_MS 10000

const char *launched_words(const char *fmt, const char *dir)
{
	static char words[512];

	snprintf(words, sizeof(words), fmt, dir);
	return words;
}

void launched_device(struct device *dev, const struct device *like,
		     const char *dir, const char *label)
{
	*dev = (struct device){ .spec = like->spec, .node = -1 };
	snprintf(dev->name, sizeof(dev->name), "%s", like->name);
	snprintf(dev->srv.spec, sizeof(dev->srv.spec), "%s", label);
	snprintf(dev->srv.socket, sizeof(dev->srv.socket), "%.70s/%s.sock", dir,
		 label);
	snprintf(dev->srv.inject, sizeof(dev->srv.inject), "%.70s/%s.inject",
		 dir, label);
}

/* connected: its VMM is, as far as the server says. */
static pid_t pid_in_list(const char *dir, const char *label, bool *connected)
{
	char *text =
		program_print("vinput-launch",
			      launched_words("--control=%s --json list", dir));
	json_t *answer = json_loads(text, 0, NULL), *device;
	pid_t pid = 0;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, device)
	{
		const char *is, *state;
		int number;

		assert_int_equal(json_unpack(device, "{s:s, s:s, s?:i}",
					     "label", &is, "state", &state,
					     "pid", &number),
				 0);
		if (strcmp(is, label) || strcmp(state, "ready"))
			continue;
		pid = number;
		*connected = json_is_true(json_object_get(device, "vmm"));
	}
	json_decref(answer);
	free(text);
	return pid;
}

pid_t launched_pid(const char *dir, const char *label)
{
	bool connected;

	return pid_in_list(dir, label, &connected);
}

pid_t launched_next_pid(const char *dir, const char *label, pid_t dead)
{
	bool connected = false;
	pid_t pid = 0;

	for (long end = now_ms() + RESTART_MS; now_ms() < end;) {
		pid = pid_in_list(dir, label, &connected);
		if (pid && pid != dead && connected)
			return pid;
	}
	fail_msg("%s: pid %d after %d, the VMM is %sconnected", label, pid,
		 dead, connected ? "" : "not ");
	return 0;
}

void launched_replace(const char *dir, const char *label)
{
	const pid_t dead = launched_pid(dir, label);

	assert_true(dead > 0);
	assert_int_equal(kill(dead, SIGKILL), 0);
	launched_next_pid(dir, label, dead);
}

void launched_assert_types(const struct device *dev)
{
	static const char *const frames[] = {
		"KEY_LEFTSHIFT 1", "KEY_O 1", "KEY_O 0",
		"KEY_LEFTSHIFT 0", "KEY_K 1", "KEY_K 0"
	};

	forget_events();
	let_inject(dev, "type --layout=us Ok");
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		assert_reads_frame(dev, frames[i]);
}
