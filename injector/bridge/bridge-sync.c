/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the steps: what ends comes before what begins, so that a
 * back-end never uses memory that was taken back, nor a queue of a driver that
 * is gone.
 */
#include <stdio.h>
#include <string.h>
#include "injector/bridge/bridge-memory.h"
#include "injector/bridge/bridge-start.h"
#include "injector/bridge/bridge-sync.h"
#include "injector/hold/hold-rows.h"

#define BIT(n) (UINT64_C(1) << (n))

/* What is used of a back-end, if it offers it. */
#define PROTOCOL_WANTED                                               \
	(BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_REPLY_ACK) |       \
	 BIT(VU_PROTOCOL_F_BACKEND_REQ) | BIT(VU_PROTOCOL_F_CONFIG) | \
	 BIT(VU_PROTOCOL_F_RESET_DEVICE) |                            \
	 BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS))

static enum bridge_next make_u64(struct vu_message *msg, uint32_t request,
				 uint64_t value)
{
	bridge_sync_make(msg, request, sizeof(msg->p.u64));
	msg->p.u64 = value;
	return BRIDGE_NEXT_SEND;
}

static enum bridge_next make_empty(struct vu_message *msg, uint32_t request)
{
	bridge_sync_make(msg, request, 0);
	return BRIDGE_NEXT_SEND;
}

static bool has_protocol(const struct bridge_sync *s, unsigned int bit)
{
	return vu_feature_in(s->protocol, bit);
}

/* --- negotiation --- */

enum {
	GREET_FEATURES,
	GREET_OWNER,
	GREET_GET_PROTOCOL,
	GREET_SET_PROTOCOL,
	GREET_CHANNEL,
	GREET_SLOTS,
	GREET_DONE,
};

bool bridge_sync_greeted(const struct bridge_sync *s)
{
	return s->greeting == GREET_DONE && !s->asked;
}

static enum bridge_next sync_greet(struct bridge_sync *s,
				   struct vu_message *msg)
{
	switch (s->greeting++) {
	case GREET_FEATURES:
		return make_empty(msg, VU_GET_FEATURES);
	case GREET_OWNER:
		return make_empty(msg, VU_SET_OWNER);
	case GREET_GET_PROTOCOL:
		if (vu_feature_in(s->offered, VU_F_PROTOCOL_FEATURES))
			return make_empty(msg, VU_GET_PROTOCOL_FEATURES);
		__attribute__((fallthrough));
	case GREET_SET_PROTOCOL:
		if (has_protocol(s, VU_PROTOCOL_F_CONFIG))
			return make_u64(msg, VU_SET_PROTOCOL_FEATURES,
					s->protocol);
		s->why = "the back-end offers no configuration (protocol "
			 "feature CONFIG): it is not an input device";
		return BRIDGE_NEXT_FAIL;
	case GREET_CHANNEL:
		if (!has_protocol(s, VU_PROTOCOL_F_BACKEND_REQ))
			break;
		return make_empty(msg, VU_SET_BACKEND_REQ_FD);
	case GREET_SLOTS:
		if (!has_protocol(s, VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS))
			break;
		return make_empty(msg, VU_GET_MAX_MEM_SLOTS);
	}
	return BRIDGE_NEXT_DONE;
}

/* --- queues and the driver's life --- */

static bool driver_runs(const struct bridge_sync *s)
{
	return s->pci->status & VIRTIO_STATUS_DRIVER_OK &&
	       !(s->pci->status & VIRTIO_STATUS_NEEDS_RESET);
}

/* Behind an IOMMU a back-end waits itself for what is not mapped. */
static bool queue_should_run(struct bridge_sync *s, unsigned int i)
{
	return driver_runs(s) && s->pci->queue[i].enabled &&
	       (bridge_translates(s) || bridge_start_is_mapped(s, i));
}

static enum bridge_next stop_queues(struct bridge_sync *s,
				    struct vu_message *msg)
{
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++) {
		if (!s->queue[i].step || queue_should_run(s, i))
			continue;
		s->queue[i].step = 0;
		s->stopping = i;
		bridge_sync_make(msg, VU_GET_VRING_BASE, sizeof(msg->p.state));
		msg->p.state = (struct vu_vring_state){ .index = i };
		return BRIDGE_NEXT_SEND;
	}
	return BRIDGE_NEXT_DONE;
}

static enum bridge_next reset_device(struct bridge_sync *s,
				     struct vu_message *msg)
{
	if (!s->dirty || s->pci->status)
		return BRIDGE_NEXT_DONE;
	s->dirty = false;
	s->features = 0;
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++)
		s->queue[i].has_base = false;
	if (!has_protocol(s, VU_PROTOCOL_F_RESET_DEVICE))
		return BRIDGE_NEXT_DONE;
	return make_empty(msg, VU_RESET_DEVICE);
}

