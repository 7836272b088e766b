/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio input device: PCI towards a vfio-user client, vhost-user towards its
 * back-end.
 *
 *	vfu_server ─► bridge_device ─► virtio_pci	what a driver sees
 *	                   └─────────► bridge_backend	who does it
 *
 * What a request changes, the back-end is told before it is answered; but a
 * client that waits stops its guest, so that has a limit. Notifications go past
 * this: the client's event fds are the back-end's. Loop thread only.
 */
#ifndef VINPUT_BRIDGE_DEVICE_H
#define VINPUT_BRIDGE_DEVICE_H

#include "injector/bridge/bridge-backend.h"
#include "injector/vfio-user/vfu-server.h"

struct bridge_device {
	struct ev_loop *loop;
	struct vfu_server server;
	struct virtio_pci pci;
	struct bridge_backend backend;
	bool config_known;	      /* pci.config is what the back-end has */
	bool notified[BRIDGE_QUEUES]; /* by this driver */
	struct {
		struct virtio_pci_access at; /* len 0: none waits */
		void *to;
	} read;
	ev_timer deadline; /* of the request that waits */
	struct log_limit limit;
};

/* to: where back-ends listen, borrowed. Return: 0 or -errno. */
int bridge_device_init(struct bridge_device *d, struct ev_loop *loop,
		       const char *to, uint16_t queue_max);
/* fd: where clients connect, borrowed. Return: 0 or -errno. */
int bridge_device_start(struct bridge_device *d, int fd);
/* Disconnect both sides. Idempotent. */
void bridge_device_fini(struct bridge_device *d);

#endif
