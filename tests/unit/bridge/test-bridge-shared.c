/* SPDX-License-Identifier: Apache-2.0 */
/* Is a driver's first buffer in the file that stands for its memory? */
#include <sys/mman.h>
#include <unistd.h>
#include "injector/bridge/bridge-shared.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-watchdog.h"

#define PAGE   4096
#define RING   0x10000 /* in guest memory; 0 in its file */
#define PACKED (UINT64_C(1) << VIRTIO_F_RING_PACKED)

static const struct virtio_pci_kind kind = { .n_queues = 2, .n_vectors = 3 };
static struct virtio_pci pci;
static struct vfu_dma dma;
static struct bridge_sync s;
static int memory;

static void drop(void *arg, int fd)
{
	close(fd);
}

static int setup(void **state)
{
	const struct vfu_map m = { .addr = RING,
				   .size = 3 * PAGE,
				   .access = 3 };
	const struct vfu_file_id id = { 1, 1, 3 * PAGE };

	virtio_pci_init(&pci, &kind, 64);
	pci.queue[1].desc = RING;
	pci.queue[1].driver = RING + PAGE;
	pci.queue[1].device = RING + 2 * PAGE;
	vfu_dma_init(&dma, drop, NULL);
	s = (struct bridge_sync){ .pci = &pci, .dma = &dma };
	memory = memfd_create("memory", MFD_CLOEXEC);
	if (ftruncate(memory, 3 * PAGE) < 0)
		return -1;
	return vfu_dma_map(&dma, &m, memory, &id);
}

static int teardown(void **state)
{
	vfu_dma_fini(&dma);
	return 0;
}

static void put(off_t at, uint16_t value)
{
	assert_num(pwrite(memory, &value, sizeof(value), at), sizeof(value));
}

static void empty_memory_has_none(void **state)
{
	/* Memory of userfaultfd may block for ever: it is watched. */
	touches = rests = 0;
	assert_false(bridge_shared_has_buffer(&s, 1));
	assert_num(touches, 2);
	assert_num(rests, 2);
	pci.accepted = PACKED;
	assert_false(bridge_shared_has_buffer(&s, 1));
}

static void an_available_buffer_is_found(void **state)
{
	put(PAGE + 2, 1);
	assert_true(bridge_shared_has_buffer(&s, 1));
}

static void an_index_that_has_wrapped_is_no_proof(void **state)
{
	put(2 * PAGE + 2, UINT16_MAX);
	assert_true(bridge_shared_has_buffer(&s, 1));
}

static void a_packed_descriptor_is_found(void **state)
{
	pci.accepted = PACKED;
	put(14, 0x80);
	assert_true(bridge_shared_has_buffer(&s, 1));
	put(14, 0);
	put(4, 1);
	assert_true(bridge_shared_has_buffer(&s, 1));
}

static void memory_without_a_file_is_unknown(void **state)
{
	pci.queue[1].driver = 0;
	assert_true(bridge_shared_has_buffer(&s, 1));
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(empty_memory_has_none),
		test(an_available_buffer_is_found),
		test(an_index_that_has_wrapped_is_no_proof),
		test(a_packed_descriptor_is_found),
		test(memory_without_a_file_is_unknown),
	};

	return cmocka_run_group_tests_name("bridge-shared", tests, NULL, NULL);
}
