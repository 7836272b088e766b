/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/cmdline-value.h"
#include "input/base/loop.h"
#include "input/serve/service-options.h"

/* sd_listen_fds(3): the first socket that a service manager passes. */
#define LISTEN_FDS_START 3
#define STALL_MS	 100
#define STALL_MS_MAX	 LOOP_TIMER_MAX_MS
#define BUSY_POLL_US_MAX 100000

typedef int take_fn(struct service_options *o, struct cmdline *c, char *value);

/* --- options whose value is taken as it is, and flags --- */

#define TEXT(member)                                                     \
	static int service_take_##member(struct service_options *o,      \
					 struct cmdline *c, char *value) \
	{                                                                \
		o->member = value;                                       \
		return 0;                                                \
	}
TEXT(socket_path)
TEXT(vfio)
TEXT(inject_path)
TEXT(stats_path)

#define FLAG(member)                                                     \
	static int service_take_##member(struct service_options *o,      \
					 struct cmdline *c, char *value) \
	{                                                                \
		o->member = true;                                        \
		return 0;                                                \
	}
FLAG(postcopy)
FLAG(iommu)
FLAG(inband)

/* --- numbers --- */

static int service_take_stall_ms(struct service_options *o, struct cmdline *c,
				 char *value)
{
	int ms = cmdline_value_number(c, value, 1, STALL_MS_MAX);

	o->stall_ms = (unsigned int)ms;
	return ms < 0 ? ms : 0;
}

static int service_take_busy_poll(struct service_options *o, struct cmdline *c,
				  char *value)
{
	int us = cmdline_value_number(c, value, 0, BUSY_POLL_US_MAX);

	o->busy_poll_us = (unsigned int)us;
	return us < 0 ? us : 0;
}

static int service_take_mode(struct service_options *o, struct cmdline *c,
			     char *value)
{
	return cmdline_value_mode(c, value, &o->access.mode);
}

/* --- file descriptors --- */

static int service_take_fd(struct service_options *o, struct cmdline *c,
			   char *value)
{
	return cmdline_value_fd(c, value, &o->fd);
}

static int service_take_state_fd(struct service_options *o, struct cmdline *c,
				 char *value)
{
	return cmdline_value_fd(c, value, &o->state_fd);
}

static int service_take_standby_fd(struct service_options *o, struct cmdline *c,
				   char *value)
{
	return cmdline_value_fd(c, value, &o->standby_fd);
}

static int service_take_ready_fd(struct service_options *o, struct cmdline *c,
				 char *value)
{
	return cmdline_value_ready_fd(c, value, &o->ready_fd);
}

static int service_take_inject_fd(struct service_options *o, struct cmdline *c,
				  char *value)
{
	int fd;

	if (cmdline_value_fd(c, value, &fd))
		return -EINVAL;
	for (size_t i = 0; i < o->n_inject_fds; i++)
		if (o->inject_fds[i] == fd)
			return cmdline_refuse_value(c, value, "given twice");
	if (o->n_inject_fds == SERVICE_INJECT_FDS_MAX)
		return cmdline_refuse_value(c, value, "at most %d can be given",
					    SERVICE_INJECT_FDS_MAX);
	o->inject_fds[o->n_inject_fds++] = fd;
	return 0;
}

/* --- one of some words --- */

static int service_take_inject_type(struct service_options *o,
				    struct cmdline *c, char *value)
{
	static const char *const words[] = { "stream", "seqpacket", NULL };
	int i = cmdline_value_word(c, value, words, "stream or seqpacket");

	o->inject_type = i ? SOCK_SEQPACKET : SOCK_STREAM;
	return i < 0 ? i : 0;
}

static int service_take_shared_memory(struct service_options *o,
				      struct cmdline *c, char *value)
{
	static const char *const words[] = { "on", "off", NULL };
	int i = cmdline_value_word(c, value, words, "on or off");

	o->no_rings = i;
	return i < 0 ? i : 0;
}

static int service_take_overflow(struct service_options *o, struct cmdline *c,
				 char *value)
{
	static const char *const words[] = {
		[DEVICE_FOLD] = "fold", [DEVICE_BLOCK] = "block", NULL
	};
	int i = cmdline_value_word(c, value, words, "fold or block");

	o->overflow = (enum device_overflow)i;
	return i < 0 ? i : 0;
}

/* --- users and groups --- */

static int service_take_socket_group(struct service_options *o,
				     struct cmdline *c, char *value)
{
	return cmdline_value_group(c, value, &o->access.group);
}

static int service_take_allow_uid(struct service_options *o, struct cmdline *c,
				  char *value)
{
	struct peer_allow *a = &o->inject_allow;
	char *words = strdupa(value);

	for (char *one; (one = strsep(&words, ","));) {
		if (a->n_uids == PEER_ALLOW_MAX)
			return cmdline_refuse_value(c, one, "more than %d",
						    PEER_ALLOW_MAX);
		if (cmdline_value_user(c, one, &a->uid[a->n_uids++], NULL))
			return -EINVAL;
	}
	return 0;
}

