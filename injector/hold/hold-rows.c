/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message with an fd replaces the one before, whose fd is dropped. Where the
 * specification lets a message stop a queue or reset the device, what that ends
 * is forgotten: the next back-end MUST NOT start what the last one has stopped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/hold/hold-rows.h"

static void drop_fd(struct hold_session *s, int *fd)
{
	if (*fd >= 0)
		s->ops->drop(s->arg, *fd);
	*fd = -1;
}

/* Return: the queue of that index, or NULL: not one that is kept. */
static struct hold_queue *queue_of(struct hold_session *s, uint64_t index)
{
	if (index < HOLD_QUEUES_MAX)
		return &s->queue[index];
	s->unknown = "it has more than 8 queues";
	return NULL;
}

/* --- negotiation --- */

static void keep_features(struct hold_session *s, struct vu_message *said,
			  const struct vu_message *answer)
{
	s->has_features = true;
	s->features = said->p.u64;
}

static void keep_protocol(struct hold_session *s, struct vu_message *said,
			  const struct vu_message *answer)
{
	s->has_protocol = true;
	s->protocol = said->p.u64;
}

static void keep_owner(struct hold_session *s, struct vu_message *said,
		       const struct vu_message *answer)
{
	s->has_owner = true;
}

/* "Used to be sent to request disabling all rings." */
static void keep_reset_owner(struct hold_session *s, struct vu_message *said,
			     const struct vu_message *answer)
{
	for (unsigned int i = 0; i < HOLD_QUEUES_MAX; i++)
		s->queue[i].enable = 0;
}

static void keep_channel(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	s->has_channel = true;
}

/* --- memory --- */

static void drop_region(struct hold_session *s, unsigned int i)
{
	drop_fd(s, &s->region[i].fd);
	s->region[i] = s->region[--s->n_regions];
}

/* It comes from the heap, since most have a few. */
static bool has_room_for_region(struct hold_session *s)
{
	struct hold_region *all =
		reallocarray(s->region, s->n_regions + 1, sizeof(*s->region));

	if (all)
		s->region = all;
	return all;
}

static void add_region(struct hold_session *s, const struct vu_mem_region *at,
		       int fd, bool from_table)
{
	if (s->n_regions == HOLD_REGIONS_MAX || fd < 0) {
		s->unknown = "its memory has more than 64 regions";
		drop_fd(s, &fd);
		return;
	}
	if (!has_room_for_region(s)) {
		s->unknown = "there was no memory for its regions";
		drop_fd(s, &fd);
		return;
	}
	s->region[s->n_regions++] = (struct hold_region){
		.at = *at, .fd = fd, .from_table = from_table
	};
}

static void keep_table(struct hold_session *s, struct vu_message *said,
		       const struct vu_message *answer)
{
	const struct vu_mem_table *table = &said->p.mem_table;

	/* The front-end's ack of the addresses in a postcopy reply. */
	if (s->listening && !table->n_regions)
		return;
	while (s->n_regions)
		drop_region(s, 0);
	s->has_table = true;
	for (uint32_t i = 0; i < table->n_regions && i < said->n_fds; i++)
		add_region(s, &table->regions[i], vu_message_steal_fd(said, i),
			   true);
}

static void keep_region(struct hold_session *s, struct vu_message *said,
			const struct vu_message *answer)
{
	/* The same ack is shorter. */
	if (said->hdr.size == sizeof(said->p.single))
		add_region(s, &said->p.single.region,
			   vu_message_steal_fd(said, 0), false);
}

static void keep_no_region(struct hold_session *s, struct vu_message *said,
			   const struct vu_message *answer)
{
	const struct vu_mem_region *at = &said->p.single.region;

	for (unsigned int i = 0; i < s->n_regions; i++) {
		if (s->region[i].at.guest_addr != at->guest_addr ||
		    s->region[i].at.size != at->size)
			continue;
		drop_region(s, i);
		return;
	}
}

/* --- queues --- */

static void keep_num(struct hold_session *s, struct vu_message *said,
		     const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.state.index);

	if (!q)
		return;
	q->has_num = true;
	q->num = said->p.state.num;
}

static void keep_addr(struct hold_session *s, struct vu_message *said,
		      const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.addr.index);

	if (!q)
		return;
	q->has_addr = true;
	q->addr = said->p.addr;
}

