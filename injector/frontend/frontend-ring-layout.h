/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two layouts of ring do each in their way. Only for frontend-ring*.c.
 */
#ifndef VINPUT_FRONTEND_RING_LAYOUT_H
#define VINPUT_FRONTEND_RING_LAYOUT_H

#include "injector/frontend/frontend-ring.h"

size_t fe_split_bytes(uint32_t num);
size_t fe_packed_bytes(uint32_t num);
/* Take the areas out of mem. Return: whether there is room. */
bool fe_split_alloc(struct fe_ring *ring, struct fe_memory *mem);
bool fe_packed_alloc(struct fe_ring *ring, struct fe_memory *mem);
void fe_split_reset(struct fe_ring *ring);
void fe_packed_reset(struct fe_ring *ring);
void fe_split_post(struct fe_ring *ring, uint16_t head);
void fe_packed_post(struct fe_ring *ring, uint16_t head);
void fe_split_publish(struct fe_ring *ring);
void fe_packed_publish(struct fe_ring *ring);
/* Does the device want to hear of the last `posted`? */
bool fe_split_wants_kick(const struct fe_ring *ring, uint16_t posted);
bool fe_packed_wants_kick(const struct fe_ring *ring, uint16_t posted);
/* Ask to be called for the next used element. */
void fe_split_arm(struct fe_ring *ring);
void fe_packed_arm(struct fe_ring *ring);
bool fe_split_is_used(const struct fe_ring *ring);
bool fe_packed_is_used(const struct fe_ring *ring);
/* The next used element; there is one. Return: 0 or FE_E_RING. */
int fe_split_take(struct fe_ring *ring, struct vring_used_elem *elem);
int fe_packed_take(struct fe_ring *ring, struct vring_used_elem *elem);
uint16_t fe_split_n_used(const struct fe_ring *ring);
uint16_t fe_packed_n_used(const struct fe_ring *ring);
uint32_t fe_packed_base_after(const struct fe_ring *ring, uint32_t n);
uint32_t fe_packed_base(const struct fe_ring *ring);

#endif
