/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user back-end without a socket (vt: vhost-user test): messages go in
 * by function calls, replies come out, and the device behind it notes what the
 * back-end calls. Guest memory is a memfd of one region with two split rings,
 * and the driver's side of them.
 *
 *   assert_rc(vt_state(v, VU_SET_VRING_NUM, 0, 8), 0);
 *   vt_start(v, 0);
 *   assert_string_equal(vt_ops(v), "started 0");
 */
#ifndef VINPUT_TESTS_VT_H
#define VINPUT_TESTS_VT_H

#include <sys/eventfd.h>
#include "input/vhost-user/vu-backend.h"
#include "tests/lib/check.h"

#define VT_CONFIG_LEN 136
#define VT_MEM_LEN    0x10000
#define VT_GPA	      0x40000000u
#define VT_UVA	      UINT64_C(0x7f0000000000)
#define VT_NUM	      8

/* Of the ring of queue i: offsets into the memory. */
#define VT_DESC(i)  ((i)*0x2000u)
#define VT_AVAIL(i) (VT_DESC(i) + 0x800u)
#define VT_USED(i)  (VT_DESC(i) + 0x1000u)
#define VT_BUFFERS  0x8000u /* 8 bytes each */

#define VT_BIT(n) (UINT64_C(1) << (n))

struct vt {
	struct vu_backend be;
	struct vu_message msg; /* the last one, or the reply to it */
	char ops[512];	       /* what the back-end called, see vt_ops() */
	bool fails;	       /* state transfers do */
	uint8_t config[VT_CONFIG_LEN];
	int mem_fd;
	uint8_t *mem;
	int kick[VU_QUEUES_MAX], call[VU_QUEUES_MAX], err[VU_QUEUES_MAX];
	int free_fd; /* the lowest one at the start: nothing may leak */
	/* Set: messages go there, not to be. As vu_backend_handle(). */
	int (*deliver)(void *arg, struct vu_message *msg);
	void *deliver_arg;
};

/* For cmocka. The teardown disconnects and fails if an fd was left open. */
int vt_setup(void **state);
int vt_teardown(void **state);
#define VT(test) cmocka_unit_test_setup_teardown(test, vt_setup, vt_teardown)

/*
 * Send a message. Its header must be legal. fd: borrowed, -1: none.
 * Return: as vu_backend_handle(); the reply is in v->msg.
 */
int vt_send(struct vt *v, uint32_t request, const void *payload, uint32_t size,
	    int fd);
int vt_empty(struct vt *v, uint32_t request);
int vt_u64(struct vt *v, uint32_t request, uint64_t value);
int vt_fd(struct vt *v, uint32_t request, uint64_t value, int fd);
int vt_state(struct vt *v, uint32_t request, uint32_t index, uint32_t num);
/* With the need_reply flag. */
int vt_u64_acked(struct vt *v, uint32_t request, uint64_t value);
/* Send a request without payload. Return: the u64 that it is answered with. */
uint64_t vt_get(struct vt *v, uint32_t request);

/* Fail unless the message was rejected for this reason. */
#define vt_rejects(v, send, reason)                \
	do {                                       \
		assert_rc((send), VU_E_VIOLATION); \
		vt_check_why((v), (reason));       \
	} while (0)
void vt_check_why(const struct vt *v, const char *reason);

/* Ack features beside VERSION_1 and PROTOCOL_FEATURES, and all that is said. */
void vt_negotiate(struct vt *v, uint64_t features, uint64_t protocol);
/* Share the memory. */
void vt_share(struct vt *v);
/* Size and addresses of a queue's ring. */
void vt_set_ring(struct vt *v, unsigned int i);
int vt_set_addr(struct vt *v, unsigned int i, uint64_t uva);
/* All messages of a front-end, until queue i runs. */
void vt_start(struct vt *v, unsigned int i);

/*
 * Return: what the back-end has called since the last time, as words separated
 * by commas: "started 0, look 0". Configuration space and transfers with their
 * arguments.
 */
const char *vt_ops(struct vt *v);

/* Return: how often an eventfd was signalled since the last time. */
uint64_t vt_signals(int fd);

/* --- the driver's side of a ring, and the device's --- */

/* Make n more buffers of 8 bytes available. */
void vt_post(struct vt *v, unsigned int i, unsigned int n);
uint16_t vt_used_idx(const struct vt *v, unsigned int i);
/* Write one event into a buffer and publish it. Return: 0 or VRING_E_*. */
int vt_use_one(struct vt *v, unsigned int i);

#endif
