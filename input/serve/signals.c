/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "input/base/container.h"
#include "input/base/watchdog.h"
#include "input/ring/guest-map.h"
#include "input/serve/signals.h"

static void on_end(struct ev_loop *loop, ev_signal *sig, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

static void on_sighup(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct signals *sg = container_of(sig, struct signals, sighup);

	sg->reload(sg->arg);
}

/* As libev's; but the loop may wait for a page that never comes (postcopy). */
static void end_soon(int sig)
{
	if (watchdog_busy())
		guest_map_give_up();
	ev_feed_signal(sig);
}

void signals_init(struct signals *sg, struct ev_loop *loop,
		  void (*reload)(void *arg), void *arg)
{
	const struct sigaction end = { .sa_handler = end_soon,
				       .sa_flags = SA_RESTART };

	sg->loop = loop;
	sg->reload = reload;
	sg->arg = arg;
	ev_signal_init(&sg->sigterm, on_end, SIGTERM);
	ev_signal_start(loop, &sg->sigterm);
	ev_signal_init(&sg->sigint, on_end, SIGINT);
	ev_signal_start(loop, &sg->sigint);
	ev_signal_init(&sg->sighup, on_sighup, SIGHUP);
	ev_signal_start(loop, &sg->sighup);
	/* In place of the handlers that ev_signal_start() installed. */
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
}

void signals_fini(struct signals *sg)
{
	ev_signal_stop(sg->loop, &sg->sigterm);
	ev_signal_stop(sg->loop, &sg->sigint);
	ev_signal_stop(sg->loop, &sg->sighup);
}
