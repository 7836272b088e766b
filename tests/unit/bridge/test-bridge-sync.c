/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a back-end is told, and in which order: the back-end here takes each
 * message and answers it; fds are numbers.
 */
#include <string.h>
#include "injector/bridge/bridge-sync.h"
#include "injector/vfio-user/vfu-wire.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define PAGE	 4096
#define BIT(n)	 (UINT64_C(1) << (n))
#define P(name)	 BIT(VU_PROTOCOL_F_##name)
#define V1	 BIT(VIRTIO_F_VERSION_1)
#define PLATFORM BIT(VIRTIO_F_ACCESS_PLATFORM)
#define PACKED	 BIT(VIRTIO_F_RING_PACKED)
#define PROTOCOL BIT(VU_F_PROTOCOL_FEATURES)
#define ALL_P                                                                  \
	(P(MQ) | P(REPLY_ACK) | P(BACKEND_REQ) | P(CONFIG) | P(RESET_DEVICE) | \
	 P(STATUS) | P(CONFIGURE_MEM_SLOTS) | P(DEVICE_STATE))
#define RING	  0x10000
#define KICK	  100
#define CALL	  200
#define MEMORY	  300
#define RAM	  (1 << 20)
#define SAID_MAX  64
#define DRIVER_OK (VIRTIO_STATUS_DRIVER_OK | VIRTIO_STATUS_FEATURES_OK)

static const struct virtio_pci_kind kind = {
	.virtio_id = 18, .n_queues = 2, .n_vectors = 3, .config_len = 136
};
static struct virtio_pci pci;
static struct vfu_dma dma;
static struct bridge_sync s;
static struct vu_message said[SAID_MAX];
static size_t n_said;

/* Of the back-end. */
static uint64_t features, protocol, slots, ack;
static uint32_t base;

static void drop(void *arg, int fd)
{
}

static int vector_fd(void *arg, unsigned int vector)
{
	return vector == VIRTIO_PCI_NO_VECTOR ? -1 : CALL + (int)vector;
}

static int setup(void **state)
{
	virtio_pci_init(&pci, &kind, 64);
	vfu_dma_init(&dma, drop, NULL);
	s = (struct bridge_sync){ .pci = &pci,
				  .dma = &dma,
				  .kick = { KICK, KICK + 1 },
				  .vector_fd = vector_fd };
	bridge_sync_begin(&s);
	features = V1 | BIT(VU_F_LOG_ALL) | PROTOCOL;
	protocol = ALL_P;
	slots = 16;
	ack = base = 0;
	n_said = 0;
	return 0;
}

static int teardown(void **state)
{
	vfu_dma_fini(&dma);
	return 0;
}

/* Memory at the same place in its file; fd -1: not shared. */
static void map(uint64_t addr, uint64_t size, int fd)
{
	const struct vfu_map m = {
		.addr = addr, .size = size, .offset = addr, .access = 3
	};
	const struct vfu_file_id id = { 1, (uint64_t)fd, RAM };

	assert_num(vfu_dma_map(&dma, &m, fd, &id), 0);
}

static void unmap(uint64_t addr, uint64_t size)
{
	assert_num(vfu_dma_unmap(&dma, addr, size), 0);
	bridge_memory_unmapped(&s, addr, addr + size - 1);
}

static struct vu_message answer_of(const struct vu_message *msg)
{
	struct vu_message answer = *msg;

	answer.hdr.flags |= VU_FLAG_REPLY;
	answer.hdr.size = sizeof(answer.p.u64);
	switch (msg->hdr.request) {
	case VU_GET_FEATURES:
		answer.p.u64 = features;
		break;
	case VU_GET_PROTOCOL_FEATURES:
		answer.p.u64 = protocol;
		break;
	case VU_GET_MAX_MEM_SLOTS:
		answer.p.u64 = slots;
		break;
	case VU_GET_VRING_BASE:
		answer.p.state.num = base;
		break;
	case VU_GET_CONFIG:
		answer.hdr.size = msg->hdr.size;
		memset(answer.p.bytes + 12, 'c', 136);
		break;
	default:
		answer.p.u64 = ack;
	}
	return answer;
}

