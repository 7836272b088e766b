/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/vfio-user/vfu-message.h"

struct row {
	const char *name;
	size_t min, max; /* of the payload */
	unsigned int fds_max;
};

/* clang-format off */
#define EXACTLY(COMMAND, TYPE, FDS) [VFU_##COMMAND] = \
	{ #COMMAND, sizeof(struct TYPE), sizeof(struct TYPE), FDS }
#define AT_LEAST(COMMAND, TYPE, FDS) [VFU_##COMMAND] = \
	{ #COMMAND, sizeof(struct TYPE), VFU_PAYLOAD_MAX, FDS }

static const struct row message_rows[] = {
	AT_LEAST(VERSION, vfu_version, 0),
	EXACTLY(DMA_MAP, vfu_dma_map, 1),
	AT_LEAST(DMA_UNMAP, vfu_dma_unmap, 0),
	EXACTLY(DEVICE_GET_INFO, vfu_device_info, 0),
	AT_LEAST(DEVICE_GET_REGION_INFO, vfu_region_info, 0),
	EXACTLY(DEVICE_GET_IRQ_INFO, vfu_irq_info, 0),
	AT_LEAST(DEVICE_SET_IRQS, vfu_irq_set, VFU_FDS_MAX),
	EXACTLY(REGION_READ, vfu_access, 0),
	AT_LEAST(REGION_WRITE, vfu_access, 0),
	[VFU_DEVICE_RESET] = { "DEVICE_RESET", 0, 0, 0 },
};
/* clang-format on */

static const struct row *message_row_of(unsigned int command)
{
	if (command >= sizeof(message_rows) / sizeof(*message_rows) ||
	    !message_rows[command].name)
		return NULL;
	return &message_rows[command];
}

const char *vfu_command_name(unsigned int command)
{
	const struct row *row = message_row_of(command);

	return row ? row->name : NULL;
}

const char *vfu_header_check(const struct vfu_header *hdr)
{
	if ((hdr->flags & VFU_TYPE_MASK) != VFU_TYPE_COMMAND)
		return "a message that is not a command";
	if (hdr->size < sizeof(*hdr))
		return "a message shorter than its header";
	if (hdr->size - sizeof(*hdr) > VFU_PAYLOAD_MAX)
		return "a message longer than max_data_xfer_size allows";
	return NULL;
}

/* The data of an access are all there, and no more than that. */
static bool access_fits(const struct vfu_message *msg)
{
	const struct vfu_access *access = &msg->p.access;
	const size_t data = msg->hdr.command == VFU_REGION_WRITE
				    ? vfu_message_len(msg) - sizeof(*access)
				    : access->count;

	return access->count == data && data <= VFU_DATA_MAX;
}

static bool set_fits(const struct vfu_message *msg)
{
	const struct vfu_irq_set *set = &msg->p.set;
	const size_t data = vfu_message_len(msg) - sizeof(*set);

	switch (set->flags & VFU_SET_DATA_MASK) {
	case VFU_SET_DATA_NONE:
		return !msg->n_fds;
	case VFU_SET_DATA_BOOL:
		return !msg->n_fds && data >= set->count;
	case VFU_SET_DATA_EVENTFD:
		return !msg->n_fds || msg->n_fds == set->count;
	}
	return false;
}

static bool map_fits(const struct vfu_message *msg)
{
	return !(msg->p.map.flags & ~(VFU_DMA_READABLE | VFU_DMA_WRITEABLE));
}

int vfu_message_check(const struct vfu_message *msg, bool negotiated)
{
	const struct row *row = message_row_of(msg->hdr.command);

	if ((msg->hdr.command == VFU_VERSION) == negotiated)
		return EPROTO;
	if (!row)
		return ENOTSUP;
	if (vfu_message_len(msg) < row->min ||
	    vfu_message_len(msg) > row->max || msg->n_fds > row->fds_max)
		return EINVAL;
	switch (msg->hdr.command) {
	case VFU_DMA_MAP:
		return map_fits(msg) ? 0 : EINVAL;
	case VFU_REGION_READ:
	case VFU_REGION_WRITE:
		return access_fits(msg) ? 0 : EINVAL;
	case VFU_DEVICE_SET_IRQS:
		return set_fits(msg) ? 0 : EINVAL;
	}
	return 0;
}

void vfu_message_reply(struct vfu_message *msg, size_t len)
{
	msg->hdr.size = (uint32_t)(sizeof(msg->hdr) + len);
	msg->hdr.flags = VFU_TYPE_REPLY;
	msg->hdr.error = 0;
	msg->n_fds = 0;
}

void vfu_message_refuse(struct vfu_message *msg, int error)
{
	vfu_message_reply(msg, 0);
	msg->hdr.flags |= VFU_FLAG_ERROR;
	msg->hdr.error = (uint32_t)error;
}
