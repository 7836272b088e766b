/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring messages are sent in the order that VMMs use. A ring runs once it
 * has its kick fd and, where protocol features were negotiated, is enabled
 * (vhost-user: "Ring states").
 */
#include <errno.h>

#include "injector/frontend/frontend-session.h"

static int get_u64(struct frontend *fe, uint32_t request, uint64_t *value)
{
	struct fe_msg msg = fe_msg(request);
	int rc = fe_query(fe, &msg, sizeof(msg.u64));

	*value = msg.u64;
	return rc;
}

static int negotiate_protocol(struct frontend *fe)
{
	uint64_t offered;
	int rc = get_u64(fe, VU_GET_PROTOCOL_FEATURES, &offered);

	if (rc)
		return rc;
	if (!fe_has(offered, VU_PROTOCOL_F_CONFIG))
		return FE_E_DEVICE;
	uint64_t acked = offered & fe->want_protocol;
	struct fe_msg ack = fe_msg_u64(VU_SET_PROTOCOL_FEATURES, acked);
	rc = fe_send(fe, &ack);
	fe->protocol = acked;
	return rc;
}

static int check_queue_num(struct frontend *fe)
{
	uint64_t n;

	if (!fe_has(fe->protocol, VU_PROTOCOL_F_MQ))
		return 0;
	int rc = get_u64(fe, VU_GET_QUEUE_NUM, &n);
	if (rc)
		return rc;
	return n < FE_QUEUES ? FE_E_DEVICE : 0;
}

int fe_negotiate(struct frontend *fe)
{
	uint64_t offered;
	struct fe_msg owner = fe_msg(VU_SET_OWNER);
	int rc = fe_send(fe, &owner);

	fe->protocol = 0;
	/* If it has disconnected, what it left says more of what it is. */
	if (!rc || rc == FE_E_CLOSED)
		rc = get_u64(fe, VU_GET_FEATURES, &offered);
	if (rc)
		return rc;
	if (!fe_has(offered, VIRTIO_F_VERSION_1) ||
	    !fe_has(offered, VU_F_PROTOCOL_FEATURES))
		return FE_E_DEVICE;
	fe->features = offered & fe->want_features;
	rc = negotiate_protocol(fe);
	return rc ? rc : check_queue_num(fe);
}

int fe_set_features(struct frontend *fe)
{
	struct fe_msg msg = fe_msg_u64(VU_SET_FEATURES, fe->features);

	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe->ring[i].event_idx =
			fe_has(fe->features, VIRTIO_F_EVENT_IDX);
	return fe_request(fe, &msg);
}

int fe_share_memory(struct frontend *fe)
{
	struct vu_mem_region region = {
		.guest_addr = fe->mem.guest_addr,
		.size = fe->mem.size,
		.user_addr = fe->mem.user_addr,
	};
	struct fe_msg msg;

	if (fe_has(fe->protocol, VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS) &&
	    !fe->mem_table) {
		msg = fe_msg(VU_ADD_MEM_REG);
		msg.hdr.size = sizeof(msg.region);
		msg.region.region = region;
	} else {
		msg = fe_msg(VU_SET_MEM_TABLE);
		msg.hdr.size = offsetof(struct vu_mem_table, regions[1]);
		msg.table.n_regions = 1;
		msg.table.regions[0] = region;
	}
	msg.fd[0] = fe->mem.fd;
	msg.n_fds = 1;
	return fe_request(fe, &msg);
}

struct fe_msg fe_msg_vring_addr(const struct frontend *fe, unsigned int index)
{
	const struct fe_ring *ring = &fe->ring[index];
	struct fe_msg msg = fe_msg(VU_SET_VRING_ADDR);

	msg.hdr.size = sizeof(msg.addr);
	msg.addr = (struct vu_vring_addr){
		.index = index,
		.desc_user = fe_user_addr(&fe->mem, ring->desc_area),
		.avail_user = fe_user_addr(&fe->mem, ring->driver_area),
		.used_user = fe_user_addr(&fe->mem, ring->device_area),
	};
	return msg;
}

int fe_set_vring_addr(struct frontend *fe, unsigned int index)
{
	struct fe_msg msg = fe_msg_vring_addr(fe, index);

	return fe_request(fe, &msg);
}

static int request_all(struct frontend *fe, const struct fe_msg *msg, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = fe_request(fe, &msg[i]);
	return rc;
}

int fe_start_queue(struct frontend *fe, unsigned int index, uint32_t base)
{
	const struct fe_ring *ring = &fe->ring[index];
	const struct fe_msg before[] = {
		fe_msg_state(VU_SET_VRING_NUM, index, ring->num),
		fe_msg_state(VU_SET_VRING_BASE, index, base),
	};
	const struct fe_msg after[] = {
		fe_msg_vring_fd(VU_SET_VRING_ERR, index, ring->err),
		fe_msg_vring_fd(VU_SET_VRING_CALL, index, ring->call),
		fe_msg_vring_fd(VU_SET_VRING_KICK, index, ring->kick),
		fe_msg_state(VU_SET_VRING_ENABLE, index, 1),
	};
	/* Without protocol features a ring is enabled from the start. */
	bool enable = fe_has(fe->features, VU_F_PROTOCOL_FEATURES);

	int rc = request_all(fe, before, 2);
	if (!rc)
		rc = fe_set_vring_addr(fe, index);
	if (!rc)
		rc = request_all(fe, after, enable ? 4 : 3);
	return rc;
}

int fe_begin_queue(struct frontend *fe, unsigned int index)
{
	return fe_start_queue(fe, index,
			      fe_ring_base_after(&fe->ring[index], 0));
}

int fe_stop_queue(struct frontend *fe, unsigned int index, uint32_t *base)
{
	bool packed = fe_has(fe->features, VIRTIO_F_RING_PACKED);
	struct fe_msg msg = fe_msg_state(VU_GET_VRING_BASE, index, 0);
	int rc = fe_query(fe, &msg, sizeof(msg.state));

	if (rc)
		return rc;
	if (msg.state.index != index || (!packed && msg.state.num > UINT16_MAX))
		return FE_E_REPLY;
	*base = msg.state.num;
	return 0;
}

int fe_start(struct frontend *fe)
{
	int rc = fe_set_features(fe);

	if (!rc)
		rc = fe_share_memory(fe);
	for (unsigned int i = 0; i < FE_QUEUES && !rc; i++)
		rc = fe_begin_queue(fe, i);
	return rc;
}

int fe_stop(struct frontend *fe)
{
	uint32_t base;
	int rc = 0;

	for (unsigned int i = 0; i < FE_QUEUES && !rc; i++)
		rc = fe_stop_queue(fe, i, &base);
	return rc;
}
