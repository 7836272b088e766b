/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough(1) gives an input device of the host to a guest.
 *
 *	           /dev/input/eventN                              LEDs
 *	                 │ read(2)                                 ▲
 *	                 ▼                                         │
 *	pass-node ──► pass-device ──► pass-forward ──► pass-to     │  --to
 *	              (pass-grab)     events + state,  pass-serve ─┘
 *	                              frames           (--socket-path)
 *
 *	pass-entry	the host's devices, from sysfs: nothing is opened
 *	pass-find	which of them the user means
 *	pass-list	--list; pass-holders: who has a node open
 *	pass-spec	capabilities to a spec of ours; pure
 *	pass-node	an open node: description, state, events, grab, LEDs
 *	pass-grab	taking it while no key is down
 *	pass-chord	keys that give it to the host and back, or end it; pure
 *	pass-forward	what the guest is sent of it; pure
 *	pass-keep	keys that the host gets, by uinput
 *	pass-libinput	--via=libinput: what libinput makes of a node
 *	pass-cooked	libinput's events as a mouse's or touchscreen's; pure
 *	pass-tuning	--libinput; pure
 *	pass-guard	a process that restores LEDs if this one is killed
 *	pass-device	a node in the event loop
 *	pass-identity	what a device is recognized by; pure
 *	pass-plug	the device that a DEV means, wherever it is plugged in
 *	pass-monitor	reports that devices may have come
 *	pass-shipped	the specs that --via=libinput may need
 *	pass-member	a DEV, whose device may go and return
 *	pass-control	a request to a launcher
 *	pass-dir	--dir: pass-to, to a device that the launcher adds
 *	pass-ways	from a member to its guests
 *	pass-chords	which chords can be played; pass-switch: --on-switch
 *	pass-config	--config: options and devices from a file
 *	pass-privileges	the sandbox of this process; pass-opener: another one
 *			that keeps them, and opens what pass-permit allows
 *	pass-group	the devices of this process, which go together
 *	pass-to		libvinject at the other end
 *	pass-serve	the server's engine (input/serve) at the other end: the
 *			node is one more source of its device, so a frame goes
 *			from the node into the ring in one process
 *
 * The node is drained before anything else and never waits for the guest: what
 * the other end has no space for it folds into a state. If the kernel had to
 * drop events, the state is asked for, and motion that is queued is kept. What
 * the guest holds of the node is released whenever the node stops: at the end,
 * and when it is unplugged. Then what the guest has of it waits for the same
 * device, never for the same node.
 *
 * One loop in one thread, beside its sentry (input/base/sentry.h), so that a
 * node which alone is busy is waited for in read(2); and in other processes
 * pass-opener and pass-guard.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-cmdline.h"
#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-group.h"
#include "injector/passthrough/pass-list.h"
#include "injector/passthrough/pass-node.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/spec/spec-write.h"

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2

static void complain(const char *text)
{
	log_line(LOG_ERROR, CULPRIT_NONE, "%s", text);
}

static int list(void)
{
	int r = pass_list_print(stdout, &pass_this_host);

	if (r)
		complain(strerror(-r));
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int write_spec(const struct spec *spec)
{
	char *text = spec_write(spec);

	if (!text) {
		complain(strerror(ENOMEM));
		return EXIT_FAILURE;
	}
	puts(text);
	free(text);
	return EXIT_SUCCESS;
}

static int print_spec(const char *word, const char *serial)
{
	static struct pass_node node;
	char path[PASS_PATH_MAX];
	struct fault why;
	int status, r = pass_find(&pass_this_host, word, path, &why);

	if (!r)
		r = pass_node_open(&node, path, &why);
	if (r) {
		complain(why.text);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < node.notes.n; i++)
		log_line(LOG_WARNING, CULPRIT_HOST, "%s: %s", path,
			 node.notes.line[i]);
	pass_spec_set_serial(&node.spec, serial);
	status = write_spec(&node.spec);
	pass_node_close(&node);
	return status;
}

static int run_action(const struct pass_options *o)
{
	switch (o->action) {
	case PASS_HELP:
		pass_cmdline_help();
		return EXIT_SUCCESS;
	case PASS_VERSION:
		puts("vinput-passthrough " VERSION);
		return EXIT_SUCCESS;
	case PASS_LIST:
		return list();
	case PASS_PRINT_SPEC:
		return print_spec(o->device[0], o->serial);
	case PASS_TO:
	case PASS_SERVE:
	case PASS_DIR:
		return pass_group_run(o) ? EXIT_FAILURE : EXIT_SUCCESS;
	case PASS_NOTHING:
		break;
	}
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct pass_options o;
	char why[256];
	int status;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	log_open();
	if (pass_cmdline_parse(&o, argc, argv, why)) {
		complain(why);
		pass_cmdline_fini(&o);
		return EXIT_USAGE;
	}
	log_set_level(o.log_level);
	status = run_action(&o);
	pass_cmdline_fini(&o);
	if (fflush(stdout) == EOF && !status)
		status = EXIT_FAILURE;
	log_close();
	return status;
}
