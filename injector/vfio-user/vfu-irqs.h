/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event fds with which a client wants to be interrupted (SET_IRQS): one for
 * each MSI-X vector. Pure: fds are numbers here, handed to drop() when they are
 * not needed any more.
 */
#ifndef VINPUT_VFU_IRQS_H
#define VINPUT_VFU_IRQS_H

#include "injector/vfio-user/vfu-message.h"

#define VFU_VECTORS_MAX 64

struct vfu_irqs {
	void (*drop)(void *arg, int fd);
	void *arg;
	unsigned int n;		 /* MSI-X vectors of the device */
	int fd[VFU_VECTORS_MAX]; /* owned, -1: none */
};

/* n: at most VFU_VECTORS_MAX. */
void vfu_irqs_init(struct vfu_irqs *irqs, unsigned int n,
		   void (*drop)(void *arg, int fd), void *arg);
/* Drop all fds. Idempotent. */
void vfu_irqs_fini(struct vfu_irqs *irqs);

/* Return: how many interrupts an index of the device has. */
unsigned int vfu_irqs_count(const struct vfu_irqs *irqs, uint32_t index);

/*
 * SET_IRQS, checked by vfu_message_check(), whose fds are taken on success.
 * fire: a bit for each vector that the client wants to be signalled now.
 * Return: 0; or errno, positive: EINVAL: no such vectors, or an action that
 * they do not have.
 */
int vfu_irqs_set(struct vfu_irqs *irqs, struct vfu_message *msg,
		 uint64_t *fire);

#endif
