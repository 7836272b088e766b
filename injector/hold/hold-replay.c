/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-replay.h"

#define USED_IDX_AT 2 /* in the used ring (virtio 1.3 §2.7.8) */

static void make(struct vu_message *msg, uint32_t request, size_t size)
{
	msg->hdr = (struct vu_header){ .request = request,
				       .flags = VU_FLAG_VERSION_1,
				       .size = (uint32_t)size };
	msg->n_fds = 0;
}

static void make_u64(struct vu_message *msg, uint32_t request, uint64_t u64)
{
	make(msg, request, sizeof(msg->p.u64));
	msg->p.u64 = u64;
}

static void make_state(struct vu_message *msg, uint32_t request,
		       unsigned int index, uint32_t num)
{
	make(msg, request, sizeof(msg->p.state));
	msg->p.state = (struct vu_vring_state){ index, num };
}

static void add_fd(struct vu_message *msg, int fd)
{
	msg->fds[msg->n_fds++] = fd;
}

/* --- negotiation --- */

/* Each: Return: whether there is the i-th message of its kind, in msg. */
typedef bool make_fn(const struct hold_session *s, unsigned int i,
		     struct vu_message *msg);

static bool make_get_features(const struct hold_session *s, unsigned int i,
			      struct vu_message *msg)
{
	make(msg, VU_GET_FEATURES, 0);
	return true;
}

static bool make_get_protocol(const struct hold_session *s, unsigned int i,
			      struct vu_message *msg)
{
	make(msg, VU_GET_PROTOCOL_FEATURES, 0);
	return s->has_protocol;
}

static bool make_protocol(const struct hold_session *s, unsigned int i,
			  struct vu_message *msg)
{
	make_u64(msg, VU_SET_PROTOCOL_FEATURES, s->protocol);
	return s->has_protocol;
}

static bool make_owner(const struct hold_session *s, unsigned int i,
		       struct vu_message *msg)
{
	make(msg, VU_SET_OWNER, 0);
	return s->has_owner;
}

static bool make_channel(const struct hold_session *s, unsigned int i,
			 struct vu_message *msg)
{
	make(msg, VU_SET_BACKEND_REQ_FD, 0);
	return s->has_channel;
}

static bool make_features(const struct hold_session *s, unsigned int i,
			  struct vu_message *msg)
{
	make_u64(msg, VU_SET_FEATURES, s->features);
	return s->has_features;
}

/* --- memory --- */

static bool make_log(const struct hold_session *s, unsigned int i,
		     struct vu_message *msg)
{
	make(msg, VU_SET_LOG_BASE, sizeof(msg->p.log));
	msg->p.log = s->log.log;
	add_fd(msg, s->log.fd);
	return s->log.fd >= 0;
}

static bool make_log_call(const struct hold_session *s, unsigned int i,
			  struct vu_message *msg)
{
	make(msg, VU_SET_LOG_FD, 0);
	add_fd(msg, s->log_call.fd);
	return s->log_call.fd >= 0;
}

static bool make_table(const struct hold_session *s, unsigned int i,
		       struct vu_message *msg)
{
	uint32_t n = 0;

	make(msg, VU_SET_MEM_TABLE, 0);
	for (unsigned int k = 0; k < s->n_regions; k++) {
		if (!s->region[k].from_table)
			continue;
		msg->p.mem_table.regions[n++] = s->region[k].at;
		add_fd(msg, s->region[k].fd);
	}
	msg->p.mem_table.n_regions = n;
	msg->p.mem_table.padding = 0;
	msg->hdr.size = (uint32_t)offsetof(struct vu_mem_table, regions) +
			n * (uint32_t)sizeof(struct vu_mem_region);
	return s->has_table;
}

static bool make_region(const struct hold_session *s, unsigned int i,
			struct vu_message *msg)
{
	if (i >= s->n_regions || s->region[i].from_table)
		return false;
	make(msg, VU_ADD_MEM_REG, sizeof(msg->p.single));
	msg->p.single = (struct vu_single_region){ .region = s->region[i].at };
	add_fd(msg, s->region[i].fd);
	return true;
}

