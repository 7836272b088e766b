/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-keys.h"

struct switch_plan {
	uint16_t code;
	bool on;
};

static int prepare_switch(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	struct switch_plan *plan =
		inject_command_plan(c, c->n, sizeof(*plan), f);
	int r = plan ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < c->n; i += 2) {
		const char *to = i + 1 < c->n ? c->operand[i + 1] : "";

		r = inject_switch_read(&plan[i / 2].code, c->operand[i], f);
		if (r)
			return r;
		plan[i / 2].on = strcmp(to, "on") == 0;
		if (!plan[i / 2].on && strcmp(to, "off") != 0)
			r = fault_set(
				f, "switch: %s must be followed by on or off",
				c->operand[i]);
	}
	return r;
}

/* All of them in one frame. */
static int run_switch(const struct inject_command *c, struct inject_run *run)
{
	const struct switch_plan *plan = c->plan;
	int r = 0;

	for (size_t i = 0; !r && i < c->n / 2; i++)
		r = inject_run_check(
			run,
			vinject_switch(run->to->v, plan[i].code, plan[i].on));
	return r ? r : inject_run_frame(run);
}

const struct inject_verb inject_verb_switch = {
	.name = "switch",
	.usage = "NAME on|off [NAME on|off]...",
	.label = "switches",
	.lasting = true,
	.min = 2,
	.max = SIZE_MAX,
	.prepare = prepare_switch,
	.run = run_switch,
};
