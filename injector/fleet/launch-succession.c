/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include "injector/fleet/launch-succession.h"
#include "input/base/fd.h"

void launch_succession_end_rest(struct launch_fleet *f,
				struct launch_inheritance *inh, const char *dir)
{
	struct launch_inherited *in;

	while ((in = TAILQ_FIRST(&inh->devices))) {
		TAILQ_REMOVE(&inh->devices, in, link);
		launch_holder_remove(&f->holder, in->label);
		launch_inherited_end(in, dir);
	}
}

/* Those that we do not have, but a VMM has. Return: 0, or -1. */
static int succession_add_used(struct launch_fleet *f,
			       struct launch_inheritance *inh, char *why)
{
	struct launch_plan *plan = calloc(1, sizeof(*plan));
	json_t *devices = json_array();
	struct launch_fault fault = { .json = NULL };
	const struct launch_inherited *in;
	int r = plan ? 0 : -1;

	TAILQ_FOREACH (in, &inh->devices, link) {
		if (!in->connected)
			continue;
		json_object_set_new(in->item, "label", json_string(in->label));
		json_array_append(devices, in->item);
	}
	snprintf(why, LAUNCH_WHY_MAX, "%s", strerror(ENOMEM));
	if (!r && launch_plan_read(plan, devices, NULL, &fault)) {
		snprintf(why, LAUNCH_WHY_MAX, "%s", fault.text);
		r = -1;
	}
	if (!r)
		r = launch_fleet_add(f, plan, f->streamer.argv, why);
	if (plan)
		launch_plan_fini(plan);
	free(plan);
	json_decref(devices);
	return r;
}

int launch_succession_settle(struct launch_fleet *f,
			     struct launch_inheritance *in, char *why)
{
	int r = 0;

	if (!TAILQ_EMPTY(&in->devices))
		r = succession_add_used(f, in, why);
	f->setup.inherited = NULL;
	return r;
}

bool launch_succession_begin(struct launch_fleet *f,
			     struct launch_inheritance *in, const char *dir)
{
	int r = launch_inheritance_take(in, dir);

	if (r > 0)
		return false;
	if (!r && !f->setup.holder) {
		/* Its VMMs' connections end with it. */
		pidfd_send_signal(in->holder_pidfd, SIGTERM, NULL, 0);
		launch_succession_end_rest(f, in, dir);
		launch_inheritance_fini(in);
		return false;
	} else if (!r) {
		r = launch_holder_inherit(&f->holder, steal_fd(&in->holder_fd),
					  steal_fd(&in->holder_pidfd));
	}
	if (r) {
		launch_log_line(&f->log, LOG_WARNING,
				"the holder of a launcher that has ended does "
				"not answer: %s",
				strerror(-r));
		launch_inheritance_fini(in);
		return false;
	}
	f->setup.inherited = in;
	return true;
}
