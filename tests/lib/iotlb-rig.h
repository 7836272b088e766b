/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device behind the guest's IOMMU (iommu.h), whose rings and buffers are in
 * pages of their own.
 */
#ifndef VINPUT_TESTS_IOTLB_RIG_H
#define VINPUT_TESTS_IOTLB_RIG_H

#include <string.h>
#include "tests/lib/iommu.h"

#define NUM 16

static struct iommu w;

static inline int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	fe_init(&w.channel);
	return rig_setup(state);
}

static inline int teardown(void **state)
{
	iommu_fini(&w);
	return rig_teardown(state);
}

static inline int setup_running(void **state)
{
	setup(state);
	iommu_start(*state, &w, NUM);
	return 0;
}

static inline uint64_t ring_page(unsigned int queue)
{
	return iommu_addr(&w, w.rig->fe.ring[queue].desc_area);
}

static inline uint64_t buffer_page(unsigned int queue)
{
	return iommu_addr(&w, w.rig->fe.ring[queue].buf);
}

static inline void type_a(struct rig *rig, int value)
{
	inject(rig, KEY(KEY_A, value), SYN);
}

static inline void expect_nothing_asked(void)
{
	channel_expect_nothing(&w.channel);
}

static inline void expect_runs(struct rig *rig)
{
	inject(rig, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
	iommu_expect(&w, KEY(KEY_S, 1), SYN, KEY(KEY_S, 0), SYN);
}

#endif
