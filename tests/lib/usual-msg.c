/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/usual-msg.h"

#include <string.h>
#include <sys/socket.h>
#include "tests/lib/bit.h"

#define FDS_MAX	  253 /* that the kernel takes: SCM_MAX_FD */
#define LOG_BYTES 4096

const uint64_t usual_msg_protocol =
	BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_LOG_SHMFD) |
	BIT(VU_PROTOCOL_F_REPLY_ACK) | BIT(VU_PROTOCOL_F_BACKEND_REQ) |
	BIT(VU_PROTOCOL_F_CONFIG) | BIT(VU_PROTOCOL_F_RESET_DEVICE) |
	BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS) |
	BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS) |
	BIT(VU_PROTOCOL_F_INFLIGHT_SHMFD) | BIT(VU_PROTOCOL_F_STATUS) |
	BIT(VU_PROTOCOL_F_DEVICE_STATE);

static void set_payload(struct fe_msg *msg, const void *payload, size_t len)
{
	memcpy(msg->bytes, payload, len);
	msg->hdr.size = (uint32_t)len;
}

static void add_fd(struct fe_msg *msg, int fd)
{
	msg->fd[msg->n_fds++] = fd;
}

static void set_region(const struct frontend *fe, struct fe_msg *msg)
{
	const struct vu_mem_region region = { fe->mem.guest_addr, fe->mem.size,
					      fe->mem.user_addr, 0 };
	struct vu_mem_table table = { 1, 0, { region } };
	struct vu_single_region single = { 0, region };

	if (msg->hdr.request == VU_SET_MEM_TABLE)
		set_payload(msg, &table, 8 + sizeof(region));
	else
		set_payload(msg, &single, sizeof(single));
	if (msg->hdr.request != VU_REM_MEM_REG)
		add_fd(msg, fe->mem.fd);
}

static void set_addr(const struct frontend *fe, struct fe_msg *msg)
{
	const struct fe_ring *ring = &fe->ring[FE_EVENTQ];
	struct vu_vring_addr addr = {
		.index = FE_EVENTQ,
		.desc_user = fe_user_addr(&fe->mem, ring->desc),
		.avail_user = fe_user_addr(&fe->mem, ring->avail),
		.used_user = fe_user_addr(&fe->mem, ring->used),
	};

	set_payload(msg, &addr, sizeof(addr));
}

static void set_vring(const struct frontend *fe, struct fe_msg *msg)
{
	const struct fe_ring *ring = &fe->ring[FE_EVENTQ];
	const uint64_t queue = FE_EVENTQ;

	set_payload(msg, &queue, sizeof(queue));
	add_fd(msg, msg->hdr.request == VU_SET_VRING_KICK   ? ring->kick
		    : msg->hdr.request == VU_SET_VRING_CALL ? ring->call
							    : ring->err);
}

static void set_inflight(const struct frontend *fe, struct fe_msg *msg)
{
	const struct vu_inflight inflight = { fe->mem.size, 0, FE_QUEUES,
					      fe->ring[FE_EVENTQ].num };

	set_payload(msg, &inflight, VU_INFLIGHT_LEN);
	if (msg->hdr.request == VU_SET_INFLIGHT_FD)
		add_fd(msg, fe->mem.fd);
}

static void set_state(struct fe_msg *msg, uint32_t num)
{
	const struct vu_vring_state state = { FE_EVENTQ, num };

	set_payload(msg, &state, sizeof(state));
}

static void set_number(struct fe_msg *msg, uint64_t number)
{
	set_payload(msg, &number, sizeof(number));
}

static void set_iotlb(const struct frontend *fe, struct fe_msg *msg)
{
	const struct vu_iotlb iotlb = { fe->mem.guest_addr, fe->mem.size,
					fe->mem.user_addr, 3,
					VU_IOTLB_TYPE_UPDATE };

	set_payload(msg, &iotlb, VU_IOTLB_LEN);
}

struct fe_msg usual_msg(const struct frontend *fe, uint32_t request)
{
	const uint32_t config[] = { 0, 1, 0, 1 };
	const struct vu_log log = { LOG_BYTES, 0 };
	const struct vu_device_state what = { VU_STATE_SAVE, VU_PHASE_STOPPED };
	struct fe_msg msg = fe_msg(request);

	switch (request) {
	case VU_GET_FEATURES:
	case VU_SET_OWNER:
	case VU_RESET_OWNER:
	case VU_GET_PROTOCOL_FEATURES:
	case VU_GET_QUEUE_NUM:
	case VU_RESET_DEVICE:
	case VU_GET_MAX_MEM_SLOTS:
	case VU_GET_STATUS:
	case VU_CHECK_DEVICE_STATE:
	case VU_POSTCOPY_ADVISE:
	case VU_POSTCOPY_LISTEN:
	case VU_POSTCOPY_END:
		break;
	case VU_IOTLB_MSG:
		set_iotlb(fe, &msg);
		break;
	case VU_SET_FEATURES:
		set_number(&msg, fe->features);
		break;
	case VU_SET_PROTOCOL_FEATURES:
		set_number(&msg, fe->protocol);
		break;
	case VU_SET_STATUS:
		set_number(&msg, 0xf);
		break;
	case VU_SET_MEM_TABLE:
	case VU_ADD_MEM_REG:
	case VU_REM_MEM_REG:
		set_region(fe, &msg);
		break;
	case VU_SET_LOG_BASE:
		set_payload(&msg, &log, sizeof(log));
		add_fd(&msg, fe->mem.fd);
		break;
	case VU_SET_LOG_FD:
		add_fd(&msg, fe->ring[FE_EVENTQ].err);
		break;
	case VU_SET_BACKEND_REQ_FD:
		add_fd(&msg, fe->fd);
		break;
	case VU_SET_VRING_NUM:
		set_state(&msg, fe->ring[FE_EVENTQ].num);
		break;
	case VU_SET_VRING_BASE:
	case VU_GET_VRING_BASE:
	case VU_VRING_KICK:
		set_state(&msg, 0);
		break;
	case VU_SET_VRING_ENABLE:
		set_state(&msg, 1);
		break;
	case VU_SET_VRING_ADDR:
		set_addr(fe, &msg);
		break;
	case VU_SET_VRING_KICK:
	case VU_SET_VRING_CALL:
	case VU_SET_VRING_ERR:
		set_vring(fe, &msg);
		break;
	case VU_GET_CONFIG:
	case VU_SET_CONFIG:
		set_payload(&msg, config, sizeof(struct vu_config) + 1);
		break;
	case VU_GET_INFLIGHT_FD:
	case VU_SET_INFLIGHT_FD:
		set_inflight(fe, &msg);
		break;
	case VU_SET_DEVICE_STATE_FD:
		set_payload(&msg, &what, sizeof(what));
		add_fd(&msg, fe->mem.fd);
		break;
	default:
		set_number(&msg, 0);
		add_fd(&msg, fe->mem.fd);
	}
	return msg;
}

void usual_msg_move(struct fe_msg *msg)
{
	if (msg->hdr.request != VU_ADD_MEM_REG)
		return;
	msg->region.region.guest_addr = UINT64_C(0x7000000000);
	msg->region.region.user_addr = UINT64_C(0x7e0000000000);
}

ssize_t send_with_fds(int socket, const void *bytes, size_t len, const int *fds,
		      size_t n)
{
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(FDS_MAX * sizeof(int))] = { 0 };
	struct iovec iov = { (void *)bytes, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		mh.msg_control = control;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	return sendmsg(socket, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
}
