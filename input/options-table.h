/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of vhost-user-input: what they set, and a table with a row for
 * each of them: its name, its line of --help and its handler. A new option is
 * one row and its handler. For options.c only, but for struct options.
 */
#ifndef VINPUT_OPTIONS_TABLE_H
#define VINPUT_OPTIONS_TABLE_H

#include "input/base/cmdline.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox-options.h"
#include "input/serve/service-options.h"
#include "input/spec/spec-sets.h"

enum options_action {
	OPTIONS_SERVE,
	OPTIONS_TEMPLATE,  /* fork those that serve */
	OPTIONS_HAND_OVER, /* the same, by another program */
	OPTIONS_CHECK_SPEC,
	OPTIONS_PRINT_CAPABILITIES,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

/* Strings are borrowed from argv. */
struct options {
	enum options_action action;
	enum log_level log_level;
	int template_fd; /* -1: none */

	const char *evdev_path; /* NULL: spec is used */
	const char *spec, *name, *serial;
	struct spec_sets sets;

	struct service_options service;
	struct sandbox sandbox;
};

extern const struct cmdline_option options_rows[];
extern const int options_n_rows;

#endif
