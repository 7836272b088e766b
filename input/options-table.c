/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "input/base/cmdline-value.h"
#include "input/base/container.h"
#include "input/base/loop.h"
#include "input/options-table.h"

#define STALL_MS_MAX	 LOOP_TIMER_MAX_MS
#define BUSY_POLL_US_MAX 100000

static struct options *options_of(struct cmdline *c)
{
	return container_of(c, struct options_parser, line)->o;
}

/* --- options whose value is taken as it is, and flags --- */

#define TEXT(member)                                                     \
	static int options_take_##member(struct cmdline *c, char *value) \
	{                                                                \
		options_of(c)->member = value;                           \
		return 0;                                                \
	}
TEXT(socket_path)
TEXT(spec)
TEXT(name)
TEXT(serial)
TEXT(inject_path)
TEXT(stats_path)

#define FLAG(member)                                                     \
	static int options_take_##member(struct cmdline *c, char *value) \
	{                                                                \
		options_of(c)->member = true;                            \
		return 0;                                                \
	}
FLAG(postcopy)
FLAG(iommu)
FLAG(inband)

/* --- numbers --- */

static int options_take_stall_ms(struct cmdline *c, char *value)
{
	int ms = cmdline_value_number(c, value, 1, STALL_MS_MAX);

	options_of(c)->stall_ms = (unsigned int)ms;
	return ms < 0 ? ms : 0;
}

static int options_take_busy_poll(struct cmdline *c, char *value)
{
	int us = cmdline_value_number(c, value, 0, BUSY_POLL_US_MAX);

	options_of(c)->busy_poll_us = (unsigned int)us;
	return us < 0 ? us : 0;
}

static int options_take_mode(struct cmdline *c, char *value)
{
	return cmdline_value_mode(c, value, &options_of(c)->access.mode);
}

/* --- file descriptors --- */

static int options_take_fd(struct cmdline *c, char *value)
{
	return cmdline_value_fd(c, value, &options_of(c)->fd);
}

static int options_take_state_fd(struct cmdline *c, char *value)
{
	return cmdline_value_fd(c, value, &options_of(c)->state_fd);
}

static int options_take_ready_fd(struct cmdline *c, char *value)
{
	return cmdline_value_ready_fd(c, value, &options_of(c)->ready_fd);
}

static int options_take_inject_fd(struct cmdline *c, char *value)
{
	struct options *o = options_of(c);
	int fd;

	if (cmdline_value_fd(c, value, &fd))
		return -EINVAL;
	for (size_t i = 0; i < o->n_inject_fds; i++)
		if (o->inject_fds[i] == fd)
			return cmdline_refuse_value(c, value, "given twice");
	if (o->n_inject_fds == OPTIONS_INJECT_FDS_MAX)
		return cmdline_refuse_value(c, value, "at most %d can be given",
					    OPTIONS_INJECT_FDS_MAX);
	o->inject_fds[o->n_inject_fds++] = fd;
	return 0;
}

/* --- one of some words --- */

/* Return: the index of text in words, which end with NULL, or -EINVAL. */
static int read_word(struct cmdline *c, const char *text,
		     const char *const *words, const char *list)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return cmdline_refuse_value(c, text, "must be %s", list);
}

static int options_take_inject_type(struct cmdline *c, char *value)
{
	static const char *const words[] = { "stream", "seqpacket", NULL };
	int i = read_word(c, value, words, "stream or seqpacket");

	options_of(c)->inject_type = i ? SOCK_SEQPACKET : SOCK_STREAM;
	return i < 0 ? i : 0;
}

static int options_take_overflow(struct cmdline *c, char *value)
{
	static const char *const words[] = {
		[DEVICE_FOLD] = "fold", [DEVICE_BLOCK] = "block", NULL
	};
	int i = read_word(c, value, words, "fold or block");

	options_of(c)->overflow = (enum device_overflow)i;
	return i < 0 ? i : 0;
}

static int options_take_sandbox(struct cmdline *c, char *value)
{
	static const char *const words[] = { [SANDBOX_OFF] = "off",
					     [SANDBOX_LOG] = "log",
					     [SANDBOX_ON] = "on",
					     NULL };
	int i = read_word(c, value, words, "on, log or off");

	options_of(c)->sandbox = (enum sandbox_mode)i;
	return i < 0 ? i : 0;
}

static int options_take_level(struct cmdline *c, char *value)
{
	return cmdline_value_level(c, value, &options_of(c)->log_level);
}

/* --- users and groups --- */

/* The user's own group, unless --group names another. */
static int options_take_user(struct cmdline *c, char *value)
{
	struct options *o = options_of(c);
	gid_t gid;

	if (cmdline_value_user(c, value, &o->uid, &gid))
		return -EINVAL;
	if (!cmdline_given(c, "group"))
		o->gid = gid;
	return 0;
}

static int options_take_group(struct cmdline *c, char *value)
{
	return cmdline_value_group(c, value, &options_of(c)->gid);
}

static int options_take_socket_group(struct cmdline *c, char *value)
{
	return cmdline_value_group(c, value, &options_of(c)->access.group);
}

static int options_take_allow_uid(struct cmdline *c, char *value)
{
	struct peer_allow *a = &options_of(c)->inject_allow;

	for (char *one; (one = strsep(&value, ","));) {
		if (a->n_uids == PEER_ALLOW_MAX)
			return cmdline_refuse_value(c, one, "more than %d",
						    PEER_ALLOW_MAX);
		if (cmdline_value_user(c, one, &a->uid[a->n_uids++], NULL))
			return -EINVAL;
	}
	return 0;
}

