/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/base/loop.h"
#include "input/base/number.h"
#include "input/options.h"
#include "input/options-table.h"

/* sd_listen_fds(3): the first socket that a service manager hands over. */
#define LISTEN_FDS_START 3
#define STALL_MS	 100
#define STALL_MS_MAX	 LOOP_TIMER_MAX_MS
#define BUSY_POLL_US_MAX 100000
#define HELP_COLUMN	 34

/* What is known only while the command line is read. */
struct parser {
	struct options *o;
	struct cmdline line;
};

#define fail(p, ...) cmdline_refuse((p)->line.why, __VA_ARGS__)

void options_help(void)
{
	puts("Usage: vhost-user-input --socket-path=PATH --spec=FILE|NAME "
	     "[OPTION]...\n"
	     "Serve one virtio-input device to a VMM over vhost-user.\n");
	cmdline_help(options_rows, N_IDS, HELP_COLUMN);
	puts("\nSee vhost-user-input(1) and vhost-user-input-spec(5).");
}

static int number(struct parser *p, enum options_id id, const char *text,
		  int max, int *out)
{
	*out = number_read(text, max);
	if (*out < 0)
		return fail(p, "--%s=%s: not a number from 0 to %d",
			    options_rows[id].name, text, max);
	return 0;
}

static int fd_number(struct parser *p, enum options_id id, const char *text,
		     int *fd)
{
	int r = number(p, id, text, INT_MAX, fd);

	if (!r && fcntl(*fd, F_GETFD) < 0)
		return fail(p, "--%s=%s: no such fd was inherited",
			    options_rows[id].name, text);
	return r;
}

static int mode(struct parser *p, const char *text)
{
	int n = number_read_octal(text, 0777);

	if (n < 0)
		return fail(p,
			    "--socket-mode=%s: not an octal mode such as "
			    "0660",
			    text);
	p->o->access.mode = (mode_t)n;
	return 0;
}

static int group(struct parser *p, enum options_id id, const char *text,
		 gid_t *gid)
{
	if (account_group(text, gid))
		return fail(p, "--%s=%s: no such group", options_rows[id].name,
			    text);
	return 0;
}

/* The user's own group, unless --group names another. */
static int user(struct parser *p, const char *text)
{
	struct options *o = p->o;
	gid_t gid;

	if (account_user(text, &o->uid, &gid))
		return fail(p, "--user=%s: no such user", text);
	if (!p->line.given[GROUP])
		o->gid = gid;
	return 0;
}

static int allow_one(struct parser *p, enum options_id id, const char *text)
{
	struct peer_allow *a = &p->o->inject_allow;
	size_t *n = id == ALLOW_UID ? &a->n_uids : &a->n_gids;

	if (*n == PEER_ALLOW_MAX)
		return fail(p, "--%s: more than %d are given",
			    options_rows[id].name, PEER_ALLOW_MAX);
	if (id == ALLOW_GID)
		return group(p, id, text, &a->gid[(*n)++]);
	if (account_user(text, &a->uid[(*n)++], NULL))
		return fail(p, "--%s=%s: no such user", options_rows[id].name,
			    text);
	return 0;
}

static int allow(struct parser *p, enum options_id id, char *list)
{
	for (char *one; (one = strsep(&list, ","));)
		if (allow_one(p, id, one))
			return -EINVAL;
	return 0;
}

static int level(struct parser *p, enum options_id id, const char *text)
{
	if (!log_level_from_name(text, &p->o->log_level))
		return 0;
	return fail(p, "--%s=%s: not one of %s", options_rows[id].name, text,
		    "off, error, warning, info, debug, trace");
}

static int add_set(struct parser *p, char *text)
{
	struct options *o = p->o;
	char *eq = strchr(text, '=');

	if (!eq || eq == text)
		return fail(p, "--set=%s: not NAME=VALUE", text);
	if (o->n_sets == OPTIONS_SETS_MAX)
		return fail(p, "--set: given more than %d times",
			    OPTIONS_SETS_MAX);
	*eq = '\0';
	for (size_t i = 0; i < o->n_sets; i++)
		if (!strcmp(o->sets[i].name, text))
			return fail(p, "--set: %s is given twice", text);
	o->sets[o->n_sets++] = (struct spec_set){ text, eq + 1 };
	return 0;
}

