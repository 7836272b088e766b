/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-options.h"
#include "injector/stream/stream-video.h"
#include "injector/stream/web-listen.h"
#include "injector/stream/web-novnc.h"
#include "input/base/cmdline-value.h"
#include "input/sandbox/sandbox-options.h"

#define HELP_COLUMN 24
#define LOOPBACK    "127.0.0.1"

struct stream_parser {
	struct stream_options *o;
	struct cmdline line;
};

#define fail(p, ...)   cmdline_refuse((p)->line.why, __VA_ARGS__)
#define given(p, name) cmdline_given(&(p)->line, name)

static struct stream_options *stream_options_of(struct cmdline *c)
{
	return c->options;
}

/* --- devices --- */

static int stream_add_fd(struct cmdline *c, const char *text, const char *label)
{
	struct stream_options *o = stream_options_of(c);
	struct stream_option_fd *new = &o->fd[o->n_fds];

	if (o->n_fds == STREAM_DEVICES_MAX)
		return cmdline_refuse(c->why, "more than %d devices",
				      STREAM_DEVICES_MAX);
	snprintf(new->label, sizeof(new->label), "%s", label);
	if (cmdline_value_fd(c, text, &new->fd))
		return -EINVAL;
	for (size_t i = 0; i < o->n_fds; i++)
		if (o->fd[i].fd == new->fd)
			return cmdline_refuse_value(c, text,
						    "given for %s already",
						    o->fd[i].label);
	o->n_fds++;
	return 0;
}

/* --mouse-fd=N: the mouse. */
static int stream_take_fd(struct cmdline *c, char *value)
{
	const char *name = c->taken->name;
	char label[STREAM_LABEL_SIZE];

	snprintf(label, sizeof(label), "%.*s", (int)strcspn(name, "-"), name);
	return stream_add_fd(c, value, label);
}

/* Displays first, then touchpads. */
static int stream_take_touch(struct cmdline *c, char *value)
{
	struct stream_options *o = stream_options_of(c);
	char *rest = value;
	const char *text;

	while ((text = strsep(&rest, ","))) {
		char label[STREAM_LABEL_SIZE];

		snprintf(label, sizeof(label), "touch_%u", o->n_touch++);
		if (stream_add_fd(c, text, label))
			return -EINVAL;
	}
	return 0;
}

/* --- displays --- */

static int stream_take_display(struct cmdline *c, char *value)
{
	struct fault why;

	if (!web_novnc_exists() && !stream_video_exists())
		return cmdline_refuse_value(c, value,
					    "built without noVNC and video");
	if (displays_add(&stream_options_of(c)->displays, value, &why))
		return cmdline_refuse_value(c, value, "%s", why.text);
	return 0;
}

/* The files are read when all displays are known. */
static int stream_take_password(struct cmdline *c, char *value)
{
	struct stream_options *o = stream_options_of(c);

	if (!rfb_auth_exists())
		return cmdline_refuse_value(c, value, "built with WEBRTC=no");
	if (o->n_passwords == DISPLAYS_MAX)
		return cmdline_refuse(c->why, "more than %d --display-password",
				      DISPLAYS_MAX);
	o->password[o->n_passwords++] = value;
	return 0;
}

/* --- the page --- */

static int stream_take_listen(struct cmdline *c, char *value)
{
	const bool valid =
		web_listen_is_loopback(value) || strpbrk(value, ".:");

	if (!valid)
		return cmdline_refuse_value(c, value,
					    "must be an IPv4 or IPv6 address");
	stream_options_of(c)->web.address = value;
	return 0;
}

static int stream_take_port(struct cmdline *c, char *value)
{
	const int port = cmdline_value_number(c, value, 0, 65535);

	if (port < 0)
		return port;
	stream_options_of(c)->web.port = port;
	return 0;
}

static int stream_take_host(struct cmdline *c, char *value)
{
	struct web_options *w = &stream_options_of(c)->web;

	if (w->n_hosts == WEB_HOSTS_MAX - 2)
		return cmdline_refuse(c->why, "more than %d names",
				      WEB_HOSTS_MAX - 2);
	if (!*value || strpbrk(value, "/: "))
		return cmdline_refuse_value(c, value,
					    "must be a name, without a port");
	w->host[w->n_hosts++] = value;
	return 0;
}

