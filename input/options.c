/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "help.h"
#include "loop.h"
#include "number.h"
#include "options.h"

/* sd_listen_fds(3): the first socket that a service manager hands over. */
#define LISTEN_FDS_START 3
#define STALL_MS	 100
#define STALL_MS_MAX	 LOOP_TIMER_MAX_MS
#define BUSY_POLL_US_MAX 100000
#define HELP_COLUMN	 34

enum id {
	SOCKET_PATH = 1,
	SOCKET_MODE,
	SOCKET_GROUP,
	FD,
	POSTCOPY,
	SPEC,
	SET,
	NAME,
	SERIAL,
	INJECT_FD,
	INJECT_PATH,
	INJECT_TYPE,
	ALLOW_UID,
	ALLOW_GID,
	OVERFLOW,
	STALL,
	BUSY_POLL,
	IOMMU,
	INBAND,
	STATS_PATH,
	STATE_FD,
	SANDBOX,
	USER,
	GROUP,
	CHECK_SPEC,
	LOG_LEVEL,
	SOCKET_FD,
	DEVICE_CONFIG,
	VERBOSITY,
	CAPABILITIES,
	HELP,
	SHOW_VERSION,
	N_IDS,
};

struct option_row {
	const char *name, *value; /* value: NULL for none */
	const char *help;
};

static const struct option_row rows[N_IDS] = {
	[SOCKET_PATH] = { "socket-path", "PATH",
			  "listen for the front-end (VMM) here" },
	[SOCKET_MODE] = { "socket-mode", "OCTAL",
			  "mode of the socket files; 0600 if not given" },
	[SOCKET_GROUP] = { "socket-group", "GROUP",
			   "group of the socket files, by name or number" },
	[FD] = { "fd", "N",
		 "inherited socket to the front-end, listening or connected" },
	[POSTCOPY] = { "postcopy", NULL,
		       "let a trusted front-end migrate the guest here before "
		       "all of its memory has come" },
	[SPEC] = { "spec", "FILE|NAME",
		   "capability spec; NAME: a shipped one, such as keyboard" },
	[SET] = { "set", "NAME=VALUE",
		  "fill in the spec's placeholder %NAME%; may be repeated" },
	[NAME] = { "name", "TEXT", "name of the device, for the spec's" },
	[SERIAL] = { "serial", "TEXT", "serial of the device, for the spec's" },
	[INJECT_FD] = { "inject-fd", "N",
			"take events from this inherited fd; may be repeated" },
	[INJECT_PATH] = { "inject-path", "PATH",
			  "listen for injectors here, any number of them" },
	[INJECT_TYPE] = { "inject-type", "stream|seqpacket",
			  "type of the socket at --inject-path" },
	[ALLOW_UID] = { "inject-allow-uid", "USER[,USER]...",
			"only these users may connect there, and those of "
			"--inject-allow-gid; may be repeated" },
	[ALLOW_GID] = { "inject-allow-gid", "GROUP[,GROUP]...",
			"the same for members of these groups" },
	[OVERFLOW] = { "overflow", "fold|block",
		       "when the guest takes nothing: fold events into the "
		       "state, or let injectors wait" },
	[STALL] = { "stall-ms", "MS",
		    "fold after this long; 100 if not given" },
	[BUSY_POLL] = { "busy-poll", "USEC",
			"look for events for so long before going to sleep: "
			"less latency, more CPU time" },
	[IOMMU] = { "iommu", NULL,
		    "let the VMM put the device behind the guest's IOMMU" },
	[INBAND] = { "inband", NULL,
		     "let a VMM that simulates kick and be called by "
		     "messages" },
	[STATS_PATH] = { "stats-path", "PATH",
			 "tell the counters as JSON to who connects here" },
	[STATE_FD] = { "state-fd", "N",
		       "keep what inherited injectors hold in this memory "
		       "file, and go on with what is in it" },
	[SANDBOX] = { "sandbox", "on|log|off",
		      "what to do about system calls that a server has no "
		      "use for: kill the process, have the kernel log them, "
		      "nothing" },
	[USER] = { "user", "USER",
		   "become this user, by name or number, and its group" },
	[GROUP] = { "group", "GROUP", "become this group, by name or number" },
	[CHECK_SPEC] = { "check-spec", NULL,
			 "read the spec, print the device, and exit" },
	[LOG_LEVEL] = { "log-level", "LEVEL",
			"off, error, warning, info, debug or trace" },
	[SOCKET_FD] = { "socket-fd", "N", "Cuttlefish's name for --fd" },
	[DEVICE_CONFIG] = { "device-config", "FILE",
			    "Cuttlefish's name for --spec; without other "
			    "injectors events come from stdin and status "
			    "goes to stdout" },
	[VERBOSITY] = { "verbosity", "LEVEL",
			"Cuttlefish's name for --log-level" },
	[CAPABILITIES] = { "print-capabilities", NULL,
			   "print what this back-end is, as JSON, and exit" },
	[HELP] = { "help", NULL, "print this and exit" },
	[SHOW_VERSION] = { "version", NULL, "print the version and exit" },
};

/* What is known only while the command line is read. */
struct parser {
	struct options *o;
	char *why;		 /* 256 bytes */
	const char *seen[N_IDS]; /* value of an option, "" for none */
};

#define fail(p, ...) (snprintf((p)->why, 256, __VA_ARGS__), -EINVAL)

void options_help(void)
{
	puts("Usage: vhost-user-input --socket-path=PATH --spec=FILE|NAME "
	     "[OPTION]...\n"
	     "Serve one virtio-input device to a VMM over vhost-user.\n");
	for (int id = 1; id < N_IDS; id++)
		help_option(rows[id].name, rows[id].value, rows[id].help,
			    HELP_COLUMN);
	puts("\nSee vhost-user-input(1) and vhost-user-input-spec(5).");
}

