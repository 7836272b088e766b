/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/fleet/launch-device-report.h"
#include "injector/launch/launch-stats.h"
#include "injector/process/launch-ask.h"
#include "input/base/container.h"

#define ANSWER_S 2.0

struct launch_asked {
	struct launch_stats *stats;
	struct launch_ask ask;
	json_t *entry; /* borrowed from stats->entries */
};

static void on_stats_answer(void *arg, const char *text)
{
	struct launch_asked *asked = arg;
	struct launch_stats *s = asked->stats;
	json_t *counters = text ? json_loads(text, 0, NULL) : NULL;

	if (counters)
		json_object_set_new(asked->entry, "stats", counters);
	if (!--s->n_waiting)
		s->complete(s->arg);
}

static void on_stats_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_stats *s =
		container_of(timer, struct launch_stats, timer);

	for (size_t i = 0; i < s->n_asked; i++)
		launch_ask_stop(&s->asked[i].ask);
	s->n_waiting = 0;
	s->complete(s->arg);
}

static void stats_ask(struct launch_stats *s, const struct launch_device *dev)
{
	struct launch_asked *asked = &s->asked[s->n_asked++];

	asked->stats = s;
	asked->entry =
		json_pack("{s:s, s:s, s:i, s:n}", "label", dev->item.label,
			  "state", launch_state_name(launch_device_state(dev)),
			  "restarts", (int)dev->child.history.total, "stats");
	launch_ask_init(&asked->ask, s->loop, on_stats_answer, asked);
	if (!json_array_append_new(s->entries, asked->entry) &&
	    !launch_ask_start(&asked->ask, dev->endpoints.stats_path))
		s->n_waiting++;
}

int launch_stats_start(struct launch_stats *s, const struct launch_fleet *f,
		       const struct launch_device *only)
{
	const struct launch_device *dev;

	s->loop = f->loop;
	ev_timer_init(&s->timer, on_stats_timeout, ANSWER_S, 0);
	s->n_asked = s->n_waiting = 0;
	s->entries = json_array();
	s->asked =
		calloc(only ? 1 : launch_fleet_count(f) + 1, sizeof(*s->asked));
	if (!s->entries || !s->asked)
		return -ENOMEM;
	TAILQ_FOREACH (dev, &f->devices, link)
		if (!only || dev == only)
			stats_ask(s, dev);
	if (s->n_waiting)
		ev_timer_start(s->loop, &s->timer);
	return 0;
}

bool launch_stats_is_complete(const struct launch_stats *s)
{
	return !s->n_waiting;
}

const json_t *launch_stats_of(const struct launch_stats *s, const char *label)
{
	size_t i;
	json_t *entry;

	json_array_foreach(s->entries, i, entry)
	{
		const json_t *name = json_object_get(entry, "label");

		if (!strcmp(json_string_value(name), label))
			return json_object_get(entry, "stats");
	}
	return NULL;
}

void launch_stats_stop(struct launch_stats *s)
{
	if (!s->loop)
		return;
	ev_timer_stop(s->loop, &s->timer);
	for (size_t i = 0; i < s->n_asked; i++)
		launch_ask_stop(&s->asked[i].ask);
	free(s->asked);
	json_decref(s->entries);
	s->loop = NULL;
	s->asked = NULL;
	s->entries = NULL;
}