static int stream_take_rtc_address(struct cmdline *c, char *value)
{
	struct stream_options *o = stream_options_of(c);

	if (o->n_rtc == RTC_ADDRESSES_MAX)
		return cmdline_refuse(c->why, "more than %d --rtc-address",
				      RTC_ADDRESSES_MAX);
	o->rtc_address[o->n_rtc++] = value;
	return 0;
}

static int stream_take_rtc_port(struct cmdline *c, char *value)
{
	const int port = cmdline_value_number(c, value, 0, 65535);

	if (port < 0)
		return port;
	stream_options_of(c)->rtc_port = (uint16_t)port;
	return 0;
}

static int stream_take_client(struct cmdline *c, char *value)
{
	struct web_options *w = &stream_options_of(c)->web;
	int n = 0;

	while (w->client[n])
		n++;
	if (n == WEB_CF_DIRS_MAX)
		return cmdline_refuse(c->why, "more than %d --client",
				      WEB_CF_DIRS_MAX);
	w->client[n] = value;
	return 0;
}

/* --- the rest --- */

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "dir", "DIR",
	  "the devices of the launcher in this directory; $VINPUT_DIR if not "
	  "given",
	  CMDLINE_TEXT(struct stream_options, dir) },
	{ "touch-fds", "N[,N]...",
	  "inherited sockets of touchscreens, then touchpads",
	  stream_take_touch },
	{ "mouse-fd", "N", "inherited socket of the mouse", stream_take_fd },
	{ "keyboard-fd", "N", "the same of the keyboard", stream_take_fd },
	{ "rotary-fd", "N", "the same of the rotary", stream_take_fd },
	{ "gamepad-fd", "N", "the same of the gamepad", stream_take_fd },
	{ "switches-fd", "N", "the same of the switches", stream_take_fd },
	{ "display", "[NAME=]VNC",
	  "show the screen of this VNC server, unix:PATH or HOST:PORT; may be "
	  "repeated",
	  stream_take_display },
	{ "display-password", "[NAME=]FILE",
	  "the password of the VNC server, or of all, is the first line of "
	  "this file",
	  stream_take_password },
	{ "listen", "ADDRESS",
	  "where browsers connect; " LOOPBACK " if not given. Others than "
	  "loopback need --cert and --key",
	  stream_take_listen },
	{ "port", "N", "TCP port; one that is free if not given",
	  stream_take_port },
	{ "host", "NAME",
	  "browsers may also use this name for ADDRESS; may be repeated",
	  stream_take_host },
	{ "cert", "FILE", "use TLS with this certificate",
	  CMDLINE_TEXT(struct stream_options, web.cert) },
	{ "key", "FILE", "and its private key",
	  CMDLINE_TEXT(struct stream_options, web.key) },
	{ "rtc-address", "ADDRESS",
	  "use WebRTC where it can be had, at this address of the machine; may "
	  "be repeated",
	  stream_take_rtc_address },
	{ "rtc-port", "N", "its UDP port; one that is free if not given",
	  stream_take_rtc_port },
	{ "client", "DIR",
	  "also serve Cuttlefish's web client, whose files are here; may be "
	  "repeated",
	  stream_take_client },
	{ "token-file", "FILE",
	  "tokens that give access, one a line, with their rights",
	  CMDLINE_TEXT(struct stream_options, token_file) },
	{ "layout", "NAME",
	  "the guest's keyboard layout, for text; us if not given",
	  CMDLINE_TEXT(struct stream_options, layout.layout) },
	{ "variant", "NAME", "of the layout",
	  CMDLINE_TEXT(struct stream_options, layout.variant) },
	{ "stats-path", "PATH",
	  "send the counters as JSON to each connection here",
	  CMDLINE_TEXT(struct stream_options, stats_path) },
	{ "ready-fd", "N",
	  "write a newline to this inherited fd when browsers can connect",
	  CMDLINE_READY_FD(struct stream_options, ready_fd) },
	{ "sandbox", "on|log|off",
	  "allow only what the program needs; log: report, do not enforce",
	  CMDLINE_SANDBOX(struct stream_options, sandbox) },
	{ "user", "USER", "run as this user, by name or number",
	  CMDLINE_SANDBOX(struct stream_options, sandbox) },
	{ "group", "GROUP", "run as this group, by name or number",
	  CMDLINE_SANDBOX(struct stream_options, sandbox) },
	{ "log-level", "LEVEL",
	  "off, error, warning, info, debug or trace; info if not given",
	  CMDLINE_LEVEL(struct stream_options, log_level) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct stream_options, mode, STREAM_HELP) },
	{ "version", NULL, "print the version and exit",
	  CMDLINE_LAST(struct stream_options, mode, STREAM_VERSION_ONLY) },
};