static int add_inject_fd(struct parser *p, const char *text)
{
	struct options *o = p->o;
	int fd;

	if (fd_number(p, INJECT_FD, text, &fd))
		return -EINVAL;
	for (size_t i = 0; i < o->n_inject_fds; i++)
		if (o->inject_fds[i] == fd)
			return fail(p, "--inject-fd=%d is given twice", fd);
	if (o->n_inject_fds == OPTIONS_INJECT_FDS_MAX)
		return fail(p, "--inject-fd: given more than %d times",
			    OPTIONS_INJECT_FDS_MAX);
	o->inject_fds[o->n_inject_fds++] = fd;
	return 0;
}

/* Return: index of text in words, or -EINVAL. */
static int one_of(struct parser *p, enum options_id id, const char *text,
		  const char *const words[2])
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(text, words[i]))
			return i;
	return fail(p, "--%s=%s: not %s or %s", options_rows[id].name, text,
		    words[0], words[1]);
}

static int sandbox(struct parser *p, const char *text)
{
	static const char *const modes[] = { [SANDBOX_OFF] = "off",
					     [SANDBOX_LOG] = "log",
					     [SANDBOX_ON] = "on" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, modes[i])) {
			p->o->sandbox = (enum sandbox_mode)i;
			return 0;
		}
	return fail(p, "--sandbox=%s: not on, log or off", text);
}

static int choice(struct parser *p, enum options_id id, const char *text)
{
	static const char *const types[] = { "stream", "seqpacket" };
	static const char *const overflows[] = { "fold", "block" };
	bool type = id == INJECT_TYPE;
	int i = one_of(p, id, text, type ? types : overflows);

	if (i < 0)
		return i;
	if (type)
		p->o->inject_type = i ? SOCK_SEQPACKET : SOCK_STREAM;
	else
		p->o->overflow = i ? DEVICE_BLOCK : DEVICE_FOLD;
	return 0;
}

static int stall(struct parser *p, const char *text)
{
	int ms, r = number(p, STALL, text, STALL_MS_MAX, &ms);

	if (!r && !ms)
		return fail(p, "--stall-ms=0: at least 1");
	if (!r)
		p->o->stall_ms = (unsigned int)ms;
	return r;
}

static int busy_poll(struct parser *p, const char *text)
{
	int us, r = number(p, BUSY_POLL, text, BUSY_POLL_US_MAX, &us);

	if (!r)
		p->o->busy_poll_us = (unsigned int)us;
	return r;
}

static int take(struct parser *p, enum options_id id, char *value)
{
	struct options *o = p->o;

	switch (id) {
	case SOCKET_PATH:
		o->socket_path = value;
		break;
	case SOCKET_MODE:
		return mode(p, value);
	case SOCKET_GROUP:
		return group(p, id, value, &o->access.group);
	case FD:
	case SOCKET_FD:
		return fd_number(p, id, value, &o->fd);
	case POSTCOPY:
		o->postcopy = true;
		break;
	case SPEC:
	case DEVICE_CONFIG:
		o->spec = value;
		break;
	case SET:
		return add_set(p, value);
	case NAME:
		o->name = value;
		break;
	case SERIAL:
		o->serial = value;
		break;
	case INJECT_FD:
		return add_inject_fd(p, value);
	case INJECT_PATH:
		o->inject_path = value;
		break;
	case INJECT_TYPE:
	case OVERFLOW:
		return choice(p, id, value);
	case ALLOW_UID:
	case ALLOW_GID:
		return allow(p, id, value);
	case STALL:
		return stall(p, value);
	case BUSY_POLL:
		return busy_poll(p, value);
	case IOMMU:
		o->iommu = true;
		break;
	case INBAND:
		o->inband = true;
		break;
	case STATE_FD:
		return fd_number(p, id, value, &o->state_fd);
	case STATS_PATH:
		o->stats_path = value;
		break;
	case SANDBOX:
		return sandbox(p, value);
	case USER:
		return user(p, value);
	case GROUP:
		return group(p, id, value, &o->gid);
	case LOG_LEVEL:
	case VERBOSITY:
		return level(p, id, value);
	case CHECK_SPEC:
		o->action = OPTIONS_CHECK_SPEC;
		break;
	case HELP:
		o->action = OPTIONS_HELP;
		break;
	case SHOW_VERSION:
		o->action = OPTIONS_VERSION;
		break;
	case CAPABILITIES:
	case N_IDS:
		break;
	}
	return 0;
}

