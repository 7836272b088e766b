/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VVU device (vvu-layout.h): PCI towards the device VM, vhost-user towards
 * the sibling's VMM.
 *
 *	vfu_server ─► vvu_proxy ─► vvu_pci	what a driver sees
 *	                  ├──────► vvu_queue	rxq, txq, in vvu_guest
 *	                  └──────► vvu_sibling	the other VM
 *
 * A session with a sibling needs a driver that has set BACKEND_UP; siblings
 * wait for it in the socket's queue. Whatever ends the driver, or the session,
 * the next one begins with nothing of it. Loop thread only.
 */
#ifndef VINPUT_VVU_PROXY_H
#define VINPUT_VVU_PROXY_H

#include "injector/vfio-user/vfu-server.h"
#include "injector/vvu/vvu-queue.h"
#include "injector/vvu/vvu-sibling.h"
#include "input/base/listener.h"

struct vvu_proxy {
	struct ev_loop *loop;
	struct vfu_server server;
	struct vvu_pci pci;
	struct vvu_guest guest;
	struct vvu_queue queue[VVU_QUEUES];
	struct vvu_sibling sibling;
	struct listener listener;
	bool runs;	  /* the driver has set DRIVER_OK */
	bool owes_end;	  /* a buffer of length 0, behind all messages */
	bool has_message; /* in tx, for a sibling that has no room */
	struct vu_message tx;
	ev_timer more; /* there may be more to do, after others had a turn */
	struct log_limit limit, guest_limit, waiting_limit;
	uint64_t sessions; /* with siblings */
};

/*
 * bar_len: of BAR 4, a power of two. file: as for vvu_memory_init().
 * Return: 0 or -errno.
 */
int vvu_proxy_init(struct vvu_proxy *p, struct ev_loop *loop, uint64_t bar_len,
		   int file);
/* Where VMMs connect: the device VM's, and siblings'. Borrowed fds. */
struct vvu_sockets {
	int client, sibling;
};
/* Return: 0 or -errno. */
int vvu_proxy_start(struct vvu_proxy *p, const struct vvu_sockets *fds);
/* Disconnect both sides. Idempotent. */
void vvu_proxy_fini(struct vvu_proxy *p);

#endif