/*
 * Without acks nobody knows when the back-end has let go of a translation, so
 * each map is a region then.
 */
static uint64_t usable_features(const struct bridge_sync *s)
{
	uint64_t usable = s->offered & BRIDGE_FEATURES;

	if (!has_protocol(s, VU_PROTOCOL_F_REPLY_ACK))
		usable &= ~BIT(VIRTIO_F_ACCESS_PLATFORM);
	return usable;
}

/* The driver's rings are laid out as these features say. */
static bool lacks_features(const struct bridge_sync *s)
{
	return s->pci->accepted &
	       ~(usable_features(s) | BIT(VIRTIO_F_ACCESS_PLATFORM));
}

static enum bridge_next set_features(struct bridge_sync *s,
				     struct vu_message *msg)
{
	const uint64_t features = (s->pci->accepted & usable_features(s)) |
				  (s->offered & BIT(VU_F_PROTOCOL_FEATURES));

	if (!driver_runs(s))
		return BRIDGE_NEXT_DONE;
	if (lacks_features(s)) {
		s->why = "the back-end does not offer features that the "
			 "driver has accepted";
		return BRIDGE_NEXT_FAIL;
	}
	if (s->features == features)
		return BRIDGE_NEXT_DONE;
	s->features = features;
	s->dirty = true;
	return make_u64(msg, VU_SET_FEATURES, features);
}

static enum bridge_next share_memory(struct bridge_sync *s,
				     struct vu_message *msg)
{
	return driver_runs(s) ? bridge_memory_add(s, msg) : BRIDGE_NEXT_DONE;
}

static enum bridge_next unshare_memory(struct bridge_sync *s,
				       struct vu_message *msg)
{
	return bridge_memory_remove(s, msg, driver_runs(s));
}

static enum bridge_next start_queues(struct bridge_sync *s,
				     struct vu_message *msg)
{
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++) {
		enum bridge_next next = BRIDGE_NEXT_DONE;

		if (queue_should_run(s, i))
			next = bridge_start_queue(s, i, msg);
		if (next != BRIDGE_NEXT_DONE)
			return next;
	}
	return BRIDGE_NEXT_DONE;
}

void bridge_sync_vectors_changed(struct bridge_sync *s)
{
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++)
		s->queue[i].call_told = false;
}

/* --- configuration --- */

void bridge_sync_written(struct bridge_sync *s, size_t offset,
			 const uint8_t *from, size_t len)
{
	/* A driver may write nothing else (virtio 1.3 §5.8.4). */
	for (size_t i = 0; i < len && offset + i < sizeof(s->select); i++) {
		s->select[offset + i] = from[i];
		s->tells_select = true;
	}
}

static void make_config(struct vu_message *msg, uint32_t request,
			const struct vu_config *config)
{
	bridge_sync_make(msg, request,
			 (uint32_t)sizeof(*config) + config->size);
	memset(msg->p.bytes, 0, msg->hdr.size);
	msg->p.config = *config;
}

static enum bridge_next write_config(struct bridge_sync *s,
				     struct vu_message *msg)
{
	static const struct vu_config both = { .size = sizeof(s->select) };

	if (!s->tells_select)
		return BRIDGE_NEXT_DONE;
	s->tells_select = false;
	make_config(msg, VU_SET_CONFIG, &both);
	memcpy(msg->p.bytes + sizeof(both), s->select, sizeof(s->select));
	return BRIDGE_NEXT_SEND;
}

static enum bridge_next read_config(struct bridge_sync *s,
				    struct vu_message *msg)
{
	static const struct vu_config all = { .size = BRIDGE_CONFIG_LEN };

	if (!s->wants_config)
		return BRIDGE_NEXT_DONE;
	s->wants_config = false;
	make_config(msg, VU_GET_CONFIG, &all);
	return BRIDGE_NEXT_SEND;
}

/* --- what is next --- */

/* Its answer means that all before it was done. */
static enum bridge_next sync_confirm(struct bridge_sync *s,
				     struct vu_message *msg)
{
	if (!s->unconfirmed)
		return BRIDGE_NEXT_DONE;
	s->unconfirmed = false;
	return make_empty(msg, VU_GET_FEATURES);
}

typedef enum bridge_next step_fn(struct bridge_sync *s, struct vu_message *msg);

static step_fn *const steps[] = {
	stop_queues,
	reset_device,
	bridge_memory_invalidate,
	unshare_memory,
	set_features,
	share_memory,
	start_queues,
	write_config,
	read_config,
	bridge_memory_translate,
	sync_confirm,
};