static int options_take_allow_gid(struct cmdline *c, char *value)
{
	struct peer_allow *a = &options_of(c)->inject_allow;

	for (char *one; (one = strsep(&value, ","));) {
		if (a->n_gids == PEER_ALLOW_MAX)
			return cmdline_refuse_value(c, one, "more than %d",
						    PEER_ALLOW_MAX);
		if (cmdline_value_group(c, one, &a->gid[a->n_gids++]))
			return -EINVAL;
	}
	return 0;
}

/* --- others --- */

static int options_take_set(struct cmdline *c, char *value)
{
	return spec_sets_take(&options_of(c)->sets, c, value);
}

static int options_take_check_spec(struct cmdline *c, char *value)
{
	options_of(c)->action = OPTIONS_CHECK_SPEC;
	return 0;
}

static int options_take_capabilities(struct cmdline *c, char *value)
{
	options_of(c)->action = OPTIONS_PRINT_CAPABILITIES;
	return 1;
}

static int options_take_help(struct cmdline *c, char *value)
{
	options_of(c)->action = OPTIONS_HELP;
	return 1;
}

static int options_take_version(struct cmdline *c, char *value)
{
	options_of(c)->action = OPTIONS_VERSION;
	return 1;
}

const struct cmdline_option options_rows[] = {
	{ 0 },
	{ "socket-path", "PATH", "listen for the front-end (VMM) here",
	  options_take_socket_path },
	{ "socket-mode", "OCTAL", "mode of the socket files; 0600 if not given",
	  options_take_mode },
	{ "socket-group", "GROUP",
	  "group of the socket files, by name or number",
	  options_take_socket_group },
	{ "fd", "N",
	  "inherited socket to the front-end, listening or connected",
	  options_take_fd },
	{ "postcopy", NULL,
	  "let a trusted front-end migrate the guest here before all of its "
	  "memory has arrived",
	  options_take_postcopy },
	{ "spec", "FILE|NAME",
	  "capability spec; NAME: a shipped one, such as keyboard",
	  options_take_spec },
	{ "set", "NAME=VALUE",
	  "fill in the spec's placeholder %NAME%; may be repeated",
	  options_take_set },
	{ "name", "TEXT", "name of the device, instead of the spec's",
	  options_take_name },
	{ "serial", "TEXT", "serial of the device, instead of the spec's",
	  options_take_serial },
	{ "inject-fd", "N",
	  "take events from this inherited fd; may be repeated",
	  options_take_inject_fd },
	{ "inject-path", "PATH",
	  "listen for injectors here; up to 64 can be connected",
	  options_take_inject_path },
	{ "inject-type", "stream|seqpacket",
	  "type of the socket at --inject-path", options_take_inject_type },
	{ "inject-allow-uid", "USER[,USER]...",
	  "only these users may connect there, and those of "
	  "--inject-allow-gid; may be repeated",
	  options_take_allow_uid },
	{ "inject-allow-gid", "GROUP[,GROUP]...",
	  "the same for members of these groups", options_take_allow_gid },
	{ "overflow", "fold|block",
	  "when the guest takes nothing: fold events into the state, or let "
	  "injectors wait",
	  options_take_overflow },
	{ "stall-ms", "MS", "fold after this long; 100 if not given",
	  options_take_stall_ms },
	{ "busy-poll", "USEC",
	  "look for events for this long before sleeping: less latency, more "
	  "CPU time",
	  options_take_busy_poll },
	{ "iommu", NULL, "let the VMM put the device behind the guest's IOMMU",
	  options_take_iommu },
	{ "inband", NULL,
	  "let a VMM that simulates kick queues and be notified by messages",
	  options_take_inband },
	{ "stats-path", "PATH",
	  "send the counters as JSON to each connection here",
	  options_take_stats_path },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd and close it when the "
	  "sockets are open",
	  options_take_ready_fd },
	{ "state-fd", "N",
	  "keep what inherited injectors hold in this memory file, and "
	  "continue with what is in it",
	  options_take_state_fd },
	{ "sandbox", "on|log|off",
	  "on a system call that a server never needs: kill the process, let "
	  "the kernel log it, or do nothing",
	  options_take_sandbox },
	{ "user", "USER", "become this user, by name or number, and its group",
	  options_take_user },
	{ "group", "GROUP", "become this group, by name or number",
	  options_take_group },
	{ "check-spec", NULL, "read the spec, print the device, and exit",
	  options_take_check_spec },
	{ "log-level", "LEVEL", "off, error, warning, info, debug or trace",
	  options_take_level },
	{ "socket-fd", "N", "Cuttlefish's name for --fd", options_take_fd },
	{ "device-config", "FILE",
	  "Cuttlefish's name for --spec; without other injectors events come "
	  "from stdin and status goes to stdout",
	  options_take_spec },
	{ "verbosity", "LEVEL", "Cuttlefish's name for --log-level",
	  options_take_level },
	{ "print-capabilities", NULL,
	  "print what this back-end is, as JSON, and exit",
	  options_take_capabilities },
	{ "help", NULL, "print this and exit", options_take_help },
	{ "version", NULL, "print the version and exit", options_take_version },
};

const int options_n_rows = sizeof(options_rows) / sizeof(options_rows[0]);
