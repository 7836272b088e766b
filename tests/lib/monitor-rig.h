/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-monitor as the front-end of a rig's server. */
#ifndef VINPUT_TESTS_MONITOR_RIG_H
#define VINPUT_TESTS_MONITOR_RIG_H

#include <stdlib.h>
#include <string.h>
#include "tests/lib/rig.h"

#define ARGS_MAX 6

/* The rig has the server and the injector; the monitor is its front-end. */
struct watch {
	struct rig *rig;
	struct process monitor, other;
};

static inline int setup(void **state)
{
	struct watch *w = calloc(1, sizeof(*w));
	void *rig = *state;

	assert_non_null(w);
	rig_setup(&rig);
	w->rig = rig;
	process_init(&w->monitor, "vinput-monitor");
	process_init(&w->other, "vhost-user-input");
	process_capture(&w->monitor);
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct watch *w = *state;
	void *rig = w->rig;

	process_fini(&w->monitor);
	process_fini(&w->other);
	free(w);
	return rig_teardown(&rig);
}

static inline void start_monitor(struct watch *w, const char *const *args)
{
	for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
		process_arg(&w->monitor, "%s", args[i]);
	process_arg(&w->monitor, "%s", w->rig->socket);
	process_start(&w->monitor);
}

#define ARGS(...) ((const char *const[ARGS_MAX]){ __VA_ARGS__ })

static inline int count(const char *text, const char *needle)
{
	int n = 0;

	for (; (text = strstr(text, needle)); text += strlen(needle))
		n++;
	return n;
}

#endif
