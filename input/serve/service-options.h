/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a service: those that vhost-user-input and vinput-passthrough
 * have in common. Each program's table has a row for them, whose handler calls
 * service_options_take(). To add one: its member and its handler here, a row in
 * both tables (of --vfio only in the former's), and in service.c the call that
 * passes it on.
 */
#ifndef VINPUT_SERVICE_OPTIONS_H
#define VINPUT_SERVICE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "input/base/cmdline.h"
#include "input/base/socket-path.h"
#include "input/device/device.h"
#include "input/serve/peer-allow.h"

#define SERVICE_INJECT_FDS_MAX 64

/* Strings are borrowed from argv. */
struct service_options {
	const char *socket_path; /* NULL: fd or vfio is used */
	int fd;			 /* -1: socket_path or vfio is used */
	/* The address of a device, as server_open_device(); NULL: none. */
	const char *vfio;
	struct socket_access access; /* of the socket files */
	bool postcopy;

	int inject_fds[SERVICE_INJECT_FDS_MAX];
	size_t n_inject_fds;
	const char *inject_path;
	int inject_type; /* SOCK_STREAM or SOCK_SEQPACKET */
	struct peer_allow inject_allow;
	bool no_rings; /* injectors cannot share memory */
	/* Cuttlefish's way of starting: events from stdin, status to stdout. */
	bool stdio;

	enum device_overflow overflow;
	unsigned int stall_ms;
	unsigned int busy_poll_us; /* 0: none */
	bool iommu, inband;	   /* offer it */
	const char *stats_path;
	int state_fd; /* -1: nothing outlives the process */
	int ready_fd; /* -1: nobody waits for it */
	/* -1: serve at once; otherwise when the process before has ended */
	int standby_fd;
};

void service_options_init(struct service_options *o);

/* For the handler of an option named here. Return: 0, or -EINVAL with c->why.
 */
int service_options_take(struct service_options *o, struct cmdline *c,
			 char *value);

/*
 * What one option needs of others. Return: 0, or -EINVAL with c->why.
 */
int service_options_check(const struct service_options *o, struct cmdline *c);
/* The same of what serving needs; a socket may be inherited (LISTEN_FDS). */
int service_options_check_fds(struct service_options *o, struct cmdline *c);
/* Return: whether an inherited fd is for anything. */
bool service_options_use(const struct service_options *o, int fd);

#endif
