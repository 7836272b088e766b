/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vinput-launch, read and checked before anything is
 * opened. The devices in it become the same JSON that a launch file has.
 */
#ifndef VINPUT_LAUNCH_OPTIONS_H
#define VINPUT_LAUNCH_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/base/log.h"
#include "input/base/socket-path.h"
#include "injector/launch/launch-argv.h"
#include "injector/launch/launch-restart.h"
#include "injector/launch/launch-vmm.h"

#define LAUNCH_COMMAND_MAX 4 /* words behind --control DIR */

enum launch_action {
	LAUNCH_RUN,
	LAUNCH_WAIT,
	LAUNCH_CONTROL,
	LAUNCH_PRINT_ARGS,
	LAUNCH_HELP,
	LAUNCH_VERSION,
};

/* Strings are borrowed from argv. */
struct launch_options {
	enum launch_action action;
	const char *dir; /* also that of --wait and --control */
	const char *file;
	json_t *devices; /* owned, an array */
	char **streamer; /* NULL: none; ends with NULL */

	struct socket_access access;
	bool has_restart;
	struct launch_restart restart;
	double stop_s;	  /* from SIGTERM to SIGKILL */
	double timeout_s; /* of --wait and --control; < 0: none */
	int ready_fd;	  /* -1: none */
	const char *server;
	struct launch_argv server_args; /* for each device; owned */
	enum log_level log_level;
	const char *log_level_name;
	bool log_files;
	const char *log_dir; /* NULL: DIR/log */

	enum launch_vmm vmm;
	const char *memory;
	const char *command[LAUNCH_COMMAND_MAX];
	size_t n_command;
	bool json; /* --control: print the answer as it came */
};

/* Return: 0, or -EINVAL with a line of what is wrong in why. */
int launch_options_parse(struct launch_options *o, int argc, char **argv,
			 char why[256]);
void launch_options_fini(struct launch_options *o); /* idempotent */
void launch_options_help(void);

#endif
