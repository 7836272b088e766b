/* SPDX-License-Identifier: Apache-2.0 */
/* The split layout of a virtqueue (virtio 1.3 §2.7), for vring.c. */
#ifndef VINPUT_VRING_SPLIT_H
#define VINPUT_VRING_SPLIT_H

#include "input/ring/vring-walk.h"

/* As their counterparts in vring.h; the ring MUST be mapped. */
int vring_split_ready(struct vring *vr);
/* Return: 0 or VRING_E_HEAD. */
int vring_split_resume(struct vring *vr);
bool vring_split_publish(struct vring *vr);
void vring_split_ask_kicks(struct vring *vr, bool ask);
void vring_split_ask_returns(struct vring *vr);
/* Return: how many buffers are available. */
uint16_t vring_split_available(const struct vring *vr);
/*
 * As vring_write_each(), as long as buffers are plain: one writable descriptor
 * in the region of the last hit. Nearly all buffers of an eventq are.
 * Return: how many items were written. If not all, the ring's end was reached,
 * vring_ready() has the reason, or the next buffer is not plain.
 */
size_t vring_split_write_plain(struct vring *vr, const void *items,
			       uint32_t len, size_t n);

/* Start walking the next buffer; there MUST be one. */
void vring_split_take(struct vring *vr, struct vring_walk *w);
/*
 * Load the descriptor at w->next into w, and set w->next and w->more.
 * Return: 0 or VRING_E_*.
 */
int vring_split_load(struct vring_walk *w);
/* Use the buffer, with len bytes written. Return: 0 or VRING_E_*. */
int vring_split_use(struct vring *vr, struct vring_walk *w, uint32_t len);

/* Return: whether a ring whose used->idx is 0 has been used before. */
bool vring_split_came_round(const struct vring *vr);

#endif
