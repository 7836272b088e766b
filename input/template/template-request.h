/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What asks a template (template.h) for a server: its command line and
 * environment, and the numbers that the fds sent with it are to have. A request
 * is one packet of a SOCK_SEQPACKET socket. Pure: no fd, no log.
 */
#ifndef VINPUT_TEMPLATE_REQUEST_H
#define VINPUT_TEMPLATE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define TEMPLATE_REQUEST_MAX (32 * 1024) /* bytes */
#define TEMPLATE_WORDS_MAX   1024	 /* of command line and environment */
#define TEMPLATE_KEEPS_MAX   8

/* The first fds of a packet; those to be kept follow. */
enum {
	TEMPLATE_TELL, /* template.h */
	TEMPLATE_OUT,  /* stdout and stderr */
	TEMPLATE_FIXED,
};

#define TEMPLATE_FDS_MAX (TEMPLATE_FIXED + TEMPLATE_KEEPS_MAX)

struct template_request {
	char *const *argv, *const *env; /* borrowed; NULL ends them */
	pid_t parent;	 /* of the server; it ends if that has died */
	bool outlives;	 /* it does not die with its parent */
	rlim_t files[2]; /* its limit of open files: soft, hard */
	int keep[TEMPLATE_KEEPS_MAX]; /* their numbers */
	size_t n_keep;
};

/* Return: the length of the packet, or -E2BIG. */
int template_request_write(const struct template_request *r,
			   char packet[TEMPLATE_REQUEST_MAX]);
/*
 * The strings stay in the packet, one after the other: argv, then env; words
 * has the pointers. Return: 0, or -EBADMSG: not a request of this version.
 */
int template_request_read(struct template_request *r, char *packet, size_t len,
			  char *words[TEMPLATE_WORDS_MAX]);

#endif
