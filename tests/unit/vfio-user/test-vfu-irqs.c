/* SPDX-License-Identifier: Apache-2.0 */
/* SET_IRQS; fds are numbers here. */
#include <errno.h>
#include <string.h>
#include "injector/vfio-user/vfu-irqs.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define VECTORS	 3
#define EVENTFD	 (VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_TRIGGER)
#define TRIGGER	 (VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER)
#define BOOLEANS (VFU_SET_DATA_BOOL | VFU_SET_ACTION_TRIGGER)

static struct vfu_irqs irqs;
static struct vfu_message msg;
static uint64_t fire;
static int dropped[8], n_dropped;

static void drop(void *arg, int fd)
{
	dropped[n_dropped++] = fd;
}

static int setup(void **state)
{
	n_dropped = 0;
	fill_with_garbage(&irqs);
	vfu_irqs_init(&irqs, VECTORS, drop, NULL);
	return 0;
}

static int set(uint32_t flags, uint32_t index, uint32_t start, uint32_t count)
{
	memset(&msg, 0, sizeof(msg));
	msg.hdr.command = VFU_DEVICE_SET_IRQS;
	msg.hdr.size = sizeof(msg.hdr) + sizeof(msg.p.set);
	msg.p.set = (struct vfu_irq_set){ sizeof(msg.p.set), flags, index,
					  start, count };
	return vfu_irqs_set(&irqs, &msg, &fire);
}

static int set_fds(uint32_t start, uint32_t count, int first)
{
	memset(&msg, 0, sizeof(msg));
	msg.p.set = (struct vfu_irq_set){ sizeof(msg.p.set), EVENTFD,
					  VFU_PCI_MSIX, start, count };
	for (msg.n_fds = 0; msg.n_fds < count; msg.n_fds++)
		msg.fds[msg.n_fds] = first + (int)msg.n_fds;
	return vfu_irqs_set(&irqs, &msg, &fire);
}

static void only_msix_has_interrupts(void **state)
{
	for (uint32_t i = 0; i < VFU_PCI_IRQS; i++)
		assert_num(vfu_irqs_count(&irqs, i),
			   i == VFU_PCI_MSIX ? VECTORS : 0);
}

static void vectors_get_their_event_fds(void **state)
{
	assert_num(set_fds(1, 2, 10), 0);
	assert_num(irqs.fd[0], -1);
	assert_num(irqs.fd[1], 10);
	assert_num(irqs.fd[2], 11);
	assert_num(msg.n_fds, 0);
	assert_num(n_dropped, 0);
}

static void an_event_fd_is_replaced_and_taken_away(void **state)
{
	assert_num(set_fds(0, 1, 10), 0);
	assert_num(set_fds(0, 1, 20), 0);
	assert_num(dropped[0], 10);
	assert_num(set(EVENTFD, VFU_PCI_MSIX, 0, 1), 0);
	assert_num(dropped[1], 20);
	assert_num(irqs.fd[0], -1);
}

static void all_are_disabled_at_once(void **state)
{
	assert_num(set_fds(0, 3, 10), 0);
	assert_num(set(TRIGGER, VFU_PCI_MSIX, 0, 0), 0);
	assert_num(n_dropped, 3);
	assert_num(fire, 0);
	/* QEMU does so for kinds of which there are none. */
	assert_num(set(TRIGGER, VFU_PCI_INTX, 0, 0), 0);
}

static void vectors_that_there_are_not_are_refused(void **state)
{
	assert_num(set_fds(1, 3, 10), EINVAL);
	assert_num(msg.n_fds, 3);
	assert_num(set_fds(4, 0, 10), EINVAL);
	assert_num(set(TRIGGER, VFU_PCI_MSIX, UINT32_MAX, 2), EINVAL);
	assert_num(set(TRIGGER, VFU_PCI_MSI, 0, 1), EINVAL);
	assert_num(set(TRIGGER, 77, 0, 1), EINVAL);
}

static void a_vector_cannot_be_masked_by_the_server(void **state)
{
	assert_num(set(VFU_SET_DATA_NONE | VFU_SET_ACTION_MASK, VFU_PCI_MSIX, 0,
		       1),
		   EINVAL);
}

static void a_client_may_signal_itself(void **state)
{
	assert_num(set(TRIGGER, VFU_PCI_MSIX, 1, 2), 0);
	assert_num(fire, 6);
	memset(&msg, 0, sizeof(msg));
	msg.p.set = (struct vfu_irq_set){ 23, BOOLEANS, VFU_PCI_MSIX, 0, 3 };
	msg.p.bytes[sizeof(msg.p.set) + 2] = 1;
	assert_num(vfu_irqs_set(&irqs, &msg, &fire), 0);
	assert_num(fire, 4);
}

#define test(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(only_msix_has_interrupts),
		test(vectors_get_their_event_fds),
		test(an_event_fd_is_replaced_and_taken_away),
		test(all_are_disabled_at_once),
		test(vectors_that_there_are_not_are_refused),
		test(a_vector_cannot_be_masked_by_the_server),
		test(a_client_may_signal_itself),
	};

	return cmocka_run_group_tests_name("vfu-irqs", tests, NULL, NULL);
}
