/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix-socket transport of vhost-user: assembles messages of bytes and fds,
 * and sends them. Never blocks: the caller waits for readiness. Loop thread
 * only.
 */
#ifndef VINPUT_VU_SOCKET_H
#define VINPUT_VU_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include "input/vhost-user/vu-message.h"

struct vu_socket {
	int fd;	    /* owned */
	size_t got; /* bytes of `in` that have arrived */
	struct vu_message in;
	size_t out_len, out_sent;
	int out_fds[VU_FDS_MAX]; /* owned; sent with the first byte of out */
	unsigned int n_out_fds;
	uint8_t out[sizeof(struct vu_header) + VU_PAYLOAD_MAX];
};

/* fd: taken; -1: not connected. */
void vu_socket_init(struct vu_socket *s, int fd);
/* Close all fds. Idempotent. */
void vu_socket_fini(struct vu_socket *s);

/*
 * Continue to read the current message.
 * check_header: called once per message with its header, before the payload is
 * read. Return: whether to accept the message.
 * Return: 1: s->in is complete, until the next call; 0: not yet; -ECONNRESET:
 * the peer has disconnected; -EPROTO: check_header rejected it; -errno.
 */
typedef bool vu_check_header_fn(void *arg, const struct vu_header *hdr);
int vu_socket_recv(struct vu_socket *s, vu_check_header_fn *check_header,
		   void *arg);

/* Not all was sent: call vu_socket_flush() ... */
#define VU_SOCKET_FULL 1 /* when the socket is writable */
#define VU_SOCKET_LATER \
	2 /* after a while: our user has too many fds in flight */

/*
 * Send header, payload and reply_fd, which is taken. What was sent before MUST
 * be flushed.
 * Return: 0: all sent, or the peer has disconnected, which vu_socket_recv()
 * reports after what it sent before; VU_SOCKET_*; -errno.
 */
int vu_socket_send(struct vu_socket *s, struct vu_message *msg);
/*
 * The same for a message that is passed on: with copies of its fds, and
 * reply_fd stays where it is.
 */
int vu_socket_pass(struct vu_socket *s, const struct vu_message *msg);
int vu_socket_flush(struct vu_socket *s);

#endif
