/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message as a front-end of a running device would send it, to be cut,
 * bent and given wrong fds by tests of what a hostile one does.
 */
#ifndef VINPUT_TESTS_USUAL_MSG_H
#define VINPUT_TESTS_USUAL_MSG_H

#include <stdint.h>
#include <sys/types.h>
#include "injector/frontend/frontend-message.h"

/* Requests are 1 .. USUAL_MSG_MAX, a few of them unknown. */
#define USUAL_MSG_MAX 44

/* All of the protocol that there is a message for. */
extern const uint64_t usual_msg_protocol;

/*
 * Return: the message, with the fds that belong to it, borrowed from fe. What
 * is not known to exist has 8 bytes and an fd.
 */
struct fe_msg usual_msg(const struct frontend *fe, uint32_t request);

/* Have ADD_MEM_REG speak of a region beside that of the rings. */
void usual_msg_move(struct fe_msg *msg);

/* Bytes of it on the wire. */
static inline size_t usual_msg_len(const struct fe_msg *msg)
{
	return sizeof(msg->hdr) + msg->hdr.size;
}

/*
 * Send len bytes of any kind on a Unix socket with n fds, of which there may be
 * more than any message has. Return: as sendmsg(); never blocks.
 */
ssize_t send_with_fds(int socket, const void *bytes, size_t len, const int *fds,
		      size_t n);

#endif
