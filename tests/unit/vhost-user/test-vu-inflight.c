/* SPDX-License-Identifier: Apache-2.0 */
/* The region for buffers in flight: made, empty, and checked when it comes. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/vt.h"

static struct vt *negotiated(void **state, uint64_t features)
{
	struct vt *v = *state;

	vt_negotiate(v, features, VT_BIT(VU_PROTOCOL_F_INFLIGHT_SHMFD));
	return v;
}

static int get(struct vt *v, uint16_t n_queues, uint16_t queue_size)
{
	const struct vu_inflight in = { .n_queues = n_queues,
					.queue_size = queue_size };

	return vt_send(v, VU_GET_INFLIGHT_FD, &in, VU_INFLIGHT_LEN, -1);
}

static int set(struct vt *v, uint64_t size, uint64_t offset)
{
	const struct vu_inflight in = { size, offset, 2, VT_NUM };

	return vt_send(v, VU_SET_INFLIGHT_FD, &in, sizeof(in), v->mem_fd);
}

/* A header of 16 bytes and 16 a descriptor, aligned to 64. */
static void a_split_region_has_a_header_for_each_queue(void **state)
{
	struct vt *v = negotiated(state, 0);
	struct {
		uint64_t features;
		uint16_t version, desc_num;
	} header[2];
	struct stat st;

	assert_rc(get(v, 1, 3), VU_HAS_REPLY);
	assert_num(v->msg.p.inflight.size, 64);
	assert_rc(get(v, 2, 8), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, VU_INFLIGHT_LEN);
	assert_num(v->msg.p.inflight.size, 2 * 192);
	assert_num(v->msg.p.inflight.offset, 0);
	assert_sys(fstat(v->msg.reply_fd, &st));
	assert_num(st.st_size, 2 * 192);
	for (int i = 0; i < 2; i++) {
		assert_num(pread(v->msg.reply_fd, &header[i], sizeof(header[i]),
				 i * 192),
			   sizeof(header[i]));
		assert_num(header[i].version, 1);
		assert_num(header[i].desc_num, 8);
	}
}

/* A header of 32 bytes and 32 a descriptor. */
static void a_packed_region_is_all_zeros(void **state)
{
	struct vt *v = negotiated(state, VT_BIT(VIRTIO_F_RING_PACKED));
	static const uint8_t zeros[320];
	uint8_t got[sizeof(zeros)];

	assert_rc(get(v, 1, 8), VU_HAS_REPLY);
	assert_num(v->msg.p.inflight.size, 320);
	assert_num(read(v->msg.reply_fd, got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, zeros, sizeof(got));
}

static void a_region_is_for_queues_of_the_device(void **state)
{
	struct vt *v = negotiated(state, 0);

	assert_rc(get(v, 1, 8), VU_HAS_REPLY);
	vt_rejects(v, get(v, 0, 8), "invalid region for 0 queues of 8 entries");
	vt_rejects(v, get(v, 3, 8), "invalid region for 3 queues of 8 entries");
}

static void a_region_is_for_queues_that_can_be(void **state)
{
	struct vt *v = negotiated(state, 0);

	assert_rc(get(v, 2, 32768), VU_HAS_REPLY);
	vt_rejects(v, get(v, 2, 0), "invalid region for 2 queues of 0 entries");
	vt_rejects(v, get(v, 2, 32769),
		   "invalid region for 2 queues of 32769 entries: the "
		   "device has 2 queues, and they have from 1 to 32768");
}

static void a_region_that_comes_back_is_inside_its_file(void **state)
{
	struct vt *v = negotiated(state, 0);

	assert_rc(set(v, VT_MEM_LEN, 0), 0);
	assert_rc(set(v, VT_MEM_LEN - 64, 64), 0);
	vt_rejects(v, set(v, VT_MEM_LEN, 1),
		   "region of 0x10000 bytes at 0x1 is outside its file");
	vt_rejects(v, set(v, UINT64_MAX, 1), "region of 0xffffffffffffffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(a_split_region_has_a_header_for_each_queue),
		VT(a_packed_region_is_all_zeros),
		VT(a_region_is_for_queues_of_the_device),
		VT(a_region_is_for_queues_that_can_be),
		VT(a_region_that_comes_back_is_inside_its_file),
	};

	return cmocka_run_group_tests_name("vu-inflight", tests, NULL, NULL);
}