/* Socket activation: an fd that a service manager meant for this process. */
static bool inherits_listen_fd(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	return pid && n && atol(pid) == getpid() && atoi(n) > 0;
}

/* At most one of these options may be given. */
static int exclude(struct parser *p, const enum options_id *ids, size_t n)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		if (!p->line.given[ids[i]])
			continue;
		if (first)
			return fail(p, "--%s and --%s exclude each other",
				    options_rows[first].name,
				    options_rows[ids[i]].name);
		first = (int)ids[i];
	}
	return 0;
}

static int check_whole(struct parser *p)
{
	static const enum options_id sockets[] = { SOCKET_PATH, FD, SOCKET_FD };
	static const enum options_id specs[] = { SPEC, DEVICE_CONFIG };
	struct options *o = p->o;

	if (exclude(p, sockets, 3) || exclude(p, specs, 2))
		return -EINVAL;
	if (!o->spec)
		return fail(p, "no device: give --spec=FILE or --spec=NAME");
	if (p->line.given[INJECT_TYPE] && !o->inject_path)
		return fail(p, "--inject-type goes with --inject-path");
	if ((p->line.given[ALLOW_UID] || p->line.given[ALLOW_GID]) &&
	    !o->inject_path)
		return fail(p, "--inject-allow-uid and --inject-allow-gid go "
			       "with --inject-path");
	if (p->line.given[USER] && o->gid == ACCOUNT_NO_GID)
		return fail(p, "--user=%s: has no group; give --group=GROUP",
			    p->line.given[USER]);
	if (o->action == OPTIONS_CHECK_SPEC)
		return 0;
	if (!o->socket_path && o->fd < 0 && inherits_listen_fd())
		o->fd = LISTEN_FDS_START;
	if (!o->socket_path && o->fd < 0)
		return fail(p, "no front-end: give --socket-path=PATH or "
			       "--fd=N");
	for (size_t i = 0; i < o->n_inject_fds; i++)
		if (o->inject_fds[i] == o->fd)
			return fail(p,
				    "fd %d is both the front-end's and an "
				    "injector's",
				    o->fd);
	o->stdio = (p->line.given[DEVICE_CONFIG] || p->line.given[SOCKET_FD]) &&
		   !o->n_inject_fds && !o->inject_path;
	return 0;
}

static void set_defaults(struct options *o)
{
	*o = (struct options){
		.action = OPTIONS_SERVE,
		.log_level = LOG_INFO,
		.fd = -1,
		.state_fd = -1,
		.access = { .mode = 0600, .group = ACCOUNT_NO_GID },
		.inject_type = SOCK_STREAM,
		.overflow = DEVICE_FOLD,
		.stall_ms = STALL_MS,
		.sandbox = SANDBOX_DEFAULT,
		.uid = ACCOUNT_NO_UID,
		.gid = ACCOUNT_NO_GID,
	};
}

/* vhost-user: "--print-capabilities": the other options do not count. */
static bool asks_capabilities(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--print-capabilities"))
			return true;
	return false;
}

int options_parse(struct options *o, int argc, char **argv, char why[256])
{
	struct parser p = { .o = o,
			    .line = { .rows = options_rows,
				      .n_ids = N_IDS,
				      .argc = argc,
				      .argv = argv,
				      .order = ":",
				      .why = why } };
	int id;

	set_defaults(o);
	if (asks_capabilities(argc, argv)) {
		o->action = OPTIONS_PRINT_CAPABILITIES;
		return 0;
	}
	cmdline_start(&p.line);
	while ((id = cmdline_next(&p.line)) > 0) {
		int r = take(&p, (enum options_id)id, optarg);

		if (r)
			return r;
	}
	if (id == -ENOENT)
		return fail(&p, "unknown option %s; see --help",
			    p.line.culprit);
	if (id < 0)
		return id;
	if (o->action == OPTIONS_HELP || o->action == OPTIONS_VERSION)
		return 0;
	if (optind < argc)
		return fail(&p, "unexpected argument %s; see --help",
			    argv[optind]);
	return check_whole(&p);
}
