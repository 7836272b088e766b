/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "input/base/container.h"
#include "input/base/watchdog.h"
#include "input/ring/guest-map.h"
#include "input/serve/signals.h"

static void on_end(struct loop_signal *s)
{
	ev_break(s->loop, EVBREAK_ALL);
}

static void on_sighup(struct loop_signal *s)
{
	struct signals *sg = container_of(s, struct signals, sighup);

	sg->reload(sg->arg);
}

static void on_sigusr1(struct loop_signal *s)
{
	struct signals *sg = container_of(s, struct signals, sigusr1);

	sg->log(sg->arg);
}

/* The loop may wait for a page that never comes (postcopy). */
static void end_soon(void)
{
	if (watchdog_busy())
		guest_map_give_up();
}

void signals_init(struct signals *sg, struct ev_loop *loop)
{
	sg->sigterm = (struct loop_signal){ SIGTERM, on_end, end_soon };
	sg->sigint = (struct loop_signal){ SIGINT, on_end, end_soon };
	sg->sighup = (struct loop_signal){ SIGHUP, on_sighup };
	sg->sigusr1 = (struct loop_signal){ SIGUSR1, on_sigusr1 };
	loop_signal_start(&sg->sigterm, loop);
	loop_signal_start(&sg->sigint, loop);
	loop_signal_start(&sg->sighup, loop);
	loop_signal_start(&sg->sigusr1, loop);
}

void signals_fini(struct signals *sg)
{
	loop_signal_stop(&sg->sigterm);
	loop_signal_stop(&sg->sigint);
	loop_signal_stop(&sg->sighup);
	loop_signal_stop(&sg->sigusr1);
}
