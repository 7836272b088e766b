/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix-socket transport of vhost-user: bytes and fds in, bytes out, put
 * together to messages. Never blocks; the caller waits for readiness.
 */
#ifndef VINPUT_VU_SOCKET_H
#define VINPUT_VU_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include "input/vhost-user/vu-message.h"

struct vu_socket {
	int fd;	    /* owned */
	size_t got; /* bytes of `in` that are there */
	struct vu_message in;
	size_t out_len, out_sent;
	int out_fd; /* owned; goes with the first byte of out */
	uint8_t out[sizeof(struct vu_header) + VU_PAYLOAD_MAX];
};

void vu_socket_init(struct vu_socket *s, int fd);
void vu_socket_fini(struct vu_socket *s); /* idempotent; closes all */

/*
 * Read on at the message at hand.
 * check_header: called once per message with its header, before the payload
 * is read; returns whether to go on.
 * Return: 1: s->in is whole (take it before the next call); 0: not yet;
 * -ECONNRESET: the other side has closed; -EPROTO: check_header said no;
 * -errno.
 */
typedef bool vu_check_header_fn(void *arg, const struct vu_header *hdr);
int vu_socket_recv(struct vu_socket *s, vu_check_header_fn *check_header,
		   void *arg);

/*
 * Send a message's header and payload, and its reply_fd, which is taken.
 * Return: 0: sent; 1: partly or not, call vu_socket_flush() when the socket is
 * writable; -errno.
 */
int vu_socket_send(struct vu_socket *s, struct vu_message *msg);
int vu_socket_flush(struct vu_socket *s);

#endif
