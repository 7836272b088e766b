/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough(1) gives an input device of the host to a guest.
 *
 *	           /dev/input/eventN                              LEDs
 *	                 │ read(2)                                 ▲
 *	                 ▼                                         │
 *	pass-node ──► pass-device ──► pass-forward ──► pass-to     │  --to
 *	              (pass-grab)     events + state   pass-serve ─┘
 *--socket-path ► frames
 *
 *	pass-entry	the host's devices, from sysfs: nothing is opened
 *	pass-find	which of them the user means
 *	pass-list	--list; pass-holders: who has a node open
 *	pass-spec	capabilities to a spec of ours; pure
 *	pass-node	an open node: description, state, events, grab, LEDs
 *	pass-grab	taking it while no key is down
 *	pass-chord	keys that give it to the host and back, or end it; pure
 *	pass-forward	what the guest is sent of it; pure
 *	pass-device	a node in the event loop
 *	pass-to		libvinject at the other end
 *	pass-serve	the server's engine (input/serve) at the other end: the
 *			node is one more source of its device, so a frame goes
 *			from the node into the ring in one process
 *
 * The node is drained before anything else and never waits for the guest: what
 * the other end has no space for it folds into a state. If the kernel had to
 * drop events, the state is asked for, and motion that is queued is kept. What
 * the guest holds of the node is released whenever the node stops: at the end,
 * and when it is unplugged.
 *
 * One thread, one loop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-list.h"
#include "injector/passthrough/pass-options.h"
#include "injector/passthrough/pass-serve.h"
#include "injector/passthrough/pass-to.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/spec/spec-names.h"
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

static int print_spec(const struct spec *spec)
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

/* Return: the first key of the chord that the device lacks; -1: none. */
static int lacks_key(const struct spec *spec, const struct pass_chord *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!spec_has(spec, EV_KEY, c->key[i]))
			return c->key[i];
	return -1;
}

/* Return: whether the device has the chord's keys. */
static bool check_chord(const struct pass_device *d, const char *option,
			const struct pass_chord *c)
{
	const int key = lacks_key(&d->node.spec, c);
	const char *name =
		key < 0 ? NULL : names_code(EV_KEY, (unsigned int)key);

	if (key >= 0)
		log_line(LOG_ERROR, CULPRIT_NONE, "--%s: \"%s\" has no %s",
			 option, d->node.spec.name, name);
	return key < 0;
}

/* A grabbed keyboard is no use to the host: say how to get it back. */
static void say_chords(const struct pass_device *d,
		       const struct pass_options *o)
{
	if (d->toggle.n)
		log_line(LOG_INFO, CULPRIT_NONE,
			 "%s: %s gives it to the host and back", d->path,
			 o->toggle_text);
	if (d->exit.n)
		log_line(LOG_INFO, CULPRIT_NONE, "%s: %s ends the program",
			 d->path,
			 o->exit_text ? o->exit_text : PASS_USUAL_EXIT);
}

/* Return: whether the chords are possible. */
static bool set_chords(struct pass_device *d, const struct pass_options *o)
{
	d->toggle = o->toggle;
	d->exit = o->exit;
	d->start_with_host = o->start_with_host;
	if (!o->exit_text && lacks_key(&d->node.spec, &d->exit) >= 0)
		d->exit.n = 0;
	if (!check_chord(d, "toggle", &d->toggle) ||
	    !check_chord(d, "exit", &d->exit))
		return false;
	say_chords(d, o);
	return true;
}

static int pass_on(struct pass_device *d, const struct pass_options *o)
{
	int r;

	if (!set_chords(d, o))
		return EXIT_FAILURE;
	if (!d->node.writable)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: no permission to write: its LEDs stay as they "
			 "are",
			 d->path);
	r = o->action == PASS_TO
		    ? pass_to_run(d, o->to)
		    : pass_serve_run(d, o->socket_path, o->inject_path);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int open_device(struct pass_device *d, struct fault *why)
{
	const char *no_loop;

	d->loop = loop_of_process(&no_loop);
	if (!d->loop)
		return fault_errno(why, -EIO, "no event loop: %s", no_loop);
	return pass_device_open(d, why);
}

static int run_device(const struct pass_options *o)
{
	static struct pass_device d;
	static char path[PASS_PATH_MAX];
	struct fault why;
	int status, r = pass_find(&pass_this_host, o->device, path, &why);

	d.path = path;
	d.grab = o->grab;
	d.node = PASS_NODE_NULL;
	if (!r)
		r = open_device(&d, &why);
	if (r) {
		complain(why.text);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < d.node.notes.n; i++)
		log_line(LOG_WARNING, CULPRIT_HOST, "%s: %s", path,
			 d.node.notes.line[i]);
	status = o->action == PASS_PRINT_SPEC ? print_spec(&d.node.spec)
					      : pass_on(&d, o);
	pass_device_close(&d);
	return status;
}

static int run_action(const struct pass_options *o)
{
	switch (o->action) {
	case PASS_HELP:
		pass_options_help();
		return EXIT_SUCCESS;
	case PASS_VERSION:
		puts("vinput-passthrough " VERSION);
		return EXIT_SUCCESS;
	case PASS_LIST:
		return list();
	case PASS_PRINT_SPEC:
	case PASS_TO:
	case PASS_SERVE:
		return run_device(o);
	case PASS_NOTHING:
		break;
	}
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct pass_options o;
	char why[256];
	int status;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	log_open();
	if (pass_options_parse(&o, argc, argv, why)) {
		complain(why);
		return EXIT_USAGE;
	}
	log_set_level(o.log_level);
	status = run_action(&o);
	if (fflush(stdout) == EOF && !status)
		status = EXIT_FAILURE;
	log_close();
	return status;
}
