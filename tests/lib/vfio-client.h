/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VMM with vfio-user, and a guest's input driver, before vinput-vfio-user:
 *
 *	inject() ─► vhost-user-input ─► rig.fe's rings ─► expect()
 *	                 ▲ vhost-user
 *	          vinput-vfio-user ◄─ vfio-user ─► vfio_client
 *
 * The rings, their memory and the buffers are those of the rig's front-end
 * (rig.h), which has no connection of its own; each message is the client's, so
 * a test can leave out or falsify any of them. Errors fail the test. Before
 * another server there is no rig, and what takes its rings is not to be used.
 */
#ifndef VINPUT_TESTS_VFIO_CLIENT_H
#define VINPUT_TESTS_VFIO_CLIENT_H

#include "injector/vfio-user/vfu-message.h"
#include "tests/lib/rig.h"

struct vfio_client {
	struct rig *rig; /* NULL: none */
	struct process bridge;
	char socket[64];
	int fd;	      /* -1: not connected; rig.fe.fd is a copy */
	int reply_fd; /* of the last reply, owned; -1: none */
	uint16_t id;
	struct vfu_message msg; /* the last one sent, then its reply */
	uint64_t offered, features;
};

/* The server of the rig MUST be started; option: one more of the bridge's, or
 * NULL. It listens then. */
void vfio_client_start(struct vfio_client *c, struct rig *rig,
		       const char *option);
/* That of a bridge at this socket which is not the client's to start or end. */
void vfio_client_at(struct vfio_client *c, struct rig *rig, const char *socket);
/* SIGTERM to the bridge, which must exit with 0. */
void vfio_client_end(struct vfio_client *c);

void vfio_client_connect(struct vfio_client *c);
/* The same, and VERSION. */
void vfio_client_negotiate(struct vfio_client *c);
void vfio_client_disconnect(struct vfio_client *c);

/*
 * Send a command of len bytes of c->msg.p and n fds, and await its reply.
 * Return: its errno, positive; 0; ECONNRESET: the connection has ended.
 */
int vfio_client_ask(struct vfio_client *c, uint16_t command, size_t len,
		    const int *fds, unsigned int n);
/* Send bytes as they are. */
void vfio_client_send(struct vfio_client *c, const void *bytes, size_t len);
/* The server must have closed the connection. */
void vfio_client_expect_end(struct vfio_client *c);

/* Of at most 8 bytes. */
uint64_t vfio_client_read(struct vfio_client *c, uint32_t region,
			  uint64_t offset, uint32_t count);
void vfio_client_write(struct vfio_client *c, uint32_t region, uint64_t offset,
		       uint32_t count, uint64_t value);

/* Return: as vfio_client_ask(). fd -1: none. */
int vfio_client_map(struct vfio_client *c, uint64_t addr, uint64_t size,
		    uint64_t offset, int fd);
int vfio_client_unmap(struct vfio_client *c, uint64_t addr, uint64_t size);
/* Event fds for all three vectors: 0: config, 1 and 2: the queues. */
void vfio_client_set_irqs(struct vfio_client *c, int config);

/* Event fds for n vectors from first on. */
void vfio_client_set_vectors(struct vfio_client *c, uint32_t first,
			     const int *fds, uint32_t n);

/* The steps of a driver: reset, and features, up to FEATURES_OK. */
void vfio_client_negotiate_features(struct vfio_client *c, uint64_t want);
/* Set up queue i with a ring, and the vector i + 1. */
void vfio_client_start_queue(struct vfio_client *c, unsigned int i,
			     const struct fe_ring *ring,
			     const struct fe_memory *mem);
/* The configuration's vector, and DRIVER_OK. */
void vfio_client_driver_ok(struct vfio_client *c);

/* As a driver at probe: reset, features, up to FEATURES_OK. */
void vfio_client_probe(struct vfio_client *c);
/* Rings of num descriptors in memory that is not mapped yet, buffers posted. */
void vfio_client_make_rings(struct vfio_client *c, uint16_t num);
/* The same in place of those that there are. */
void vfio_client_renew_rings(struct vfio_client *c, uint16_t num);
/* Queues with these rings, and DRIVER_OK. */
void vfio_client_start_queues(struct vfio_client *c);
/* All of it, from the connection on: the device works then. */
void vfio_client_run(struct vfio_client *c, uint16_t num);
/* The driver resets the device, and forgets its rings. */
void vfio_client_reset(struct vfio_client *c);

void vfio_client_kick(struct vfio_client *c, unsigned int queue);
/* Send an event on the statusq, and wait until its buffer is used. */
void vfio_client_send_status(struct vfio_client *c, const struct vi_event *ev);

#endif