void bridge_sync_begin(struct bridge_sync *s)
{
	const struct bridge_sync fresh = {
		.pci = s->pci,
		.dma = s->dma,
		.kick = { s->kick[0], s->kick[1] },
		.vector_fd = s->vector_fd,
		.arg = s->arg,
		.slots = VU_MEM_TABLE_MAX,
		.select = { s->select[0], s->select[1] },
		.tells_select = s->select[0] || s->select[1],
	};

	*s = fresh;
}

/* Return: whether a request is answered, whatever was negotiated. */
static bool is_question(uint32_t request)
{
	switch (request) {
	case VU_GET_FEATURES:
	case VU_GET_PROTOCOL_FEATURES:
	case VU_GET_MAX_MEM_SLOTS:
	case VU_GET_VRING_BASE:
	case VU_GET_CONFIG:
		return true;
	}
	return false;
}

static void expect_answer(struct bridge_sync *s, struct vu_message *msg)
{
	const bool question = is_question(msg->hdr.request);
	/* It is negotiated with this very message. */
	const bool acks = has_protocol(s, VU_PROTOCOL_F_REPLY_ACK) &&
			  s->greeting > GREET_CHANNEL;

	if (!question && acks)
		msg->hdr.flags |= VU_FLAG_NEED_REPLY;
	s->asked = question || acks ? msg->hdr.request : 0;
	s->unconfirmed |= !s->asked && s->greeting == GREET_DONE;
}

enum bridge_next bridge_sync_next(struct bridge_sync *s, struct vu_message *msg)
{
	enum bridge_next next = BRIDGE_NEXT_DONE;

	if (s->asked)
		return BRIDGE_NEXT_WAIT;
	while (next == BRIDGE_NEXT_DONE && s->greeting != GREET_DONE)
		next = sync_greet(s, msg);
	for (size_t i = 0;
	     next == BRIDGE_NEXT_DONE && i < sizeof(steps) / sizeof(*steps);
	     i++)
		next = steps[i](s, msg);
	if (next == BRIDGE_NEXT_SEND)
		expect_answer(s, msg);
	return next;
}

/* --- answers --- */

static int sync_fail(struct bridge_sync *s, int error, const char *why)
{
	s->why = why;
	return error;
}

static int take_config(struct bridge_sync *s, const struct vu_message *answer)
{
	const size_t len = sizeof(struct vu_config) + BRIDGE_CONFIG_LEN;

	if (answer->hdr.size != len)
		return sync_fail(
			s, BRIDGE_E_REFUSED,
			"the back-end has no configuration of an input "
			"device (GET_CONFIG)");
	memcpy(s->config, answer->p.bytes + sizeof(struct vu_config),
	       sizeof(s->config));
	return 0;
}

static int take_ack(struct bridge_sync *s, uint32_t asked,
		    const struct vu_message *answer)
{
	char name[24];

	/* A guest may map what is not shared: it is not translated then. */
	if (!answer->p.u64 || asked == VU_IOTLB_MSG)
		return 0;
	snprintf(s->text, sizeof(s->text), "the back-end refuses %s",
		 hold_row_name(asked, name));
	return sync_fail(s, BRIDGE_E_REFUSED, s->text);
}

static int take_base(struct bridge_sync *s, const struct vu_message *answer)
{
	struct bridge_queue *q = &s->queue[s->stopping];

	q->has_base = true;
	q->base = answer->p.state.num;
	return 0;
}

static int take_u64(struct bridge_sync *s, uint32_t asked,
		    const struct vu_message *answer)
{
	const uint64_t value = answer->p.u64;

	if (answer->hdr.size != sizeof(value))
		return sync_fail(s, BRIDGE_E_ANSWER,
				 "the back-end's answer has an invalid size");
	switch (asked) {
	case VU_GET_FEATURES:
		/* Later it only confirms: see sync_confirm(). */
		if (s->greeting != GREET_DONE)
			s->offered = value;
		return 0;
	case VU_GET_PROTOCOL_FEATURES:
		s->protocol = value & PROTOCOL_WANTED;
		return 0;
	case VU_GET_MAX_MEM_SLOTS:
		s->slots =
			value < BRIDGE_REGIONS_MAX ? value : BRIDGE_REGIONS_MAX;
		return 0;
	case VU_GET_VRING_BASE:
		return take_base(s, answer);
	}
	return take_ack(s, asked, answer);
}

int bridge_sync_answer(struct bridge_sync *s, const struct vu_message *answer)
{
	const uint32_t asked = s->asked;

	if (!asked || answer->hdr.request != asked)
		return sync_fail(s, BRIDGE_E_ANSWER,
				 "the back-end answers what was not asked");
	s->asked = 0;
	return asked == VU_GET_CONFIG ? take_config(s, answer)
				      : take_u64(s, asked, answer);
}
