/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/vvu/vvu-stats.h"
#include "input/base/fd.h"
#include "input/base/log.h"

#define COUNTERS 6
#define TEXT_MAX 512

struct vvu_counter {
	const char *name;
	uint64_t value;
};

static void stats_count(const struct vvu_stats *st,
			struct vvu_counter out[COUNTERS])
{
	const struct vvu_counts *c = &st->proxy->sibling.memory.counts;
	const struct vvu_counter all[COUNTERS] = {
		{ "siblings", st->proxy->sessions },
		{ "regions_direct", c->direct },
		{ "regions_by_messages", c->by_messages },
		{ "reads", c->reads },
		{ "writes", c->writes },
		{ "outside", c->outside },
	};

	memcpy(out, all, sizeof(all));
}

/* before: in front of each but the first; is: between name and value. */
static void stats_print(const struct vvu_stats *st, const char *before,
			const char *is, char text[TEXT_MAX])
{
	struct vvu_counter c[COUNTERS];
	size_t len = 0;

	stats_count(st, c);
	for (size_t i = 0; i < COUNTERS; i++)
		len += (size_t)snprintf(text + len, TEXT_MAX - len,
					"%s%s%s%" PRIu64, i ? before : "",
					c[i].name, is, c[i].value);
}

void vvu_stats_log(const struct vvu_stats *st)
{
	char text[TEXT_MAX];

	stats_print(st, " ", "=", text);
	log_line(LOG_INFO, CULPRIT_NONE, "%s", text);
}

/* The text fits into the socket's buffer: no need to wait. */
static void on_reader(void *arg, int fd)
{
	struct vvu_stats *st = arg;
	_cleanup_close_ int taken = fd;
	char text[TEXT_MAX], json[TEXT_MAX + 8];
	int len;

	stats_print(st, ",\"", "\":", text);
	len = snprintf(json, sizeof(json), "{\"%s}\n", text);
	if (send(taken, json, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_limited(&st->listener.limit, LOG_DEBUG, CULPRIT_HOST,
			    "cannot send the counters: %s", strerror(errno));
}

void vvu_stats_init(struct vvu_stats *st, struct ev_loop *loop,
		    const struct vvu_proxy *proxy)
{
	st->proxy = proxy;
	listener_init(&st->listener, loop, "a reader of the counters",
		      on_reader, st);
}

int vvu_stats_listen(struct vvu_stats *st, int fd)
{
	return listener_start(&st->listener, fd);
}

void vvu_stats_fini(struct vvu_stats *st)
{
	listener_fini(&st->listener);
}