static int number(struct parser *p, enum id id, const char *text, int max,
		  int *out)
{
	*out = number_read(text, max);
	if (*out < 0)
		return fail(p, "--%s=%s: not a number from 0 to %d",
			    rows[id].name, text, max);
	return 0;
}

static int fd_number(struct parser *p, enum id id, const char *text, int *fd)
{
	int r = number(p, id, text, INT_MAX, fd);

	if (!r && fcntl(*fd, F_GETFD) < 0)
		return fail(p, "--%s=%s: no such fd was inherited",
			    rows[id].name, text);
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

static int group(struct parser *p, enum id id, const char *text, gid_t *gid)
{
	if (account_group(text, gid))
		return fail(p, "--%s=%s: no such group", rows[id].name, text);
	return 0;
}

/* The user's own group, unless --group names another. */
static int user(struct parser *p, const char *text)
{
	struct options *o = p->o;
	gid_t gid;

	if (account_user(text, &o->uid, &gid))
		return fail(p, "--user=%s: no such user", text);
	if (!p->seen[GROUP])
		o->gid = gid;
	return 0;
}

static int allow_one(struct parser *p, enum id id, const char *text)
{
	struct peer_allow *a = &p->o->inject_allow;
	size_t *n = id == ALLOW_UID ? &a->n_uids : &a->n_gids;

	if (*n == PEER_ALLOW_MAX)
		return fail(p, "--%s: more than %d are given", rows[id].name,
			    PEER_ALLOW_MAX);
	if (id == ALLOW_GID)
		return group(p, id, text, &a->gid[(*n)++]);
	if (account_user(text, &a->uid[(*n)++], NULL))
		return fail(p, "--%s=%s: no such user", rows[id].name, text);
	return 0;
}

static int allow(struct parser *p, enum id id, char *list)
{
	for (char *one; (one = strsep(&list, ","));)
		if (allow_one(p, id, one))
			return -EINVAL;
	return 0;
}

static int level(struct parser *p, enum id id, const char *text)
{
	if (!log_level_from_name(text, &p->o->log_level))
		return 0;
	return fail(p, "--%s=%s: not one of %s", rows[id].name, text,
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
static int one_of(struct parser *p, enum id id, const char *text,
		  const char *const words[2])
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(text, words[i]))
			return i;
	return fail(p, "--%s=%s: not %s or %s", rows[id].name, text, words[0],
		    words[1]);
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

static int choice(struct parser *p, enum id id, const char *text)
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

static int take(struct parser *p, enum id id, char *value)
{
	struct options *o = p->o;

	p->seen[id] = value ? value : "";
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
static int exclude(struct parser *p, const enum id *ids, size_t n)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		if (!p->seen[ids[i]])
			continue;
		if (first)
			return fail(p, "--%s and --%s exclude each other",
				    rows[first].name, rows[ids[i]].name);
		first = (int)ids[i];
	}
	return 0;
}

static int check_whole(struct parser *p)
{
	static const enum id sockets[] = { SOCKET_PATH, FD, SOCKET_FD };
	static const enum id specs[] = { SPEC, DEVICE_CONFIG };
	struct options *o = p->o;

	if (exclude(p, sockets, 3) || exclude(p, specs, 2))
		return -EINVAL;
	if (!o->spec)
		return fail(p, "no device: give --spec=FILE or --spec=NAME");
	if (p->seen[INJECT_TYPE] && !o->inject_path)
		return fail(p, "--inject-type goes with --inject-path");
	if ((p->seen[ALLOW_UID] || p->seen[ALLOW_GID]) && !o->inject_path)
		return fail(p, "--inject-allow-uid and --inject-allow-gid go "
			       "with --inject-path");
	if (p->seen[USER] && o->gid == ACCOUNT_NO_GID)
		return fail(p, "--user=%s: has no group; give --group=GROUP",
			    p->seen[USER]);
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
	o->stdio = (p->seen[DEVICE_CONFIG] || p->seen[SOCKET_FD]) &&
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

static void make_getopt_table(struct option table[N_IDS])
{
	for (int id = 1; id < N_IDS; id++)
		table[id - 1] =
			(struct option){ rows[id].name,
					 rows[id].value ? required_argument
							: no_argument,
					 NULL, id };
	table[N_IDS - 1] = (struct option){ 0 };
}

static int bad_option(struct parser *p, int c, char **argv)
{
	if (c == ':')
		return fail(p, "%s wants a value", argv[optind - 1]);
	/* optopt is an id where a value was given to an option without one. */
	if (optopt > 0 && optopt < N_IDS)
		return fail(p, "--%s takes no value", rows[optopt].name);
	return fail(p, "unknown option %s; see --help", argv[optind - 1]);
}

int options_parse(struct options *o, int argc, char **argv, char why[256])
{
	struct parser p = { .o = o, .why = why };
	struct option table[N_IDS];
	int c, r;

	set_defaults(o);
	if (asks_capabilities(argc, argv)) {
		o->action = OPTIONS_PRINT_CAPABILITIES;
		return 0;
	}
	make_getopt_table(table);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (c == ':' || c == '?')
			return bad_option(&p, c, argv);
		r = take(&p, (enum id)c, optarg);
		if (r)
			return r;
	}
	if (o->action == OPTIONS_HELP || o->action == OPTIONS_VERSION)
		return 0;
	if (optind < argc)
		return fail(&p, "unexpected argument %s; see --help",
			    argv[optind]);
	return check_whole(&p);
}
