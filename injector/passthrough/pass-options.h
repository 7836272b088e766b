/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-passthrough's command line, parsed. */
#ifndef VINPUT_PASS_OPTIONS_H
#define VINPUT_PASS_OPTIONS_H

#include "injector/passthrough/pass-chord.h"
#include "injector/passthrough/pass-grab.h"
#include "input/base/log.h"

enum pass_action {
	PASS_NOTHING, /* not given */
	PASS_LIST,
	PASS_PRINT_SPEC,
	PASS_TO,
	PASS_SERVE,
	PASS_HELP,
	PASS_VERSION,
};

/* Without --exit; for devices that have these keys. */
#define PASS_USUAL_EXIT "leftctrl+leftalt+leftshift+esc"

/* Strings are borrowed from argv. */
struct pass_options {
	enum pass_action action;
	const char *device; /* DEV; NULL: none is needed */
	const char *to;
	const char *socket_path;
	const char *inject_path; /* NULL: none */
	enum pass_grab grab;
	struct pass_chord toggle;
	const char *toggle_text, *exit_text; /* NULL: not given */
	struct pass_chord exit; /* if exit_text is NULL, the usual one */
	bool start_with_host;
	enum log_level log_level;
};

/* Return: 0, or -EINVAL with one line about it in why. */
int pass_options_parse(struct pass_options *o, int argc, char **argv,
		       char why[256]);
void pass_options_help(void); /* print it */

#endif
