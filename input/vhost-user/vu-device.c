/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/fd.h"
#include "input/vhost-user/vu-device.h"
#include "input/vhost-user/vu-iotlb.h"
#include "input/vhost-user/vu-notify.h"
#include "input/vhost-user/vu-queue.h"

int vu_set_owner(struct vu_backend *be, struct vu_message *msg,
		 struct vu_queue *q)
{
	return 0; /* the one connection is the owner */
}

/* "Used to be sent to request disabling all rings": and no more than that. */
int vu_reset_owner(struct vu_backend *be, struct vu_message *msg,
		   struct vu_queue *q)
{
	for (unsigned int i = 0; i < be->n_queues; i++)
		be->queue[i].enabled = false;
	return 0;
}

int vu_reset_device(struct vu_backend *be, struct vu_message *msg,
		    struct vu_queue *q)
{
	vu_queue_reset_all(be);
	for (unsigned int i = 0; i < be->n_queues; i++) {
		be->queue[i].enabled = false;
		be->queue[i].stopped = false;
	}
	be->status = 0;
	be->ops->reset(be->arg);
	return 0;
}

/*
 * How many bytes of the request lie in the configuration space. A VMM may pass
 * on the guest's own accesses unchecked, and what a driver does past the end
 * (virtio 1.3 §2.5.1) must harm nobody but itself.
 */
static uint32_t config_inside(const struct vu_backend *be,
			      const struct vu_config *config)
{
	if (config->offset >= be->config_len)
		return 0;
	const uint32_t room = be->config_len - config->offset;

	return config->size < room ? config->size : room;
}

static bool config_has_size(const struct vu_message *msg)
{
	return msg->hdr.size == sizeof(struct vu_config) + msg->p.config.size;
}

static uint8_t *config_data(struct vu_message *msg)
{
	return msg->p.bytes + sizeof(struct vu_config);
}

int vu_get_config(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	const struct vu_config *config = &msg->p.config;
	const uint32_t inside = config_inside(be, config);

	if (!config_has_size(msg))
		return vu_fail(
			be, "payload of %u bytes for %u bytes of configuration",
			msg->hdr.size, config->size);
	/*
	 * Deviation: "zero length to indicate an error" only where no bytes are
	 * asked for. rust-vmm's front-end waits for the others for ever, and
	 * its VMM with it, so what is outside reads as 0.
	 */
	if (!config->size)
		msg->hdr.size = 0;
	memset(config_data(msg), 0, config->size);
	if (inside)
		be->ops->config_read(be->arg, config->offset, config_data(msg),
				     inside);
	return 0;
}

int vu_set_config(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	const struct vu_config *config = &msg->p.config;
	const uint32_t inside = config_inside(be, config);

	if (!config_has_size(msg))
		return vu_fail(
			be, "payload of %u bytes for %u bytes of configuration",
			msg->hdr.size, config->size);
	if (inside)
		be->ops->config_write(be->arg, config->offset, config_data(msg),
				      inside);
	return 0;
}

int vu_set_status(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	if (msg->p.u64 > UINT8_MAX)
		return vu_fail(be, "invalid device status 0x%llx: has 8 bits",
			       (unsigned long long)msg->p.u64);
	if (!msg->p.u64) {
		/* A reset (virtio 1.3 §2.1.2, §4.1.4.3.1). */
		be->status = 0;
		vu_queue_reset_all(be);
		be->ops->reset(be->arg);
		return 0;
	}
	/* Only a reset clears this one. */
	be->status &= VIRTIO_STATUS_NEEDS_RESET;
	be->status |= (uint8_t)msg->p.u64;
	/* VERSION_1 is required: this rejects the features (§3.1.1, §6.2). */
	if (!vu_has_feature(be, VIRTIO_F_VERSION_1))
		be->status &= (uint8_t)~VIRTIO_STATUS_FEATURES_OK;
	return 0;
}

int vu_get_status(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	msg->p.u64 = be->status;
	return 0;
}

/* The front-end's pipe is used: no fd is returned. */
int vu_set_device_state_fd(struct vu_backend *be, struct vu_message *msg,
			   struct vu_queue *q)
{
	const struct vu_device_state what = msg->p.device_state;
	bool good = be->ops->state_transfer(be->arg, &what,
					    vu_message_steal_fd(msg, 0));

	msg->p.u64 = VU_TRANSFER_NOFD | !good;
	return 0;
}

int vu_check_device_state(struct vu_backend *be, struct vu_message *msg,
			  struct vu_queue *q)
{
	msg->p.u64 = !be->ops->state_check(be->arg);
	return 0;
}

int vu_get_queue_num(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	msg->p.u64 = be->n_queues;
	return 0;
}

int vu_set_backend_req_fd(struct vu_backend *be, struct vu_message *msg,
			  struct vu_queue *q)
{
	if (fd_sockopt(msg->fds[0], SO_TYPE) != SOCK_STREAM)
		return vu_fail(be, "its fd is not a stream socket");
	vu_channel_open(&be->channel, vu_message_steal_fd(msg, 0));
	vu_iotlb_ask_again(be);
	/* Notifications that had no way until now. */
	for (unsigned int i = 0; i < be->n_queues; i++) {
		q = &be->queue[i];
		if (q->running && q->call_fd < 0 && vring_has_history(&q->ring))
			vu_notify_driver(be, q);
		if (q->broken && q->err_fd < 0)
			vu_notify_broken(be, q);
	}
	return 0;
}
