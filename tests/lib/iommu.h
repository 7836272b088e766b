/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest whose devices are behind an IOMMU, and the VMM that translates for
 * them: a front-end whose rings and buffers are at I/O virtual addresses, each
 * page mapped anywhere, and which sends a page's translation only when the
 * device reports a miss on the back-end channel.
 *
 *	iommu_start() → iommu_expect(), ...	answers misses itself
 *	iommu_expect_miss(), iommu_tell(), ...	the same by hand
 */
#ifndef VINPUT_TESTS_IOMMU_H
#define VINPUT_TESTS_IOMMU_H

#include "tests/lib/channel.h"

#define IOMMU_PAGE  4096u
#define IOMMU_PAGES 64
/* Above all guest-physical addresses, and in no region of the front-end. */
#define IOMMU_BASE UINT64_C(0x123400000000)

#define IOMMU_RW 3

struct iommu {
	struct rig *rig;
	struct frontend channel;
	struct {
		uint8_t access; /* 0: not mapped */
		size_t at;	/* page of guest memory */
	} page[IOMMU_PAGES];
	bool exact; /* update only the access that was missed */
	unsigned int misses, invalidates;
};

/*
 * --iommu and a keyboard, unless the rig has a server; and a driver with rings
 * of num descriptors; rings and buffers are in pages of their own; no queue
 * runs. Split or packed as rig_is_packed() says.
 */
void iommu_prepare(struct rig *rig, struct iommu *iommu, uint16_t num);
/* Another front-end of the same server. */
void iommu_reconnect(struct iommu *iommu, uint16_t num);
/* Start a queue; its misses are not answered yet. */
void iommu_start_queue(struct iommu *iommu, unsigned int index);
/* Post buffers, start both queues, and update the IOTLB with their rings. */
void iommu_begin(struct iommu *iommu);
/* iommu_prepare() and iommu_begin(). */
void iommu_start(struct rig *rig, struct iommu *iommu, uint16_t num);
void iommu_fini(struct iommu *iommu);

/*
 * The device's address of what p points to, for pages that are mapped in order.
 */
uint64_t iommu_addr(const struct iommu *iommu, const void *p);
/*
 * n pages that are contiguous for the device and in reverse order in memory.
 * Return: their address; iommu_at(): where a byte of them is.
 */
uint64_t iommu_alloc(struct iommu *iommu, size_t n);
uint8_t *iommu_at(const struct iommu *iommu, uint64_t addr);

/* Send an IOTLB message. Return: the value of its reply. */
uint64_t iommu_send(struct iommu *iommu, const struct vu_iotlb *what);
/* Send an update for the page of an address, with this access. */
void iommu_tell(struct iommu *iommu, uint64_t addr, uint8_t access);
void iommu_invalidate(struct iommu *iommu, uint64_t addr, uint64_t size);

/* The next message must be of this type, or a miss in the page of addr. */
struct vu_iotlb iommu_expect_msg(struct iommu *iommu, uint8_t type);
struct vu_iotlb iommu_expect_miss(struct iommu *iommu, uint64_t addr);
/* Reply to the miss, if REPLY_ACK was negotiated; 0: an ack. */
void iommu_ack(struct iommu *iommu, uint64_t value);
/* Answer a miss: an update and an ack, or a refusal if it is not mapped. */
void iommu_answer(struct iommu *iommu, const struct vu_iotlb *miss);
/* Wait for a miss and answer it. */
void iommu_serve(struct iommu *iommu);
/* Answer misses until there is none for RIG_QUIET_MS. */
void iommu_serve_all(struct iommu *iommu);

/* As rig_expect(), and answers misses meanwhile. */
void iommu_expect_events(struct iommu *iommu, const struct vi_event *ev,
			 size_t n, const char *file, int line);
#define iommu_expect(iommu, ...) \
	iommu_expect_events(iommu, RIG_EVENTS(__VA_ARGS__), __FILE__, __LINE__)
/* As fe_next_event(). */
int iommu_next_event(struct iommu *iommu, struct vi_event *ev);
/* Send an LED; misses are answered; its buffer must be used. */
void iommu_send_status(struct iommu *iommu, const struct vi_event *ev);

#endif
