/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vvu-proxy between two fakes: the device VM, with its VMM's vfio-user
 * client and its guest's driver, and the sibling's VMM, a front-end.
 *
 *	world.driver ◄─vfio-user─► vinput-vvu-proxy ◄─vhost-user─► world.sibling
 *
 * Nothing happens by itself: each message of the sibling, and each step of the
 * driver, is the test's. Errors fail the test.
 */
#ifndef VINPUT_TESTS_VVU_WORLD_H
#define VINPUT_TESTS_VVU_WORLD_H

#include "injector/vvu/vvu-pci.h"
#include "tests/lib/vfio-client.h"

#define VVU_BUFFERS 8 /* of each queue */

struct vvu_driver {
	struct vfio_client vfio;
	uint64_t want; /* features */
	struct fe_memory mem;
	struct fe_ring ring[VVU_QUEUES];
	uint8_t *buf[VVU_QUEUES]; /* VVU_BUFFERS of VVU_MESSAGE_MAX bytes */
	int vector[VVU_VECTORS];  /* event fds, owned */
	uint8_t *direct;	  /* BAR 4, as far as it was mapped; or NULL */
	size_t direct_len;
};

struct vvu_world {
	char dir[TEMP_DIR_LEN];
	char vhost[64]; /* where siblings connect */
	struct process proxy;
	struct vvu_driver driver;
	struct frontend sibling;
	struct fe_memory mem; /* the sibling's, of a file */
	char file[64];	      /* its name, for --memory */
};

/* cmocka fixtures: *state becomes the world. */
int vvu_setup(void **state);
int vvu_teardown(void **state);

/* option: one more, or NULL. It listens then. */
void vvu_start(struct vvu_world *w, const char *option);

/* --- the device VM --- */

/* Connect; negotiate; queues; all but BACKEND_UP. */
void vvu_driver_run(struct vvu_world *w);
/* As a guest that is gone. */
void vvu_driver_end(struct vvu_world *w);
/* The driver resets the device, and starts it anew. */
void vvu_driver_restart(struct vvu_world *w);

uint32_t vvu_driver_status(struct vvu_world *w); /* enum vvu_status */
void vvu_driver_set_status(struct vvu_world *w, uint32_t status);
/* BACKEND_UP; and the sibling connects, and is accepted. */
void vvu_begin(struct vvu_world *w);

/* All of these: a session. option: as for vvu_start(). */
void vvu_serve(struct vvu_world *w, const char *option);
/* The sibling asks, and the driver answers. */
void vvu_expect_works(struct vvu_world *w);

/*
 * The next message is this request, without fds; 0: its end. Its buffer is
 * posted again.
 */
struct fe_msg vvu_driver_expect(struct vvu_world *w, uint32_t request);
void vvu_driver_expect_end(struct vvu_world *w);
/* Nothing is in rxq. */
void vvu_driver_expect_nothing(struct vvu_world *w);
/*
 * Make any len bytes available in txq; and notify; and await that they are
 * taken.
 */
void vvu_driver_offer(struct vvu_world *w, const void *bytes, size_t len);
void vvu_driver_put(struct vvu_world *w, const void *bytes, size_t len);
void vvu_driver_send(struct vvu_world *w, const void *bytes, size_t len);
void vvu_driver_send_msg(struct vvu_world *w, const struct fe_msg *msg);
/*
 * Return: whether it was taken in this time; if not, it waits there, and
 * vvu_driver_take_sent() awaits that it is.
 */
bool vvu_driver_try_send(struct vvu_world *w, const struct fe_msg *msg,
			 int timeout_ms);
void vvu_driver_take_sent(struct vvu_world *w);
/* Answer a request with a u64. */
void vvu_driver_answer(struct vvu_world *w, uint32_t request, uint64_t value);
/* Await an interrupt. */
void vvu_driver_expect_vector(struct vvu_world *w, unsigned int vector);

/* Of BAR 4, by message; at most 8 bytes. */
uint64_t vvu_driver_read(struct vvu_world *w, uint64_t at, uint32_t len);
void vvu_driver_write(struct vvu_world *w, uint64_t at, uint32_t len,
		      uint64_t value);
/* Map what can be mapped of BAR 4. Return: whether anything can. */
bool vvu_driver_map(struct vvu_world *w);

/* --- the sibling --- */

void vvu_sibling_connect(struct vvu_world *w);
void vvu_sibling_send_msg(struct vvu_world *w, const struct fe_msg *msg);
/* Send, and let the driver have it. Return: as it has it. */
struct fe_msg vvu_pass(struct vvu_world *w, const struct fe_msg *msg);
/* The same for a request that the driver answers with value. */
uint64_t vvu_ask(struct vvu_world *w, uint32_t request, uint64_t value);
/* A SET_MEM_TABLE of n regions of the sibling's memory, of size bytes each. */
struct fe_msg vvu_table(const struct vvu_world *w, uint32_t n, uint64_t size);

#endif
