/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves one PCI device to vfio-user clients, one at a time: listens, answers
 * what every device answers alike, keeps the client's memory and event fds, and
 * asks the device for the rest.
 *
 *	client ◄─► socket ─► message ─► server ─► device's vfu_ops
 *	                                  ├─ dma    what DMA_MAP gave
 *	                                  └─ irqs   what SET_IRQS gave
 *
 * A request is answered before the next one is read. A device that cannot
 * answer at once returns VFU_LATER, and calls vfu_server_done() when it can.
 * Loop thread only.
 */
#ifndef VINPUT_VFU_SERVER_H
#define VINPUT_VFU_SERVER_H

#include <ev.h>
#include "injector/vfio-user/vfu-dma.h"
#include "injector/vfio-user/vfu-irqs.h"
#include "injector/vfio-user/vfu-socket.h"
#include "input/base/listener.h"

#define VFU_AREAS_MAX 16

/* A region (enum vfu_pci_region). */
struct vfu_region {
	uint64_t size;
	uint32_t flags; /* VFU_REGION_READABLE, _WRITEABLE, _MMAP */
	int fd;		/* with VFU_REGION_MMAP: of its memory */
	/* Which parts of it can be mapped; 0: all. */
	unsigned int n_areas;
	struct vfu_area area[VFU_AREAS_MAX];
};

#define VFU_LATER (-1)

/*
 * What a device does. Those that return int return 0; an errno, positive, with
 * which the request is refused; or VFU_LATER. None may call vfu_server_done().
 */
struct vfu_ops {
	/* A client has come; until this has succeeded, nothing else is asked.
	 */
	int (*connected)(void *arg);
	/*
	 * It has gone, or the server ends; a request that waits has no answer
	 * any more. Its memory and event fds are dropped after this.
	 */
	void (*disconnected)(void *arg);
	/* Return: valid until the next call; NULL: there is no such region. */
	const struct vfu_region *(*region)(void *arg, uint32_t index);
	/*
	 * at: in a region, with that flag. to, from: of at->count bytes, valid
	 * until the request is answered.
	 */
	int (*read)(void *arg, const struct vfu_access *at, void *to);
	int (*write)(void *arg, const struct vfu_access *at, const void *from);
	int (*reset)(void *arg);
	/* server->dma has this map now. */
	int (*mapped)(void *arg, uint64_t addr);
	/*
	 * It has none of first to last (inclusive) any more: when this is
	 * answered, the device MUST NOT access them.
	 */
	int (*unmapped)(void *arg, uint64_t first, uint64_t last);
	/* server->irqs has other event fds. */
	int (*irqs_changed)(void *arg);
};

struct vfu_server {
	struct ev_loop *loop;
	const struct vfu_ops *ops;
	void *arg;
	struct listener listener;
	struct vfu_socket socket;
	ev_io io;
	ev_timer patience; /* until VERSION has come and was accepted */
	bool negotiated;
	bool waits; /* a request, for vfu_server_done() */
	struct vfu_caps caps;
	struct vfu_dma dma;
	struct vfu_irqs irqs;
	struct log_limit limit, waiting_limit;
};

/* n_vectors: of MSI-X, at most VFU_VECTORS_MAX. ops, arg: borrowed. */
void vfu_server_init(struct vfu_server *s, struct ev_loop *loop,
		     const struct vfu_ops *ops, void *arg);
/* fd: listening, borrowed. Return: 0 or -errno. */
int vfu_server_start(struct vfu_server *s, int fd, unsigned int n_vectors);
/* Disconnect the client. Idempotent. */
void vfu_server_fini(struct vfu_server *s);

/* The request that waits is answered. error: 0, or errno, positive. */
void vfu_server_done(struct vfu_server *s, int error);
/* Interrupt the guest, if the client wants to know of this vector. */
void vfu_server_signal(struct vfu_server *s, unsigned int vector);

#endif
