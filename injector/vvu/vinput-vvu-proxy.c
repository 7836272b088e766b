/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vvu-proxy(1) lets a guest, the device VM, be the vhost-user back-end
 * of another VM, its sibling: a VVU device (vvu-layout.h) for the device VM,
 * a back-end for the sibling's VMM.
 *
 *	vvu-options	the command line
 *	vvu-proxy	the device: who is connected, and whose turn it is
 *	vvu-sibling	the sibling's VMM, and what it gave in fds
 *	vvu-request	what the device has to do with a message
 *	vvu-memory, vvu-plan	the sibling's memory, and where it lies
 *	vvu-queue, vvu-guest	a queue, in the device VM's memory
 *	vvu-pci		what a driver sees
 *
 * Exit status: 0 after SIGTERM or SIGINT; 2 for a wrong command line; 1 for
 * other failures.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include "injector/vvu/vvu-options.h"
#include "injector/vvu/vvu-proxy.h"
#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "input/base/stats.h"
#include "input/base/watchdog.h"

#define WATCHDOG_MS 100
#define BAR_LEN	    (UINT64_C(32) << 30)

struct program {
	const struct vvu_options *o;
	struct common_loop main;
	struct socket_path client, sibling, readers;
	int memory; /* owned; -1: none */
	uint64_t bar_len;
	struct vvu_proxy proxy;
	struct stats stats;
};

static void on_end_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct program *p = sig->data;

	notify_stopping(&p->main.notify);
	ev_break(loop, EVBREAK_ALL);
}

static size_t proxy_count(const void *arg, struct counter out[COUNTERS_MAX])
{
	const struct vvu_proxy *proxy = arg;
	const struct vvu_counts *c = &proxy->sibling.memory.counts;
	const struct counter all[] = {
		{ "siblings", proxy->sessions },
		{ "regions_direct", c->direct },
		{ "regions_by_messages", c->by_messages },
		{ "reads", c->reads },
		{ "writes", c->writes },
		{ "outside", c->outside },
	};

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(*all);
}

/* --- set-up --- */

/* Return: 0 or -1, logged. */
static int program_choose_bar(struct program *p, uint64_t file_len)
{
	p->bar_len = p->o->bar_len;
	if (p->bar_len && file_len > p->bar_len / 2) {
		log_line(LOG_ERROR, CULPRIT_NONE,
			 "--bar-size: must be at least twice the size of "
			 "--memory's file");
		return -1;
	}
	if (p->bar_len)
		return 0;
	p->bar_len = BAR_LEN;
	while (file_len > p->bar_len / 2)
		p->bar_len *= 2;
	return 0;
}

static int program_refuse_memory(const struct program *p, const char *why)
{
	log_line(LOG_ERROR, CULPRIT_NONE, "--memory=%s: %s", p->o->memory, why);
	return -1;
}

/* Return: 0 or -1, logged. */
static int program_open_memory(struct program *p)
{
	struct stat st = { 0 };

	if (!p->o->memory)
		return program_choose_bar(p, 0);
	p->memory = open(p->o->memory, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (p->memory < 0 || fstat(p->memory, &st) < 0)
		return program_refuse_memory(p, strerror(errno));
	if (!fd_is_memory(p->memory))
		return program_refuse_memory(
			p, "must be a file in /dev/shm or another tmpfs, or in "
			   "hugetlbfs");
	if (st.st_size < VVU_MEMORY_PAGE || st.st_size > INT64_MAX / 4)
		return program_refuse_memory(
			p, "must have the size of the sibling's memory");
	return program_choose_bar(p, (uint64_t)st.st_size);
}

static int program_confine(const struct program *p)
{
	struct sandbox sandbox = p->o->common.sandbox;

	sandbox.paths = (struct sandbox_paths){
		.removed = { p->o->vfio_user, p->o->socket_path,
			     p->o->stats_path },
	};
	return sandbox_enter(&sandbox);
}

static int program_start_proxy(struct program *p)
{
	const struct vvu_sockets fds = { p->client.fd, p->sibling.fd };
	int r = vvu_proxy_start(&p->proxy, &fds);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "vfio-user: %s",
			 strerror(-r));
	return r;
}

static int program_serve_stats(struct program *p)
{
	int r = 0;

	if (p->o->stats_path)
		r = stats_listen(&p->stats, p->readers.fd);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--stats-path: %s",
			 strerror(-r));
	return r;
}

static int program_start(struct program *p)
{
	int r = program_open_memory(p);

	common_loop_watch(&p->main, on_end_signal, p);
	if (!r)
		r = common_options_listen(&p->o->common, &p->client,
					  p->o->vfio_user);
	if (!r)
		r = common_options_listen(&p->o->common, &p->sibling,
					  p->o->socket_path);
	if (!r && p->o->stats_path)
		r = common_options_listen(&p->o->common, &p->readers,
					  p->o->stats_path);
	if (!r)
		r = watchdog_init(WATCHDOG_MS, NULL);
	if (!r)
		r = vvu_proxy_init(&p->proxy, p->main.loop, p->bar_len,
				   p->memory);
	stats_init(&p->stats, p->main.loop, proxy_count, &p->proxy);
	stats_watch_signal(&p->stats);
	if (!r)
		r = program_confine(p);
	if (!r)
		r = program_serve_stats(p);
	return r ? r : program_start_proxy(p);
}

static void program_run(struct program *p)
{
	common_loop_run(&p->main);
	stats_fini(&p->stats);
	vvu_proxy_fini(&p->proxy);
}

static int program(const struct vvu_options *o)
{
	struct program p = { .o = o,
			     .client = { .fd = -1 },
			     .sibling = { .fd = -1 },
			     .readers = { .fd = -1 },
			     .memory = -1 };
	int status = COMMON_OK;

	if (common_loop_open(&p.main, &o->common))
		return COMMON_FAILED;
	if (program_start(&p))
		status = COMMON_FAILED;
	else
		program_run(&p);
	socket_path_fini(&p.client);
	socket_path_fini(&p.sibling);
	socket_path_fini(&p.readers);
	close_fd(p.memory);
	common_loop_close(&p.main);
	return status;
}

int main(int argc, char **argv)
{
	static struct vvu_options o;
	int status = common_program_open(&vvu_program, &o, argc, argv);

	if (status == COMMON_RUNS)
		status = program(&o);
	return common_program_close(status);
}