static int service_take_allow_gid(struct service_options *o, struct cmdline *c,
				  char *value)
{
	struct peer_allow *a = &o->inject_allow;
	char *words = strdupa(value);

	for (char *one; (one = strsep(&words, ","));) {
		if (a->n_gids == PEER_ALLOW_MAX)
			return cmdline_refuse_value(c, one, "more than %d",
						    PEER_ALLOW_MAX);
		if (cmdline_value_group(c, one, &a->gid[a->n_gids++]))
			return -EINVAL;
	}
	return 0;
}

/* --- all of them --- */

static const struct {
	const char *name;
	take_fn *take;
} takers[] = {
	{ "socket-path", service_take_socket_path },
	{ "socket-mode", service_take_mode },
	{ "socket-group", service_take_socket_group },
	{ "fd", service_take_fd },
	{ "socket-fd", service_take_fd },
	{ "vfio", service_take_vfio },
	{ "postcopy", service_take_postcopy },
	{ "inject-fd", service_take_inject_fd },
	{ "inject-path", service_take_inject_path },
	{ "inject-type", service_take_inject_type },
	{ "inject-allow-uid", service_take_allow_uid },
	{ "inject-allow-gid", service_take_allow_gid },
	{ "shared-memory", service_take_shared_memory },
	{ "overflow", service_take_overflow },
	{ "stall-ms", service_take_stall_ms },
	{ "busy-poll", service_take_busy_poll },
	{ "iommu", service_take_iommu },
	{ "inband", service_take_inband },
	{ "stats-path", service_take_stats_path },
	{ "ready-fd", service_take_ready_fd },
	{ "standby-fd", service_take_standby_fd },
	{ "state-fd", service_take_state_fd },
};

int service_options_take(struct service_options *o, struct cmdline *c,
			 char *value)
{
	size_t i = 0;

	while (strcmp(takers[i].name, c->taken->name))
		i++;
	return takers[i].take(o, c, value);
}

void service_options_init(struct service_options *o)
{
	*o = (struct service_options){
		.fd = -1,
		.state_fd = -1,
		.ready_fd = -1,
		.standby_fd = -1,
		.access = { .mode = 0600, .group = ACCOUNT_NO_GID },
		.inject_type = SOCK_STREAM,
		.overflow = DEVICE_FOLD,
		.stall_ms = STALL_MS,
	};
}

/* --- what goes with what --- */

int service_options_check(const struct service_options *o, struct cmdline *c)
{
	if (o->socket_path && o->fd >= 0)
		return cmdline_refuse(
			c->why, "--socket-path and --fd exclude each other");
	if (o->vfio && (o->socket_path || o->fd >= 0))
		return cmdline_refuse(c->why,
				      "--vfio excludes --socket-path and --fd");
	if (o->vfio && o->postcopy)
		return cmdline_refuse(
			c->why, "--vfio and --postcopy exclude each other: "
				"missing pages cannot be awaited in a device");
	if (cmdline_given(c, "inject-type") && !o->inject_path)
		return cmdline_refuse(c->why,
				      "--inject-type requires --inject-path");
	if ((o->inject_allow.n_uids || o->inject_allow.n_gids) &&
	    !o->inject_path)
		return cmdline_refuse(
			c->why, "--inject-allow-uid and --inject-allow-gid "
				"require --inject-path");
	return 0;
}

#define USES_MAX (SERVICE_INJECT_FDS_MAX + 6)

struct use {
	int fd; /* -1: none */
	const char *whose;
};

/* Return: how many. */
static size_t list_uses(const struct service_options *o,
			struct use use[USES_MAX])
{
	const struct use others[] = {
		{ o->fd, "the front-end" },
		{ o->state_fd, "--state-fd" },
		{ o->ready_fd, "--ready-fd" },
		{ o->standby_fd, "--standby-fd" },
		{ o->stdio ? STDIN_FILENO : -1, "injected events" },
		{ o->stdio ? STDOUT_FILENO : -1, "status events" },
	};
	size_t n = sizeof(others) / sizeof(*others);

	memcpy(use, others, sizeof(others));
	for (size_t i = 0; i < o->n_inject_fds; i++)
		use[n++] = (struct use){ o->inject_fds[i], "--inject-fd" };
	return n;
}

/* An inherited fd serves for one thing only. */
static int check_used_once(const struct service_options *o, struct cmdline *c)
{
	struct use use[USES_MAX];
	const size_t n = list_uses(o, use);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i && use[i].fd >= 0; k++)
			if (use[k].fd == use[i].fd)
				return cmdline_refuse(
					c->why,
					"fd %d is used twice: %s and %s",
					use[i].fd, use[k].whose, use[i].whose);
	return 0;
}

bool service_options_use(const struct service_options *o, int fd)
{
	struct use use[USES_MAX];

	for (size_t i = list_uses(o, use); i--;)
		if (use[i].fd == fd)
			return true;
	return false;
}

/* Socket activation: an fd that a service manager meant for this process. */
static bool inherits_listen_fd(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	return pid && n && atol(pid) == getpid() && atoi(n) > 0;
}

int service_options_check_fds(struct service_options *o, struct cmdline *c)
{
	if (o->vfio)
		return check_used_once(o, c);
	if (!o->socket_path && o->fd < 0 && inherits_listen_fd())
		o->fd = LISTEN_FDS_START;
	if (!o->socket_path && o->fd < 0)
		return cmdline_refuse(c->why, "--socket-path=PATH or --fd=N is "
					      "required");
	return check_used_once(o, c);
}