static bool make_inflight(const struct hold_session *s, unsigned int i,
			  struct vu_message *msg)
{
	make(msg, VU_SET_INFLIGHT_FD, s->inflight.size);
	msg->p.inflight = s->inflight.inflight;
	add_fd(msg, s->inflight.fd);
	return s->inflight.fd >= 0;
}

/* --- queues --- */

static bool make_num(const struct hold_session *s, unsigned int i,
		     struct vu_message *msg)
{
	make_state(msg, VU_SET_VRING_NUM, i, s->queue[i].num);
	return s->queue[i].has_num;
}

/* Return: whether the bytes at a front-end virtual address could be read. */
static bool read_memory(const struct hold_session *s, uint64_t addr, void *to,
			size_t len)
{
	for (unsigned int i = 0; i < s->n_regions; i++) {
		const struct vu_mem_region *at = &s->region[i].at;
		const uint64_t offset = addr - at->user_addr;

		if (offset < at->size && at->size - offset >= len)
			return s->ops->read(s->arg, s->region[i].fd,
					    at->mmap_offset + offset, to, len);
	}
	return false;
}

/*
 * A split ring's position is in the guest's memory; that of a packed one is
 * where the front-end let it begin, and so is that of a ring behind an IOMMU,
 * whose addresses are the guest's.
 */
static bool read_position(const struct hold_session *s,
			  const struct hold_queue *q, uint32_t *base)
{
	uint16_t idx;

	if (!hold_queue_runs(q) || !q->has_addr ||
	    vu_feature_in(s->features, VIRTIO_F_RING_PACKED) ||
	    vu_feature_in(s->features, VIRTIO_F_ACCESS_PLATFORM) ||
	    !read_memory(s, q->addr.used_user + USED_IDX_AT, &idx, sizeof(idx)))
		return false;
	*base = idx;
	return true;
}

static bool make_base(const struct hold_session *s, unsigned int i,
		      struct vu_message *msg)
{
	const struct hold_queue *q = &s->queue[i];
	uint32_t base = q->base;
	const bool known = read_position(s, q, &base);

	make_state(msg, VU_SET_VRING_BASE, i, base);
	return known || q->has_base;
}

static bool make_addr(const struct hold_session *s, unsigned int i,
		      struct vu_message *msg)
{
	make(msg, VU_SET_VRING_ADDR, sizeof(msg->p.addr));
	msg->p.addr = s->queue[i].addr;
	return s->queue[i].has_addr;
}

static bool make_vring_fd(const struct hold_vring_fd *v, uint32_t request,
			  struct vu_message *msg)
{
	make_u64(msg, request, v->u64);
	if (v->fd >= 0)
		add_fd(msg, v->fd);
	return v->said;
}

static bool make_err(const struct hold_session *s, unsigned int i,
		     struct vu_message *msg)
{
	return make_vring_fd(&s->queue[i].err, VU_SET_VRING_ERR, msg);
}

static bool make_call(const struct hold_session *s, unsigned int i,
		      struct vu_message *msg)
{
	return make_vring_fd(&s->queue[i].call, VU_SET_VRING_CALL, msg);
}

static bool make_kick(const struct hold_session *s, unsigned int i,
		      struct vu_message *msg)
{
	return make_vring_fd(&s->queue[i].kick, VU_SET_VRING_KICK, msg);
}

static bool make_enable(const struct hold_session *s, unsigned int i,
			struct vu_message *msg)
{
	make_state(msg, VU_SET_VRING_ENABLE, i, s->queue[i].enable);
	return s->queue[i].has_enable;
}

/* One that was in a dead back-end's socket is lost: it starts the queue, too.
 */
