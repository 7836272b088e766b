/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message as a front-end of a running device would send it. Tests of
 * hostile front-ends truncate it, corrupt it and attach wrong fds to it.
 */
#ifndef VINPUT_TESTS_USUAL_MSG_H
#define VINPUT_TESTS_USUAL_MSG_H

#include <stdint.h>
#include <sys/types.h>
#include "injector/frontend/frontend-message.h"

/* Requests are 1 .. USUAL_MSG_MAX, a few of them unknown. */
#define USUAL_MSG_MAX 44

/* All protocol features that have a message. */
extern const uint64_t usual_msg_protocol;

/*
 * Return: the message, with its fds, borrowed from fe. An unknown request has 8
 * bytes and one fd.
 */
struct fe_msg usual_msg(const struct frontend *fe, uint32_t request);

/* Make ADD_MEM_REG add a region beside that of the rings. */
void usual_msg_move(struct fe_msg *msg);

/* Its size on the wire. */
static inline size_t usual_msg_len(const struct fe_msg *msg)
{
	return sizeof(msg->hdr) + msg->hdr.size;
}

/*
 * Send any len bytes on a Unix socket with n fds, possibly more than any
 * message has. Return: as sendmsg(); never blocks.
 */
ssize_t send_with_fds(int socket, const void *bytes, size_t len, const int *fds,
		      size_t n);

#endif
