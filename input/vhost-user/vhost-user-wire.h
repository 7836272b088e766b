/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers and structures of the vhost-user protocol (vhost-user: "Message
 * Specification"), in the host's byte order. Shared by the back-end here and
 * the front-end of vinput-monitor and the tests.
 */
#ifndef VINPUT_VHOST_USER_WIRE_H
#define VINPUT_VHOST_USER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

/* Requests from the front-end. */
enum vu_request {
	VU_GET_FEATURES = 1,
	VU_SET_FEATURES = 2,
	VU_SET_OWNER = 3,
	VU_RESET_OWNER = 4,
	VU_SET_MEM_TABLE = 5,
	VU_SET_LOG_BASE = 6,
	VU_SET_LOG_FD = 7,
	VU_SET_VRING_NUM = 8,
	VU_SET_VRING_ADDR = 9,
	VU_SET_VRING_BASE = 10,
	VU_GET_VRING_BASE = 11,
	VU_SET_VRING_KICK = 12,
	VU_SET_VRING_CALL = 13,
	VU_SET_VRING_ERR = 14,
	VU_GET_PROTOCOL_FEATURES = 15,
	VU_SET_PROTOCOL_FEATURES = 16,
	VU_GET_QUEUE_NUM = 17,
	VU_SET_VRING_ENABLE = 18,
	VU_SET_BACKEND_REQ_FD = 21,
	VU_IOTLB_MSG = 22,
	VU_GET_CONFIG = 24,
	VU_SET_CONFIG = 25,
	VU_POSTCOPY_ADVISE = 28,
	VU_POSTCOPY_LISTEN = 29,
	VU_POSTCOPY_END = 30,
	VU_GET_INFLIGHT_FD = 31,
	VU_SET_INFLIGHT_FD = 32,
	VU_RESET_DEVICE = 34,
	VU_VRING_KICK = 35,
	VU_GET_MAX_MEM_SLOTS = 36,
	VU_ADD_MEM_REG = 37,
	VU_REM_MEM_REG = 38,
	VU_SET_STATUS = 39,
	VU_GET_STATUS = 40,
	VU_SET_DEVICE_STATE_FD = 42,
	VU_CHECK_DEVICE_STATE = 43,
};

/* Requests from the back-end, on the channel of SET_BACKEND_REQ_FD. */
enum vu_backend_request {
	VU_BACKEND_IOTLB_MSG = 1,
	VU_BACKEND_CONFIG_CHANGE_MSG = 2,
	VU_BACKEND_VRING_CALL = 4,
	VU_BACKEND_VRING_ERR = 5,
};

enum vu_protocol_feature {
	VU_PROTOCOL_F_MQ = 0,
	VU_PROTOCOL_F_LOG_SHMFD = 1,
	VU_PROTOCOL_F_REPLY_ACK = 3,
	VU_PROTOCOL_F_BACKEND_REQ = 5,
	VU_PROTOCOL_F_PAGEFAULT = 8,
	VU_PROTOCOL_F_CONFIG = 9,
	VU_PROTOCOL_F_BACKEND_SEND_FD = 10,
	VU_PROTOCOL_F_INFLIGHT_SHMFD = 12,
	VU_PROTOCOL_F_RESET_DEVICE = 13,
	VU_PROTOCOL_F_INBAND_NOTIFICATIONS = 14,
	VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS = 15,
	VU_PROTOCOL_F_STATUS = 16,
	VU_PROTOCOL_F_DEVICE_STATE = 19,
};

/* The bits of SET_FEATURES that vhost-user defines. */
enum vu_feature {
	VU_F_LOG_ALL = 26,
	VU_F_PROTOCOL_FEATURES = 30,
};

/* The bits of virtio that matter here (virtio 1.3 §6). */
enum virtio_feature {
	VIRTIO_F_INDIRECT_DESC = 28, /* VIRTIO_RING_F_INDIRECT_DESC */
	VIRTIO_F_EVENT_IDX = 29,     /* VIRTIO_RING_F_EVENT_IDX */
	VIRTIO_F_VERSION_1 = 32,
	VIRTIO_F_ACCESS_PLATFORM = 33,
	VIRTIO_F_RING_PACKED = 34,
	VIRTIO_F_IN_ORDER = 35,
};

/* Return: whether this bit is in a set of features. */
static inline bool vu_feature_in(uint64_t features, unsigned int bit)
{
	return features >> bit & 1;
}

/* The device status field of SET_STATUS (virtio 1.3 §2.1). */
enum virtio_status {
	VIRTIO_STATUS_DRIVER_OK = 4,
	VIRTIO_STATUS_FEATURES_OK = 8,
	VIRTIO_STATUS_NEEDS_RESET = 64,
};

struct vu_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload that follows */
};

