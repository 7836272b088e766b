/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vhost-user-input, read and checked as a whole before
 * anything is opened.
 */
#ifndef VINPUT_OPTIONS_H
#define VINPUT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/device.h"
#include "input/base/log.h"
#include "input/serve/peer-allow.h"
#include "input/sandbox/sandbox.h"
#include "input/base/socket-path.h"
#include "input/spec/spec-read.h"

#define OPTIONS_INJECT_FDS_MAX 64
#define OPTIONS_SETS_MAX       64

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
	struct spec_set sets[OPTIONS_SETS_MAX];
	size_t n_sets;

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

	enum sandbox_mode sandbox;
	uid_t uid; /* to become; ACCOUNT_NO_UID, ACCOUNT_NO_GID: none */
	gid_t gid;
};

/*
 * Read the command line and LISTEN_FDS. Changes argv's order.
 * Return: 0, or -EINVAL with a line of what is wrong in why.
 */
int options_parse(struct options *o, int argc, char **argv, char why[256]);
void options_help(void);

#endif
