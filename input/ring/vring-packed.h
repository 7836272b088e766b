/* SPDX-License-Identifier: Apache-2.0 */
/* The packed layout of a virtqueue (virtio 1.3 §2.8), for vring.c. */
#ifndef VINPUT_VRING_PACKED_H
#define VINPUT_VRING_PACKED_H

#include "input/ring/vring-walk.h"

/* As their counterparts in vring.h; the ring MUST be mapped. */
int vring_packed_ready(struct vring *vr);
/* Return: 0 or VRING_E_HEAD. */
int vring_packed_resume(struct vring *vr, uint32_t base);
bool vring_packed_publish(struct vring *vr);
void vring_packed_ask_kicks(struct vring *vr, bool ask);
void vring_packed_ask_returns(struct vring *vr);
/* Return: how many slots are available from the position on. */
uint16_t vring_packed_available(struct vring *vr);
/* As vring_room(): 0 if slots are not buffers, as there were chains. */
uint16_t vring_packed_room(struct vring *vr);
/*
 * As vring_write_each(), as long as buffers are plain: one writable descriptor
 * in the region of the last hit. Nearly all buffers of an eventq are.
 * Return: how many items were written. If not all, the ring's end was reached,
 * vring_ready() has the reason, or the next buffer is not plain.
 */
size_t vring_packed_write_plain(struct vring *vr, const void *items,
				uint32_t len, size_t n);

/* Start walking the next buffer; there MUST be one. */
void vring_packed_take(struct vring *vr, struct vring_walk *w);
/*
 * Load the descriptor at w->next into w, and set w->next and w->more.
 * Return: 0 or VRING_E_*.
 */
int vring_packed_load(struct vring_walk *w);
/* Use the buffer, with len bytes written. Return: 0 or VRING_E_*. */
int vring_packed_use(struct vring *vr, struct vring_walk *w, uint32_t len);

#endif