static bool make_inband(const struct hold_session *s, unsigned int i,
			struct vu_message *msg)
{
	make_state(msg, VU_VRING_KICK, i, 0);
	return s->queue[i].inband;
}

/* --- the device --- */

static bool make_config(const struct hold_session *s, unsigned int i,
			struct vu_message *msg)
{
	struct vu_config *config = &msg->p.config;

	make(msg, VU_SET_CONFIG, sizeof(*config) + 1);
	*config = (struct vu_config){ .offset = i,
				      .size = 1,
				      .flags = s->config.flags };
	msg->p.bytes[sizeof(*config)] = s->config.value[i];
	return s->config.written[i];
}

static bool make_status(const struct hold_session *s, unsigned int i,
			struct vu_message *msg)
{
	make_u64(msg, VU_SET_STATUS, s->status);
	return s->status;
}

/* In the order in which they are sent: n of each. */
static const struct {
	make_fn *make;
	unsigned int n;
} steps[] = {
	{ make_get_features, 1 },
	{ make_owner, 1 },
	{ make_get_protocol, 1 },
	{ make_protocol, 1 },
	{ make_channel, 1 },
	{ make_features, 1 },
	{ make_log, 1 },
	{ make_log_call, 1 },
	{ make_table, 1 },
	{ make_region, HOLD_REGIONS_MAX },
	{ make_inflight, 1 },
	{ make_num, HOLD_QUEUES_MAX },
	{ make_base, HOLD_QUEUES_MAX },
	{ make_addr, HOLD_QUEUES_MAX },
	{ make_err, HOLD_QUEUES_MAX },
	{ make_call, HOLD_QUEUES_MAX },
	{ make_config, HOLD_CONFIG_MAX },
	{ make_status, 1 },
	{ make_kick, HOLD_QUEUES_MAX },
	{ make_enable, HOLD_QUEUES_MAX },
	{ make_inband, HOLD_QUEUES_MAX },
	{ make_get_features, 1 },
};

#define N_STEPS (sizeof(steps) / sizeof(*steps))

void hold_replay_begin(struct hold_replay *r, struct hold_session *s)
{
	*r = (struct hold_replay){ .s = s };
	if (!s->said_any)
		r->step = N_STEPS;
}

/* Return: the request if it is answered, or 0. */
static uint32_t replay_question(const struct vu_message *msg)
{
	switch (msg->hdr.request) {
	case VU_GET_FEATURES:
	case VU_GET_PROTOCOL_FEATURES:
	case VU_SET_LOG_BASE:
		return msg->hdr.request;
	}
	return 0;
}

enum hold_next hold_replay_next(struct hold_replay *r, struct vu_message *msg)
{
	if (r->asked)
		return HOLD_NEXT_WAIT;
	for (; r->step < N_STEPS; r->step++, r->i = 0) {
		while (r->i < steps[r->step].n) {
			if (!steps[r->step].make(r->s, r->i++, msg))
				continue;
			r->asked = replay_question(msg);
			return HOLD_NEXT_SEND;
		}
	}
	return HOLD_NEXT_DONE;
}

static int check_offer(struct hold_replay *r, uint64_t used, uint64_t offered,
		       const char *what)
{
	r->missing = used & ~offered;
	r->what = what;
	return r->missing ? HOLD_E_FEATURES : 0;
}

int hold_replay_answer(struct hold_replay *r, const struct vu_message *answer)
{
	const uint32_t asked = r->asked;

	if (!asked || answer->hdr.request != asked ||
	    !(answer->hdr.flags & VU_FLAG_REPLY))
		return HOLD_E_ANSWER;
	r->asked = 0;
	if (asked == VU_SET_LOG_BASE)
		return 0;
	if (answer->hdr.size != sizeof(answer->p.u64))
		return HOLD_E_ANSWER;
	if (asked == VU_GET_FEATURES)
		return check_offer(r, r->s->features, answer->p.u64, "feature");
	return check_offer(r, r->s->protocol, answer->p.u64,
			   "protocol feature");
}
