/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of vhost-user-input: what they set, and a table with a row for
 * each of them: its name, its line of --help and its handler. A new option is
 * one row and its handler. For options.c only, but for struct options.
 */
#ifndef VINPUT_OPTIONS_TABLE_H
#define VINPUT_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include "input/base/cmdline.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"
#include "input/device/device.h"
#include "input/sandbox/sandbox.h"
#include "input/serve/peer-allow.h"
#include "input/spec/spec-sets.h"

#define OPTIONS_INJECT_FDS_MAX 64

enum options_action {
	OPTIONS_SERVE,
	OPTIONS_CHECK_SPEC,
	OPTIONS_PRINT_CAPABILITIES,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

/* Strings are borrowed from argv. */
struct options {
	enum options_action action;
	enum log_level log_level;

	const char *socket_path;     /* NULL: fd is used */
	int fd;			     /* -1: socket_path is used */
	struct socket_access access; /* of the socket files */
	bool postcopy;

	const char *spec, *name, *serial;
	struct spec_sets sets;

	int inject_fds[OPTIONS_INJECT_FDS_MAX];
	size_t n_inject_fds;
	const char *inject_path;
	int inject_type; /* SOCK_STREAM or SOCK_SEQPACKET */
	struct peer_allow inject_allow;
	/* Cuttlefish's way of starting: events from stdin, status to stdout. */
	bool stdio;

	enum device_overflow overflow;
	unsigned int stall_ms;
	unsigned int busy_poll_us; /* 0: none */
	bool iommu, inband;	   /* offer it */
	const char *stats_path;
	int state_fd; /* -1: nothing outlives the process */
	int ready_fd; /* -1: nobody waits for it */

	enum sandbox_mode sandbox;
	uid_t uid; /* to become; ACCOUNT_NO_UID, ACCOUNT_NO_GID: none */
	gid_t gid;
};

/* What is known only while the command line is read. */
struct options_parser {
	struct options *o;
	struct cmdline line;
};

extern const struct cmdline_option options_rows[];
extern const int options_n_rows;

#endif
