/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the options of vinput-launch set. The devices among them become the same
 * JSON that a launch file has.
 */
#ifndef VINPUT_LAUNCH_OPTIONS_H
#define VINPUT_LAUNCH_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "injector/plan/launch-vmm.h"
#include "injector/process/launch-argv.h"
#include "injector/process/launch-restart.h"
#include "input/base/cmdline.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"

#define LAUNCH_COMMAND_MAX 4 /* words after --control DIR */

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
	bool stdin_taken; /* a spec has been read from it */
	json_t *devices;  /* owned, an array */
	json_t *tunables; /* owned, an object: members for every device */
	char **streamer;  /* NULL: none; ends with NULL */
	const char *page; /* --page: its address, "" for the usual one */
	/* VNC servers for the page: "[NAME=]unix:PATH", "[NAME=]HOST:PORT";
	 * owned */
	struct launch_argv screens;
	const char *password; /* their password's file; NULL: none */

	struct socket_access access;
	bool has_restart;
	struct launch_restart restart;
	bool hold;     /* VMMs' connections, by a vinput-hold */
	bool outlives; /* with hold: devices, a launcher that dies */
	double give_up_s;
	double start_s;	   /* in which a device must become ready */
	double watchdog_s; /* 0: none */
	double stop_s;	   /* from SIGTERM to SIGKILL */
	double timeout_s;  /* of --wait and --control; < 0: none */
	int ready_fd;	   /* -1: none */
	const char *server;
	bool template;			/* fork servers */
	struct launch_argv server_args; /* for each device; owned */
	bool allows; /* server_args restrict who may inject */
	enum log_level log_level;
	const char *log_level_name;
	bool log_files;
	const char *log_dir; /* NULL: DIR/log */
	off_t log_max;	     /* bytes of a log file; 0: no limit */

	enum launch_vmm vmm;
	const char *memory;
	const char *command[LAUNCH_COMMAND_MAX];
	size_t n_command;
	json_t *spec; /* owned; of add LABEL, NULL: not given */
	bool guest;   /* --wait: also for a guest's driver */
	bool json;    /* --control: print the answer unchanged */
};

static inline struct launch_options *launch_options_of(struct cmdline *c)
{
	return c->options;
}

#endif
