/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix-socket transport of vfio-user: assembles a command of bytes and fds,
 * and sends what was made of it, its reply, before the next one is read. Never
 * blocks: the caller waits for readiness. Loop thread only.
 */
#ifndef VINPUT_VFU_SOCKET_H
#define VINPUT_VFU_SOCKET_H

#include "injector/vfio-user/vfu-message.h"

struct vfu_socket {
	int fd; /* owned, -1: not connected */
	struct vfu_message msg;
	size_t got;	      /* bytes of msg that have arrived */
	size_t sent, out_len; /* of its reply */
	int out_fd;	      /* of its reply, borrowed; -1: none */
};

/* fd: taken; -1: not connected. */
void vfu_socket_init(struct vfu_socket *s, int fd);
/* Close all fds. Idempotent. */
void vfu_socket_fini(struct vfu_socket *s);

/*
 * Continue to read a command.
 * Return: 1: s->msg is complete, until the next call; 0: not yet; -ECONNRESET:
 * the peer has disconnected; -EPROTO: an invalid header, *why; -errno.
 */
int vfu_socket_recv(struct vfu_socket *s, const char **why);

/*
 * Send s->msg, now a reply, with fd, which is borrowed until it is sent (-1:
 * none).
 * Return: 1: not all was sent: call vfu_socket_flush() when the socket is
 * writable; 0: all, or the peer has disconnected, which vfu_socket_recv()
 * reports; -errno.
 */
int vfu_socket_send(struct vfu_socket *s, int fd);
int vfu_socket_flush(struct vfu_socket *s);
/* Close the fds that came with the command and that nobody took. */
void vfu_socket_close_fds(struct vfu_socket *s);

#endif
