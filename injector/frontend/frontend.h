/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user front-end and a guest's input driver in one. It stands in for a
 * VMM and its guest, in vinput-monitor and in the tests.
 *
 *	frontend-driver		buffers and events, as the guest's driver
 *	frontend-config		the configuration space, as that driver
 *	frontend-session	features, memory and queues, as the VMM
 *	frontend-message	one message, one reply
 *	frontend		this: a connection and what belongs to it
 *	frontend-ring		the driver's side of a vring; its layouts are
 *				-ring-split and -ring-packed
 *	frontend-memory		the guest memory
 *	frontend-error		what the functions return
 *
 * Each uses only what stands below it. A whole session is:
 *
 *	fe_init() → fe_connect() → fe_negotiate() → fe_read_spec()
 *	→ fe_make_rings() → fe_post_buffers() → fe_start()
 *	→ fe_next_event(), fe_send_status() → fe_stop() → fe_fini()
 *
 * Each step consists of smaller public ones, and every struct is open, so a
 * test can leave out, repeat or falsify any of them.
 *
 * Unless stated otherwise a function returns 0, a negative errno or FE_E_*,
 * and blocks for timeout_ms at most; -ETIMEDOUT means that the device did not
 * reply. A front-end is used by one thread at a time.
 */
#ifndef VINPUT_INJECTOR_FRONTEND_H
#define VINPUT_INJECTOR_FRONTEND_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/frontend/frontend-error.h"
#include "injector/frontend/frontend-memory.h"
#include "injector/frontend/frontend-ring.h"
#include "input/vhost-user/vhost-user-wire.h"

#define FE_QUEUES  2
#define FE_EVENTQ  0
#define FE_STATUSQ 1

#define FE_PACKED_RINGS (UINT64_C(1) << VIRTIO_F_RING_PACKED)

struct frontend {
	int fd; /* owned; -1: not connected */
	int timeout_ms;
	/*
	 * What to negotiate if the device offers it. For packed rings add
	 * FE_PACKED_RINGS to the features.
	 */
	uint64_t want_features, want_protocol;
	/* What was negotiated. */
	uint64_t features, protocol;
	bool mem_table; /* share memory by SET_MEM_TABLE in any case */
	struct fe_memory mem;
	struct fe_ring ring[FE_QUEUES];
};

void fe_init(struct frontend *fe); /* wants all that is implemented here */
/* Close the connection without a message, free all. Idempotent. */
void fe_fini(struct frontend *fe);

/* Return: also -ENOENT, -ECONNREFUSED, -ENOTSOCK (not a socket), ... */
int fe_connect(struct frontend *fe, const char *path);
void fe_attach(struct frontend *fe, int fd); /* fd: connected, taken */

/* Return: whether a feature's bit is set in features, protocol or an offer. */
static inline bool fe_has(uint64_t bits, unsigned int bit)
{
	return bits >> bit & 1;
}

#endif
