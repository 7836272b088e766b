/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/stats.h"

static void on_sigusr1(struct ev_loop *loop, ev_signal *sig, int events)
{
	stats_log(sig->data);
}

/* The text fits into the socket's buffer: no need to wait. */
static void stats_accepted(void *arg, int fd)
{
	struct stats *st = arg;
	_cleanup_close_ int taken = fd;
	struct counter c[COUNTERS_MAX];
	char text[COUNTERS_TEXT_MAX];
	size_t len = counters_json(c, st->count(st->arg, c), text);

	if (send(taken, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_limited(&st->listener.limit, LOG_DEBUG, CULPRIT_HOST,
			    "cannot send the counters: %s", strerror(errno));
}

void stats_init(struct stats *st, struct ev_loop *loop, stats_count *count,
		const void *arg)
{
	st->loop = loop;
	st->count = count;
	st->arg = arg;
	listener_init(&st->listener, loop, "a reader of the counters",
		      stats_accepted, st);
	ev_signal_init(&st->sigusr1, on_sigusr1, SIGUSR1);
	st->sigusr1.data = st;
}

void stats_log(const struct stats *st)
{
	struct counter c[COUNTERS_MAX];
	char text[COUNTERS_TEXT_MAX];

	counters_line(c, st->count(st->arg, c), text);
	/* It was asked for: at every level but LOG_OFF. */
	log_line(LOG_ERROR, CULPRIT_NONE, "counters: %s", text);
}

void stats_watch_signal(struct stats *st)
{
	ev_signal_start(st->loop, &st->sigusr1);
}

int stats_listen(struct stats *st, int fd)
{
	return listener_start(&st->listener, fd);
}

void stats_fini(struct stats *st)
{
	listener_fini(&st->listener);
	ev_signal_stop(st->loop, &st->sigusr1);
}
