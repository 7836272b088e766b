/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's side of a split virtqueue (virtio 1.3 §2.7), in memory that its
 * device can access. Each buffer has a descriptor of its own, of the same
 * number. The device is a peer: what it says of a buffer is checked. Knows no
 * register; loop thread only.
 */
#ifndef VINPUT_DRIVER_RING_H
#define VINPUT_DRIVER_RING_H

#include <stdbool.h>
#include <stdint.h>

#define DRIVER_RING_BUFFERS 16
#define DRIVER_RING_BUFFER  1024 /* bytes of each */

/* Offsets in the memory of a ring. */
enum {
	DRIVER_RING_DESC = 0,
	DRIVER_RING_AVAIL = 0x400,
	DRIVER_RING_USED = 0x800,
	DRIVER_RING_DATA = 0x1000,
	DRIVER_RING_LEN =
		DRIVER_RING_DATA + DRIVER_RING_BUFFERS * DRIVER_RING_BUFFER,
};

struct driver_ring {
	uint8_t *at;		  /* DRIVER_RING_LEN bytes, borrowed */
	uint64_t bus;		  /* the device's address of them */
	uint16_t num;		  /* descriptors: a power of two */
	bool writable;		  /* buffers are for the device to write */
	uint16_t available, used; /* indices of ours */
	uint32_t out;		  /* bits: the device has this buffer */
};

/* num: at most DRIVER_RING_BUFFERS. at: aligned to a page. */
void driver_ring_init(struct driver_ring *r, uint8_t *at, uint64_t bus,
		      uint16_t num);

/* Return: the bytes of a buffer. */
static inline uint8_t *driver_ring_data(const struct driver_ring *r,
					unsigned int buffer)
{
	return r->at + DRIVER_RING_DATA + buffer * DRIVER_RING_BUFFER;
}

/* Return: a buffer that the device does not have, or -1. */
int driver_ring_free(const struct driver_ring *r);
/*
 * Make one available. len: bytes, at most DRIVER_RING_BUFFER.
 * Return: whether the device wants to be notified.
 */
bool driver_ring_post(struct driver_ring *r, unsigned int buffer, uint32_t len);

/*
 * Take a buffer back that the device has used. *len: bytes that it has written.
 * Return: 1; 0: there is none; DRIVER_RING_E_USED: the device does not keep to
 * the ring.
 */
#define DRIVER_RING_E_USED 2
int driver_ring_take(struct driver_ring *r, unsigned int *buffer,
		     uint32_t *len);

#endif
