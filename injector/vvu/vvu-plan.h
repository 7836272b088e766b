/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the sibling's memory lies in BAR 4. A driver finds regions by adding up
 * the sizes of those before them (VVU_ID_PACKED), so the table is rewritten,
 * and filled with regions that nobody names.
 *
 *	0              direct_len                              len
 *	├── direct ────┼──── by messages ────┬─── by messages ─┤
 *	  the file of    half 0                half 1
 *	  --memory
 *
 * Direct memory lies where its file has it, since a VMM maps the file when it
 * finds the device, and never again. What is accessed by messages is in one of
 * two halves: the driver may still use the regions of the table before, until
 * it has read this one. Pure.
 */
#ifndef VINPUT_VVU_PLAN_H
#define VINPUT_VVU_PLAN_H

#include <stdbool.h>
#include "input/vvu/vvu-layout.h"

/* Of BAR 4. */
struct vvu_shape {
	uint64_t direct_len; /* bytes of the file, whole pages; 0: none */
	uint64_t len;
};

struct vvu_plan {
	/* Of each region of the sibling's table, in its order. */
	bool direct[VU_MEM_TABLE_MAX]; /* set by the caller: it may be so */
	uint64_t at[VU_MEM_TABLE_MAX]; /* its offset in BAR 4 */
	/* For the driver. */
	struct vu_mem_table table;
};

#define VVU_PLAN_E_REGION  1 /* a region that is empty, or wraps */
#define VVU_PLAN_E_REGIONS 2 /* too many regions, with the fillers */
#define VVU_PLAN_E_ROOM	   3 /* more memory than there is room for */

/*
 * Plan for a table, in this half (0 or 1) what is not direct. A region that
 * cannot be direct, since another one has the same memory, or for want of
 * fillers, is not. Return: 0 or VVU_PLAN_E_*.
 */
int vvu_plan(struct vvu_plan *plan, const struct vvu_shape *shape,
	     unsigned int half, const struct vu_mem_table *from);

#endif