#define VU_FLAG_VERSION_MASK 0x3u
#define VU_FLAG_VERSION_1    0x1u
#define VU_FLAG_REPLY	     0x4u
#define VU_FLAG_NEED_REPLY   0x8u

struct vu_vring_state {
	uint32_t index;
	uint32_t num;
};

struct vu_vring_addr {
	uint32_t index;
	uint32_t flags;	    /* VU_VRING_F_LOG */
	uint64_t desc_user; /* front-end virtual addresses */
	uint64_t used_user;
	uint64_t avail_user;
	uint64_t log_guest; /* guest-physical */
};

#define VU_VRING_F_LOG 0x1u

/* SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR: a u64. */
#define VU_VRING_INDEX_MASK 0xffu
#define VU_VRING_NOFD	    0x100u

struct vu_mem_region {
	uint64_t guest_addr;
	uint64_t size;
	uint64_t user_addr; /* front-end virtual */
	uint64_t mmap_offset;
};

#define VU_MEM_TABLE_MAX 8

struct vu_mem_table {
	uint32_t n_regions;
	uint32_t padding;
	struct vu_mem_region regions[VU_MEM_TABLE_MAX];
};

/* SET_LOG_BASE, with F_LOG_SHMFD: where the log is in the fd's memory. */
struct vu_log {
	uint64_t size;
	uint64_t offset;
};

/* IOTLB_MSG, in both directions. */
struct vu_iotlb {
	uint64_t iova;
	uint64_t size;
	uint64_t uaddr; /* front-end virtual */
	uint8_t access; /* bits: 1 read, 2 write */
	uint8_t type;	/* enum vu_iotlb_type */
};

/* Without the trailing padding, which front-ends may omit. */
#define VU_IOTLB_LEN 26

enum vu_iotlb_type {
	VU_IOTLB_TYPE_MISS = 1,	       /* by the back-end */
	VU_IOTLB_TYPE_UPDATE = 2,      /* by the front-end */
	VU_IOTLB_TYPE_INVALIDATE = 3,  /* by the front-end */
	VU_IOTLB_TYPE_ACCESS_FAIL = 4, /* by the back-end */
};

/* GET_INFLIGHT_FD, SET_INFLIGHT_FD. */
struct vu_inflight {
	uint64_t size;
	uint64_t offset;
	uint16_t n_queues;
	uint16_t queue_size;
};

/* Without the trailing padding, which front-ends may omit. */
#define VU_INFLIGHT_LEN 20

/* ADD_MEM_REG, REM_MEM_REG */
struct vu_single_region {
	uint64_t padding;
	struct vu_mem_region region;
};

struct vu_config {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	/* size bytes follow */
};

/* SET_DEVICE_STATE_FD. */
struct vu_device_state {
	uint32_t direction; /* enum vu_state_direction */
	uint32_t phase;	    /* VU_PHASE_STOPPED */
};

enum vu_state_direction {
	VU_STATE_SAVE = 0, /* the back-end writes */
	VU_STATE_LOAD = 1, /* the back-end reads */
};

#define VU_PHASE_STOPPED 0 /* no queue runs */

/* The reply to SET_DEVICE_STATE_FD carries no fd. Bits 0-7: error. */
#define VU_TRANSFER_NOFD 0x100u

/* The largest payload of a message that an input device takes or sends. */
#define VU_PAYLOAD_MAX 512

#endif