static void keep_base(struct hold_session *s, struct vu_message *said,
		      const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.state.index);

	if (!q)
		return;
	q->has_base = true;
	q->base = said->p.state.num;
}

static void keep_enable(struct hold_session *s, struct vu_message *said,
			const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.state.index);

	if (!q)
		return;
	q->has_enable = true;
	q->enable = said->p.state.num;
}

static void forget_vring_fd(struct hold_session *s, struct hold_vring_fd *v)
{
	drop_fd(s, &v->fd);
	v->said = false;
}

static void stop_queue(struct hold_session *s, struct hold_queue *q)
{
	forget_vring_fd(s, &q->kick);
	forget_vring_fd(s, &q->call);
	forget_vring_fd(s, &q->err);
	q->inband = false;
}

static void keep_stopped(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.state.index);

	if (!q)
		return;
	stop_queue(s, q);
	if (answer->hdr.size < sizeof(answer->p.state))
		return;
	q->has_base = true;
	q->base = answer->p.state.num;
}

static void keep_vring_fd(struct hold_session *s, struct vu_message *said,
			  struct hold_vring_fd *v)
{
	drop_fd(s, &v->fd);
	v->said = true;
	v->u64 = said->p.u64;
	if (!(v->u64 & VU_VRING_NOFD))
		v->fd = vu_message_steal_fd(said, 0);
}

static void keep_kick(struct hold_session *s, struct vu_message *said,
		      const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.u64 & VU_VRING_INDEX_MASK);

	if (q)
		keep_vring_fd(s, said, &q->kick);
}

static void keep_call(struct hold_session *s, struct vu_message *said,
		      const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.u64 & VU_VRING_INDEX_MASK);

	if (q)
		keep_vring_fd(s, said, &q->call);
}

static void keep_err(struct hold_session *s, struct vu_message *said,
		     const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.u64 & VU_VRING_INDEX_MASK);

	if (q)
		keep_vring_fd(s, said, &q->err);
}

static void keep_inband(struct hold_session *s, struct vu_message *said,
			const struct vu_message *answer)
{
	struct hold_queue *q = queue_of(s, said->p.state.index);

	if (q)
		q->inband = true;
}

/* --- the device --- */

static void reset_queues(struct hold_session *s)
{
	for (unsigned int i = 0; i < HOLD_QUEUES_MAX; i++) {
		stop_queue(s, &s->queue[i]);
		s->queue[i].has_base = false;
	}
	s->status = 0;
	memset(&s->config, 0, sizeof(s->config));
}

static void keep_reset(struct hold_session *s, struct vu_message *said,
		       const struct vu_message *answer)
{
	reset_queues(s);
	keep_reset_owner(s, said, answer);
}

static void keep_status(struct hold_session *s, struct vu_message *said,
			const struct vu_message *answer)
{
	if (!said->p.u64)
		reset_queues(s);
	s->status = said->p.u64;
}

static void keep_config(struct hold_session *s, struct vu_message *said,
			const struct vu_message *answer)
{
	const struct vu_config *config = &said->p.config;
	const uint8_t *data = said->p.bytes + sizeof(*config);

	if ((uint64_t)sizeof(*config) + config->size > said->hdr.size)
		return;
	for (uint32_t i = config->offset;
	     i < HOLD_CONFIG_MAX && i - config->offset < config->size; i++) {
		s->config.written[i] = true;
		s->config.value[i] = data[i - config->offset];
	}
	s->config.flags = config->flags;
}

static void keep_file(struct hold_session *s, struct vu_message *said,
		      struct hold_file *file)
{
	drop_fd(s, &file->fd);
	file->fd = vu_message_steal_fd(said, 0);
	file->size = said->hdr.size;
}

static void keep_log(struct hold_session *s, struct vu_message *said,
		     const struct vu_message *answer)
{
	keep_file(s, said, &s->log);
	s->log.log = said->p.log;
}

static void keep_log_call(struct hold_session *s, struct vu_message *said,
			  const struct vu_message *answer)
{
	keep_file(s, said, &s->log_call);
}