#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

void stream_options_help(void)
{
	puts("Usage: vinput-stream [OPTION]...\n"
	     "Let browsers use the input devices of a virtual machine.\n");
	cmdline_help(rows, N_ROWS, HELP_COLUMN);
	puts("\nSee vinput-stream(1).");
}

static int check_web(struct stream_parser *p)
{
	const struct web_options *w = &p->o->web;

	if (!w->cert != !w->key)
		return fail(p, "--cert and --key go together");
	if (!web_listen_is_loopback(w->address) && !w->cert)
		return fail(p,
			    "--listen=%s: --cert and --key are required, since "
			    "others can read along",
			    w->address);
	if (web_listen_is_any(w->address) && !w->n_hosts)
		return fail(p,
			    "--listen=%s: --host=NAME is required, the name in "
			    "the browser's URL",
			    w->address);
	return 0;
}

static int check_whole(struct stream_parser *p, int n, char **words)
{
	struct stream_options *o = p->o;

	if (n)
		return fail(p, "unexpected argument %s", words[0]);
	if (o->dir && o->n_fds && given(p, "dir"))
		return fail(p, "--dir and sockets exclude each other");
	if (o->n_fds)
		o->dir = NULL;
	o->passed = o->dir && !given(p, "dir");
	if (!o->dir && !o->n_fds)
		return fail(p, "--dir=DIR or a socket, such as --keyboard-fd, "
			       "is required; see --help");
	if (o->n_passwords && !o->displays.n)
		return fail(p, "--display-password=%s requires --display",
			    o->password[0]);
	if (o->displays.n && !web_novnc_exists() && !o->n_rtc)
		return fail(p, "--display requires --rtc-address, since the "
			       "program was built with NOVNC=no");
	if (o->rtc_port && !o->n_rtc)
		return fail(p, "--rtc-port requires --rtc-address");
	if (o->web.client[0] && !o->n_rtc)
		return fail(p,
			    "--client=%s requires --rtc-address, since "
			    "Cuttlefish's client sends its input by WebRTC",
			    o->web.client[0]);
	if (sandbox_options_check(&o->sandbox, &p->line))
		return -EINVAL;
	return check_web(p);
}

/*
 * Cuttlefish's launcher writes -mouse_fd=5. Return: the word as --mouse-fd=5,
 * which stays until the process ends; others as they are.
 */
static char *cuttlefish_word(char *word)
{
	static const char *const names[] = { "touch_fds",   "mouse_fd",
					     "keyboard_fd", "rotary_fd",
					     "gamepad_fd",  "switches_fd" };
	const size_t dashes = strspn(word, "-");
	const size_t len = strcspn(word + dashes, "=");
	char *new = NULL;

	if (dashes < 1 || dashes > 2)
		return word;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    !strncmp(names[i], word + dashes, len) &&
		    asprintf(&new, "--%s", word + dashes) > 0)
			*strchr(new, '_') = '-';
	return new ? new : word;
}

int stream_options_parse(struct stream_options *o, int argc, char **argv,
			 char why[256])
{
	struct stream_parser p = {
		.o = o,
		.line = { .rows = rows,
			  .n_ids = N_ROWS,
			  .argc = argc,
			  .argv = argv,
			  .why = why,
			  .options = o },
	};
	int r;

	*o = (struct stream_options){ .dir = getenv("VINPUT_DIR"),
				      .ready_fd = -1,
				      .log_level = LOG_INFO,
				      .web = { .address = LOOPBACK } };
	sandbox_options_init(&o->sandbox);
	for (int i = 1; i < argc; i++)
		argv[i] = cuttlefish_word(argv[i]);
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	return check_whole(&p, argc - optind, argv + optind);
}