/* Until there is nothing to say. Return: how it ended; -BRIDGE_E_*. */
static int talk(void)
{
	for (n_said = 0;;) {
		struct vu_message *msg = &said[n_said], answer;
		enum bridge_next next;
		int r;

		fill_with_garbage(msg);
		next = bridge_sync_next(&s, msg);
		if (next != BRIDGE_NEXT_SEND)
			return (int)next;
		assert_true(++n_said < SAID_MAX);
		if (!s.asked)
			continue;
		answer = answer_of(msg);
		r = bridge_sync_answer(&s, &answer);
		if (r)
			return -r;
	}
}

/* Return: the n-th message of a request, or NULL. */
static const struct vu_message *find(uint32_t request, size_t n)
{
	for (size_t i = 0; i < n_said; i++)
		if (said[i].hdr.request == request && !n--)
			return &said[i];
	return NULL;
}

/* requests: end with 0. */
static void expect_said(const uint32_t *requests)
{
	size_t n = 0;

	for (; n < n_said && requests[n]; n++)
		assert_num(said[n].hdr.request, requests[n]);
	assert_num(requests[n], 0);
	assert_num(n_said, n);
}

#define says(...)                                                  \
	do {                                                       \
		assert_num(talk(), BRIDGE_NEXT_DONE);              \
		expect_said((const uint32_t[]){ __VA_ARGS__, 0 }); \
	} while (0)

static void drive(uint64_t accepted)
{
	for (unsigned int i = 0; i < 2; i++)
		pci.queue[i] = (struct virtio_pci_queue){
			.size = 64,
			.vector = (uint16_t)i,
			.enabled = true,
			.desc = RING + i * 3 * PAGE,
			.driver = RING + i * 3 * PAGE + PAGE,
			.device = RING + i * 3 * PAGE + 2 * PAGE,
		};
	pci.accepted = accepted;
	pci.status = DRIVER_OK;
}

static void start(uint64_t accepted)
{
	assert_num(talk(), BRIDGE_NEXT_DONE);
	drive(accepted);
	assert_num(talk(), BRIDGE_NEXT_DONE);
}

static void a_back_end_is_greeted(void **state)
{
	assert_false(bridge_sync_greeted(&s));
	says(VU_GET_FEATURES, VU_SET_OWNER, VU_GET_PROTOCOL_FEATURES,
	     VU_SET_PROTOCOL_FEATURES, VU_SET_BACKEND_REQ_FD,
	     VU_GET_MAX_MEM_SLOTS);
	/* What is not used is not acked. */
	assert_false(find(VU_SET_PROTOCOL_FEATURES, 0)->p.u64 &
		     (P(STATUS) | P(DEVICE_STATE)));
	assert_true(bridge_sync_greeted(&s));
	/* Only what follows the protocol features can be acked. */
	for (size_t i = 0; i < n_said; i++)
		assert_num(said[i].hdr.flags,
			   VU_FLAG_VERSION_1 |
				   (i == 4 ? VU_FLAG_NEED_REPLY : 0));
	says(0);
}

static void it_is_greeted_when_it_has_answered_all(void **state)
{
	struct vu_message msg, answer;

	do {
		assert_false(bridge_sync_greeted(&s));
		assert_num(bridge_sync_next(&s, &msg), BRIDGE_NEXT_SEND);
		assert_false(bridge_sync_greeted(&s));
		answer = answer_of(&msg);
		if (s.asked)
			assert_ok(bridge_sync_answer(&s, &answer));
	} while (msg.hdr.request != VU_GET_MAX_MEM_SLOTS);
	assert_true(bridge_sync_greeted(&s));
}

static void what_a_back_end_lacks_is_left_out_of_the_greeting(void **state)
{
	protocol &= ~(P(BACKEND_REQ) | P(CONFIGURE_MEM_SLOTS));
	says(VU_GET_FEATURES, VU_SET_OWNER, VU_GET_PROTOCOL_FEATURES,
	     VU_SET_PROTOCOL_FEATURES);
}

static void a_back_end_without_a_configuration_is_refused(void **state)
{
	protocol &= ~P(CONFIG);
	assert_num(talk(), BRIDGE_NEXT_FAIL);
	assert_non_null(strstr(s.why, "CONFIG"));
}

static void a_back_end_without_protocol_features_is_refused(void **state)
{
	features &= ~PROTOCOL;
	assert_num(talk(), BRIDGE_NEXT_FAIL);
	assert_non_null(strstr(s.why, "CONFIG"));
	assert_null(find(VU_GET_PROTOCOL_FEATURES, 0));
}

