/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "injector/hold/hold-memory.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

#define LOG_PAGE 4096 /* vhost-user: "VHOST_LOG_PAGE" */

static void memory_drop(void *arg, int fd)
{
	close_fd(fd);
}

static bool memory_read(void *arg, int fd, uint64_t offset, void *to,
			size_t len)
{
	ssize_t n;

	watchdog_touch();
	n = pread(fd, to, len, (off_t)offset);
	watchdog_rest();
	return n == (ssize_t)len;
}

const struct hold_ops hold_memory_ops = {
	.drop = memory_drop,
	.read = memory_read,
};

static void signal_fd(int fd)
{
	static const uint64_t one = 1;

	/* A counter that is full was not looked at either. */
	if (fd >= 0)
		(void)!write(fd, &one, sizeof(one));
}

/* A bit for each page, at its number: all of the bytes that hold them. */
static void log_range(const struct hold_file *log, uint64_t from, uint64_t end)
{
	uint8_t ones[4096];

	memset(ones, 0xff, sizeof(ones));
	end = end < log->log.size ? end : log->log.size;
	while (from < end) {
		const uint64_t left = end - from;
		ssize_t n = pwrite(log->fd, ones,
				   left < sizeof(ones) ? left : sizeof(ones),
				   (off_t)(log->log.offset + from));

		if (n <= 0)
			return;
		from += (uint64_t)n;
	}
}

static void log_all(const struct hold_session *s)
{
	if (s->log.fd < 0 || !vu_feature_in(s->features, VU_F_LOG_ALL))
		return;
	for (unsigned int i = 0; i < s->n_regions; i++) {
		const struct vu_mem_region *at = &s->region[i].at;
		const uint64_t first = at->guest_addr / LOG_PAGE;
		const uint64_t last =
			(at->guest_addr + at->size - 1) / LOG_PAGE;

		log_range(&s->log, first / 8, last / 8 + 1);
	}
	signal_fd(s->log_call.fd);
}

void hold_memory_resume(const struct hold_session *s, struct hold_channel *c)
{
	watchdog_touch();
	log_all(s);
	for (unsigned int i = 0; i < HOLD_QUEUES_MAX; i++) {
		const struct hold_queue *q = &s->queue[i];

		if (!hold_queue_runs(q))
			continue;
		signal_fd(q->call.fd);
		signal_fd(q->kick.fd);
		if (c && q->call.fd < 0 &&
		    vu_feature_in(s->protocol,
				  VU_PROTOCOL_F_INBAND_NOTIFICATIONS))
			hold_channel_call(c, i);
	}
	watchdog_rest();
}