static void keep_inflight(struct hold_session *s, struct vu_message *said,
			  const struct vu_message *answer)
{
	keep_file(s, said, &s->inflight);
	s->inflight.inflight = said->p.inflight;
}

/* --- what no other back-end can continue --- */

static void keep_transfer(struct hold_session *s, struct vu_message *said,
			  const struct vu_message *answer)
{
	s->transfer =
		answer->p.u64 & 0xff ? HOLD_TRANSFER_NONE : HOLD_TRANSFER_RUNS;
}

static void keep_checked(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	s->transfer = HOLD_TRANSFER_NONE;
}

static void keep_advised(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	s->postcopy = true;
}

static void keep_listening(struct hold_session *s, struct vu_message *said,
			   const struct vu_message *answer)
{
	s->listening = true;
}

static void keep_arrived(struct hold_session *s, struct vu_message *said,
			 const struct vu_message *answer)
{
	s->postcopy = s->listening = false;
}

/* clang-format off */
#define ROW(REQ, ANSWER, KEEP) [VU_##REQ] = { #REQ, HOLD_##ANSWER, KEEP }

static const struct hold_row rows[] = {
	ROW(GET_FEATURES, ANSWERED, NULL),
	ROW(SET_FEATURES, ACKED, keep_features),
	ROW(SET_OWNER, ACKED, keep_owner),
	ROW(RESET_OWNER, ACKED, keep_reset_owner),
	ROW(SET_MEM_TABLE, ACKED, keep_table),
	ROW(SET_LOG_BASE, ANSWERED, keep_log),
	ROW(SET_LOG_FD, ACKED, keep_log_call),
	ROW(SET_VRING_NUM, ACKED, keep_num),
	ROW(SET_VRING_ADDR, ACKED, keep_addr),
	ROW(SET_VRING_BASE, ACKED, keep_base),
	ROW(GET_VRING_BASE, ANSWERED, keep_stopped),
	ROW(SET_VRING_KICK, ACKED, keep_kick),
	ROW(SET_VRING_CALL, ACKED, keep_call),
	ROW(SET_VRING_ERR, ACKED, keep_err),
	ROW(GET_PROTOCOL_FEATURES, ANSWERED, NULL),
	ROW(SET_PROTOCOL_FEATURES, ACKED, keep_protocol),
	ROW(GET_QUEUE_NUM, ANSWERED, NULL),
	ROW(SET_VRING_ENABLE, ACKED, keep_enable),
	ROW(SET_BACKEND_REQ_FD, ACKED, keep_channel),
	/* The next back-end asks for its translations itself. */
	ROW(IOTLB_MSG, ANSWERED, NULL),
	ROW(GET_CONFIG, ANSWERED, NULL),
	ROW(SET_CONFIG, ACKED, keep_config),
	ROW(POSTCOPY_ADVISE, ANSWERED, keep_advised),
	ROW(POSTCOPY_LISTEN, ACKED, keep_listening),
	ROW(POSTCOPY_END, ANSWERED, keep_arrived),
	/* Its region belongs to the front-end, which then sets it. */
	ROW(GET_INFLIGHT_FD, ANSWERED, NULL),
	ROW(SET_INFLIGHT_FD, ACKED, keep_inflight),
	ROW(RESET_DEVICE, ACKED, keep_reset),
	ROW(VRING_KICK, ACKED, keep_inband),
	ROW(GET_MAX_MEM_SLOTS, ANSWERED, NULL),
	ROW(ADD_MEM_REG, ACKED, keep_region),
	ROW(REM_MEM_REG, ACKED, keep_no_region),
	ROW(SET_STATUS, ACKED, keep_status),
	ROW(GET_STATUS, ANSWERED, NULL),
	ROW(SET_DEVICE_STATE_FD, ANSWERED, keep_transfer),
	ROW(CHECK_DEVICE_STATE, ANSWERED, keep_checked),
};
/* clang-format on */

const struct hold_row *hold_row_of(uint32_t request)
{
	if (request >= sizeof(rows) / sizeof(*rows) || !rows[request].name)
		return NULL;
	return &rows[request];
}

const char *hold_row_name(uint32_t request, char buf[24])
{
	const struct hold_row *row = hold_row_of(request);

	if (row)
		return row->name;
	snprintf(buf, 24, "request %u", request);
	return buf;
}