static void queues_start_with_their_memory(void **state)
{
	map(0, RAM, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	drive(V1);
	says(VU_SET_FEATURES, VU_ADD_MEM_REG, VU_SET_VRING_NUM,
	     VU_SET_VRING_BASE, VU_SET_VRING_ADDR, VU_SET_VRING_CALL,
	     VU_SET_VRING_KICK, VU_SET_VRING_ENABLE, VU_SET_VRING_NUM,
	     VU_SET_VRING_BASE, VU_SET_VRING_ADDR, VU_SET_VRING_CALL,
	     VU_SET_VRING_KICK, VU_SET_VRING_ENABLE);
	assert_true(find(VU_SET_FEATURES, 0)->p.u64 == (V1 | PROTOCOL));
	assert_num(find(VU_ADD_MEM_REG, 0)->fds[0], MEMORY);
	assert_num(find(VU_SET_VRING_NUM, 1)->p.state.num, 64);
	assert_num(find(VU_SET_VRING_BASE, 0)->p.state.num, 0);
	assert_num(find(VU_SET_VRING_ADDR, 1)->p.addr.desc_user,
		   RING + 3 * PAGE);
	assert_num(find(VU_SET_VRING_CALL, 1)->fds[0], CALL + 1);
	assert_num(find(VU_SET_VRING_KICK, 1)->fds[0], KICK + 1);
}

static void packed_rings_begin_with_their_wrap_counters(void **state)
{
	features |= PACKED;
	map(0, RAM, MEMORY);
	start(V1 | PACKED);
	assert_true(find(VU_SET_VRING_BASE, 0)->p.state.num == 0x80008000);
}

static void a_queue_without_a_vector_has_no_call_fd(void **state)
{
	map(0, RAM, MEMORY);
	start(V1);
	pci.queue[1].vector = VIRTIO_PCI_NO_VECTOR;
	bridge_sync_vectors_changed(&s);
	says(VU_SET_VRING_CALL, VU_SET_VRING_CALL);
	assert_num(said[0].n_fds, 1);
	assert_num(said[1].n_fds, 0);
	assert_num(said[1].p.u64, 1 | VU_VRING_NOFD);
}

static void a_reset_ends_all_before_it_is_answered(void **state)
{
	map(0, RAM, MEMORY);
	base = 7;
	/* Each driver's queues begin anew. */
	for (int i = 0; i < 3; i++) {
		start(V1);
		for (unsigned int q = 0; q < BRIDGE_QUEUES; q++)
			assert_num(find(VU_SET_VRING_BASE, q)->p.state.num, 0);
		virtio_pci_reset(&pci);
		says(VU_GET_VRING_BASE, VU_GET_VRING_BASE, VU_RESET_DEVICE,
		     VU_REM_MEM_REG);
		for (unsigned int q = 0; q < BRIDGE_QUEUES; q++)
			assert_num(said[q].p.state.index, q);
		says(0);
	}
}

static void a_queue_continues_when_its_memory_is_back(void **state)
{
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, RAM / 2, MEMORY);
	start(V1);
	base = 7;
	unmap(0, RAM / 2);
	says(VU_GET_VRING_BASE, VU_GET_VRING_BASE, VU_REM_MEM_REG);
	map(0, RAM / 2, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	assert_num(said[0].hdr.request, VU_ADD_MEM_REG);
	assert_num(find(VU_SET_VRING_BASE, 1)->p.state.num, 7);
}

/* Each region is at its place in its file, which the test's fd tells. */
static void expect_region(const struct vu_mem_region *region, uint64_t addr,
			  uint64_t size)
{
	assert_num(region->guest_addr, addr);
	assert_num(region->size, size);
	assert_num(region->user_addr, addr);
	assert_num(region->mmap_offset, addr);
}

static void a_region_comes_and_goes_with_its_map(void **state)
{
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, RAM / 4, MEMORY + 1);
	start(V1);
	assert_num(find(VU_ADD_MEM_REG, 1)->n_fds, 1);
	assert_num(find(VU_ADD_MEM_REG, 1)->fds[0], MEMORY + 1);
	expect_region(&find(VU_ADD_MEM_REG, 1)->p.single.region, RAM / 2,
		      RAM / 4);
	unmap(RAM / 2, RAM / 4);
	says(VU_REM_MEM_REG);
	assert_num(said[0].n_fds, 0);
	expect_region(&said[0].p.single.region, RAM / 2, RAM / 4);
	says(0);
}

static uint64_t *area_of(struct virtio_pci_queue *q, int area)
{
	uint64_t *const areas[] = { &q->desc, &q->driver, &q->device };

	return areas[area];
}

