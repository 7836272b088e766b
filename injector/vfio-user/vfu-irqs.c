/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include "injector/vfio-user/vfu-irqs.h"

_Static_assert(VFU_VECTORS_MAX <= 64, "a bit for each vector");

void vfu_irqs_init(struct vfu_irqs *irqs, unsigned int n,
		   void (*drop)(void *arg, int fd), void *arg)
{
	*irqs = (struct vfu_irqs){ .drop = drop, .arg = arg, .n = n };
	for (unsigned int i = 0; i < VFU_VECTORS_MAX; i++)
		irqs->fd[i] = -1;
}

static void irqs_assign(struct vfu_irqs *irqs, unsigned int i, int fd)
{
	if (irqs->fd[i] >= 0)
		irqs->drop(irqs->arg, irqs->fd[i]);
	irqs->fd[i] = fd;
}

void vfu_irqs_fini(struct vfu_irqs *irqs)
{
	for (unsigned int i = 0; i < irqs->n; i++)
		irqs_assign(irqs, i, -1);
}

unsigned int vfu_irqs_count(const struct vfu_irqs *irqs, uint32_t index)
{
	return index == VFU_PCI_MSIX ? irqs->n : 0;
}

/* "If no file descriptors are provided, this de-assigns" them. */
static void irqs_assign_all(struct vfu_irqs *irqs, struct vfu_message *msg)
{
	const struct vfu_irq_set *set = &msg->p.set;

	for (unsigned int i = 0; i < set->count; i++)
		irqs_assign(irqs, set->start + i,
			    i < msg->n_fds ? msg->fds[i] : -1);
	msg->n_fds = 0;
}

static uint64_t irqs_to_fire(const struct vfu_message *msg)
{
	const struct vfu_irq_set *set = &msg->p.set;
	const uint8_t *wanted = msg->p.bytes + sizeof(*set);
	uint64_t fire = 0;

	for (unsigned int i = 0; i < set->count; i++)
		if (set->flags & VFU_SET_DATA_NONE || wanted[i])
			fire |= UINT64_C(1) << (set->start + i);
	return fire;
}

int vfu_irqs_set(struct vfu_irqs *irqs, struct vfu_message *msg, uint64_t *fire)
{
	const struct vfu_irq_set *set = &msg->p.set;
	const unsigned int n = vfu_irqs_count(irqs, set->index);

	*fire = 0;
	if (set->start > n || set->count > n - set->start)
		return EINVAL;
	/* QEMU disables also the kinds of interrupts that there are none of. */
	if (set->flags & VFU_SET_DATA_NONE && !set->count) {
		if (set->index == VFU_PCI_MSIX)
			vfu_irqs_fini(irqs);
		return 0;
	}
	if ((set->flags & VFU_SET_ACTIONS) != VFU_SET_ACTION_TRIGGER)
		return EINVAL;
	if (set->flags & VFU_SET_DATA_EVENTFD)
		irqs_assign_all(irqs, msg);
	else
		*fire = irqs_to_fire(msg);
	return 0;
}
