/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region in which a back-end records the buffers it has taken and not used
 * yet (vhost-user: "Inflight I/O tracking"), for its successor. This device
 * uses every buffer before it does anything else, so there is never one to
 * record: front-ends that require a region get an empty one, and what they pass
 * back is only checked. For a packed ring the region would also hold the
 * position, which stands in the ring itself (vring-packed.c); it is all zeros,
 * since a position there would soon be wrong.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "input/base/fd.h"
#include "input/vhost-user/vu-inflight.h"

/* QueueRegionSplit, QueueRegionPacked: header, one entry per descriptor. */
#define SPLIT_HEADER_LEN  16
#define SPLIT_ENTRY_LEN	  16
#define PACKED_HEADER_LEN 32
#define PACKED_ENTRY_LEN  32
#define REGION_ALIGN	  64

/* The start of both headers; version 0: not in use. */
struct region_header {
	uint64_t features;
	uint16_t version;
	uint16_t desc_num;
};

#define REGION_VERSION 1

static uint64_t region_len(bool packed, uint16_t queue_size)
{
	uint64_t len = packed ? PACKED_HEADER_LEN +
					(uint64_t)queue_size * PACKED_ENTRY_LEN
			      : SPLIT_HEADER_LEN +
					(uint64_t)queue_size * SPLIT_ENTRY_LEN;

	return (len + REGION_ALIGN - 1) & ~(uint64_t)(REGION_ALIGN - 1);
}

/* Write each queue's header; the rest of a new file is zeros. */
static int write_headers(int fd, const struct vu_inflight *in, uint64_t len)
{
	struct region_header header = { .version = REGION_VERSION,
					.desc_num = in->queue_size };

	for (uint16_t i = 0; i < in->n_queues; i++)
		if (pwrite(fd, &header, sizeof(header), (off_t)(i * len)) < 0)
			return -errno;
	return 0;
}

int vu_get_inflight_fd(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q)
{
	struct vu_inflight *in = &msg->p.inflight;
	bool packed = vu_has_feature(be, VIRTIO_F_RING_PACKED);
	uint64_t len = region_len(packed, in->queue_size);
	_cleanup_close_ int fd = -1;

	if (!in->n_queues || in->n_queues > be->n_queues || !in->queue_size ||
	    in->queue_size > VRING_NUM_MAX)
		return vu_fail(
			be,
			"invalid region for %u queues of %u entries: the "
			"device has %u queues, and they have from 1 to %d",
			in->n_queues, in->queue_size, be->n_queues,
			VRING_NUM_MAX);
	fd = memfd_create("inflight", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)(in->n_queues * len)) < 0 ||
	    (!packed && write_headers(fd, in, len)))
		return vu_fail(be, "cannot create the region: %s",
			       strerror(errno));
	in->size = in->n_queues * len;
	in->offset = 0;
	msg->reply_fd = steal_fd(&fd);
	return 0;
}

int vu_set_inflight_fd(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q)
{
	const struct vu_inflight *in = &msg->p.inflight;
	struct stat st;
	uint64_t end;

	if (__builtin_add_overflow(in->offset, in->size, &end) ||
	    fstat(msg->fds[0], &st) < 0 || (uint64_t)st.st_size < end)
		return vu_fail(
			be,
			"region of 0x%llx bytes at 0x%llx is outside its file",
			(unsigned long long)in->size,
			(unsigned long long)in->offset);
	return 0;
}