static void a_queue_waits_until_each_of_its_areas_is_mapped(void **state)
{
	map(0, RAM / 2, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	for (int i = 0; i < 3; i++) {
		drive(V1);
		pci.queue[1].enabled = false;
		*area_of(&pci.queue[0], i) = RAM / 2;
		assert_num(talk(), BRIDGE_NEXT_DONE);
		assert_null(find(VU_SET_VRING_NUM, 0));
	}
	map(RAM / 2, PAGE, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	assert_non_null(find(VU_SET_VRING_NUM, 0));
}

static void without_slots_all_memory_is_told_at_once(void **state)
{
	const struct vu_message *table;

	protocol &= ~P(CONFIGURE_MEM_SLOTS);
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, RAM / 2, MEMORY + 1);
	start(V1);
	table = find(VU_SET_MEM_TABLE, 0);
	assert_num(table->hdr.size, 8 + 2 * 32);
	assert_num(table->p.mem_table.n_regions, 2);
	assert_num(table->p.mem_table.padding, 0);
	assert_num(table->n_fds, 2);
	for (uint64_t i = 0; i < 2; i++) {
		assert_num(table->fds[i], MEMORY + (int)i);
		expect_region(&table->p.mem_table.regions[i], i * RAM / 2,
			      RAM / 2);
	}
	assert_null(find(VU_SET_MEM_TABLE, 1));
	map(RAM, PAGE, -1);
	says(0);
}

static void without_slots_any_change_is_told_with_all_of_it(void **state)
{
	protocol &= ~P(CONFIGURE_MEM_SLOTS);
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, RAM / 2, MEMORY);
	start(V1);
	unmap(RAM / 2, RAM / 2);
	map(RAM / 2, RAM / 4, MEMORY);
	says(VU_SET_MEM_TABLE);
	expect_region(&said[0].p.mem_table.regions[0], 0, RAM / 2);
	expect_region(&said[0].p.mem_table.regions[1], RAM / 2, RAM / 4);
}

static void more_memory_than_it_takes_fails_with_the_option(void **state)
{
	slots = 2;
	assert_num(talk(), BRIDGE_NEXT_DONE);
	for (uint64_t i = 0; i < 3; i++)
		map(i * RAM / 4, RAM / 4, MEMORY);
	drive(V1);
	assert_num(talk(), BRIDGE_NEXT_FAIL);
	assert_non_null(strstr(s.why, "--iommu"));
}

static void memory_that_is_not_shared_fails_with_the_option(void **state)
{
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, PAGE, -1);
	for (int i = 0; i < 3; i++) {
		bridge_sync_begin(&s);
		drive(V1);
		*area_of(&pci.queue[0], i) = RAM / 2;
		assert_num(talk(), BRIDGE_NEXT_FAIL);
		assert_non_null(strstr(s.why, "share=on"));
	}
}

static void features_that_a_back_end_lacks_fail(void **state)
{
	map(0, RAM, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	drive(V1 | PACKED);
	assert_num(talk(), BRIDGE_NEXT_FAIL);
	assert_non_null(strstr(s.why, "does not offer"));
	assert_null(find(VU_SET_FEATURES, 0));
}

static void features_that_the_transport_lacks_fail(void **state)
{
	const uint64_t notification_data = BIT(38);

	features |= notification_data;
	map(0, RAM, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	drive(V1 | notification_data);
	assert_num(talk(), BRIDGE_NEXT_FAIL);
}

static void read_only_memory_is_not_told(void **state)
{
	const struct vfu_map rom = { .addr = RAM,
				     .size = PAGE,
				     .access = VFU_DMA_READABLE };
	const struct vfu_file_id id = { 1, MEMORY + 1, RAM };

	map(0, RAM, MEMORY);
	assert_num(vfu_dma_map(&dma, &rom, MEMORY + 1, &id), 0);
	start(V1);
	assert_non_null(find(VU_ADD_MEM_REG, 0));
	assert_null(find(VU_ADD_MEM_REG, 1));
}

static void another_file_at_the_same_address_is_told(void **state)
{
	protocol &= ~P(CONFIGURE_MEM_SLOTS);
	map(0, RAM, MEMORY);
	start(V1);
	virtio_pci_reset(&pci);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	unmap(0, RAM);
	map(0, RAM, MEMORY + 1);
	drive(V1);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	assert_non_null(find(VU_SET_MEM_TABLE, 0));
	assert_num(find(VU_SET_MEM_TABLE, 0)->fds[0], MEMORY + 1);
}

/* --- translations --- */

static void without_acks_nothing_is_translated(void **state)
{
	features |= PLATFORM;
	protocol &= ~P(REPLY_ACK);
	map(0, RAM / 2, MEMORY);
	start(V1 | PLATFORM);
	assert_true(find(VU_SET_FEATURES, 0)->p.u64 == (V1 | PROTOCOL));
	assert_num(find(VU_ADD_MEM_REG, 0)->p.single.region.size, RAM / 2);
}

static void a_file_is_shared_once_and_its_maps_on_request(void **state)
{
	const struct vu_iotlb *update = &said[0].p.iotlb;

	features |= PLATFORM;
	for (uint64_t i = 0; i < 40; i++)
		map(i * PAGE, PAGE, MEMORY);
	start(V1 | PLATFORM);
	assert_num(find(VU_ADD_MEM_REG, 0)->p.single.region.size, RAM);
	assert_null(find(VU_ADD_MEM_REG, 1));
	assert_null(find(VU_IOTLB_MSG, 0));
	bridge_memory_missed(&s, 5 * PAGE + 8);
	says(VU_IOTLB_MSG);
	assert_num(update->type, VU_IOTLB_TYPE_UPDATE);
	assert_num(update->iova, 5 * PAGE);
	assert_num(update->size, PAGE);
	assert_num(update->access, 3);
	assert_true(update->uaddr == s.region[0].at.user_addr + 5 * PAGE);
}

/* Nothing is at 0, where what is not shared is said to be. */
static void files_are_apart_from_each_other_and_from_0(void **state)
{
	const struct vu_mem_region *region[2];

	features |= PLATFORM;
	map(0, PAGE, MEMORY);
	map(RAM / 2, PAGE, MEMORY + 1);
	map(RAM, PAGE, -1);
	start(V1 | PLATFORM);
	for (size_t i = 0; i < 2; i++) {
		region[i] = &find(VU_ADD_MEM_REG, i)->p.single.region;
		assert_num(region[i]->size, RAM);
		assert_true(region[i]->user_addr >= RAM);
		assert_true(region[i]->user_addr < UINT64_MAX / 2);
	}
	assert_true(region[1]->user_addr - region[0]->user_addr >= RAM);
	bridge_memory_missed(&s, RAM);
	says(VU_IOTLB_MSG);
	assert_num(said[0].p.iotlb.uaddr, 0);
}

static void what_is_unmapped_is_invalidated(void **state)
{
	features |= PLATFORM;
	map(0, RAM / 2, MEMORY);
	map(RAM / 2, PAGE, MEMORY);
	start(V1 | PLATFORM);
	unmap(RAM / 2, PAGE);
	says(VU_IOTLB_MSG);
	assert_num(said[0].p.iotlb.type, VU_IOTLB_TYPE_INVALIDATE);
	assert_num(said[0].p.iotlb.iova, RAM / 2);
	assert_num(said[0].p.iotlb.size, PAGE);
}

static void a_miss_waits_until_it_is_mapped(void **state)
{
	features |= PLATFORM;
	map(0, RAM / 2, MEMORY);
	start(V1 | PLATFORM);
	for (uint64_t i = 0; i < 2 * BRIDGE_MISSES_MAX; i++)
		bridge_memory_missed(&s, RAM / 2 + i * PAGE);
	says(0);
	map(RAM / 2 + 15 * PAGE, PAGE, MEMORY);
	says(VU_IOTLB_MSG);
	/* The oldest ones are forgotten. */
	map(RAM / 2, 8 * PAGE, MEMORY);
	says(0);
	map(RAM / 2 + 8 * PAGE, PAGE, MEMORY);
	says(VU_IOTLB_MSG);
	assert_num(said[0].p.iotlb.iova, RAM / 2 + 8 * PAGE);
}

/* --- configuration, acks, errors --- */

static void the_configuration_is_written_and_read(void **state)
{
	const uint8_t select[] = { 1, 2, 3 };

	assert_num(talk(), BRIDGE_NEXT_DONE);
	bridge_sync_written(&s, 0, select, 3);
	s.wants_config = true;
	says(VU_SET_CONFIG, VU_GET_CONFIG);
	assert_num(said[0].p.config.size, 2);
	assert_num(said[0].p.bytes[13], 2);
	assert_num(said[0].p.config.offset, 0);
	assert_num(said[1].p.config.size, BRIDGE_CONFIG_LEN);
	for (size_t i = 0; i < BRIDGE_CONFIG_LEN; i++)
		assert_num(said[1].p.bytes[sizeof(struct vu_config) + i], 0);
	assert_num(s.config[135], 'c');
	bridge_sync_written(&s, 2, select, 1);
	says(0);
	bridge_sync_written(&s, 0, select + 2, 1);
	says(VU_SET_CONFIG);
	assert_memory_equal(said[0].p.bytes + 12, ((uint8_t[]){ 3, 2 }), 2);
}

static void the_next_back_end_is_told_what_is_selected(void **state)
{
	static const uint8_t selected[][2] = { { 1, 0 }, { 0, 1 } };

	for (size_t i = 0; i < ARRAY_LEN(selected); i++) {
		bridge_sync_written(&s, 0, selected[i], 2);
		bridge_sync_begin(&s);
		assert_num(talk(), BRIDGE_NEXT_DONE);
		assert_memory_equal(find(VU_SET_CONFIG, 0)->p.bytes + 12,
				    selected[i], 2);
	}
	bridge_sync_written(&s, 0, (uint8_t[]){ 0, 0 }, 2);
	bridge_sync_begin(&s);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	assert_null(find(VU_SET_CONFIG, 0));
}

static void without_acks_a_question_confirms_all(void **state)
{
	protocol &= ~P(REPLY_ACK);
	map(0, RAM, MEMORY);
	start(V1);
	assert_num(said[n_said - 1].hdr.request, VU_GET_FEATURES);
	for (size_t i = 0; i < n_said; i++)
		assert_false(said[i].hdr.flags & VU_FLAG_NEED_REPLY);
	/* It is not another offer. */
	features = V1;
	bridge_sync_vectors_changed(&s);
	says(VU_SET_VRING_CALL, VU_SET_VRING_CALL, VU_GET_FEATURES);
	assert_true(vu_feature_in(s.offered, VU_F_PROTOCOL_FEATURES));
}

static void a_refusal_names_its_request(void **state)
{
	map(0, RAM, MEMORY);
	assert_num(talk(), BRIDGE_NEXT_DONE);
	drive(V1);
	ack = 1;
	assert_num(talk(), -BRIDGE_E_REFUSED);
	assert_string_equal(s.why, "the back-end refuses SET_FEATURES");
}

static void an_answer_to_what_was_not_asked_is_an_error(void **state)
{
	struct vu_message msg = { .hdr = { VU_GET_FEATURES, 5, 8 } };

	assert_num(talk(), BRIDGE_NEXT_DONE);
	assert_num(bridge_sync_answer(&s, &msg), BRIDGE_E_ANSWER);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_back_end_is_greeted),
		test(it_is_greeted_when_it_has_answered_all),
		test(what_a_back_end_lacks_is_left_out_of_the_greeting),
		test(a_back_end_without_a_configuration_is_refused),
		test(a_back_end_without_protocol_features_is_refused),
		test(queues_start_with_their_memory),
		test(packed_rings_begin_with_their_wrap_counters),
		test(a_queue_without_a_vector_has_no_call_fd),
		test(a_reset_ends_all_before_it_is_answered),
		test(a_queue_continues_when_its_memory_is_back),
		test(a_region_comes_and_goes_with_its_map),
		test(a_queue_waits_until_each_of_its_areas_is_mapped),
		test(without_slots_all_memory_is_told_at_once),
		test(without_slots_any_change_is_told_with_all_of_it),
		test(more_memory_than_it_takes_fails_with_the_option),
		test(memory_that_is_not_shared_fails_with_the_option),
		test(features_that_a_back_end_lacks_fail),
		test(features_that_the_transport_lacks_fail),
		test(read_only_memory_is_not_told),
		test(another_file_at_the_same_address_is_told),
		test(without_acks_nothing_is_translated),
		test(a_file_is_shared_once_and_its_maps_on_request),
		test(files_are_apart_from_each_other_and_from_0),
		test(what_is_unmapped_is_invalidated),
		test(a_miss_waits_until_it_is_mapped),
		test(the_configuration_is_written_and_read),
		test(the_next_back_end_is_told_what_is_selected),
		test(without_acks_a_question_confirms_all),
		test(a_refusal_names_its_request),
		test(an_answer_to_what_was_not_asked_is_an_error),
	};

	return cmocka_run_group_tests_name("bridge-sync", tests, NULL, NULL);
}
