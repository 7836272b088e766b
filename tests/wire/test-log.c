/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes into guest memory while it is copied to another host: SET_LOG_BASE,
 * F_LOG_ALL and the log flag of SET_VRING_ADDR (vhost-user: "Migration").
 */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tests/lib/held.h"
#include "tests/lib/iommu.h"

#define PAGE 4096
/* Enough for the addresses of the front-end's memory. */
#define LOG_LEN	   ((FE_GUEST_BASE / PAGE + 4096) / 8)
#define LOG_OFFSET 0x3000

struct log_world {
	struct rig *rig;
	int fd;
	uint8_t *bits;
};

static struct log_world w;

static int setup(void **state)
{
	rig_setup(state);
	w.rig = *state;
	w.fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(w.fd);
	assert_sys(ftruncate(w.fd, LOG_OFFSET + LOG_LEN));
	uint8_t *base = mmap(NULL, LOG_OFFSET + LOG_LEN, PROT_READ | PROT_WRITE,
			     MAP_SHARED, w.fd, 0);
	assert_true(base != MAP_FAILED);
	w.bits = base + LOG_OFFSET;
	w.rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_LOG_SHMFD);
	return 0;
}

static int teardown(void **state)
{
	munmap(w.bits - LOG_OFFSET, LOG_OFFSET + LOG_LEN);
	close(w.fd);
	return rig_teardown(state);
}

static void set_log_base(uint64_t size, uint64_t offset)
{
	struct fe_msg msg = fe_msg(VU_SET_LOG_BASE);

	msg.hdr.size = sizeof(struct vu_log);
	memcpy(msg.bytes, &(struct vu_log){ size, offset },
	       sizeof(struct vu_log));
	msg.fd[0] = w.fd;
	msg.n_fds = 1;
	/* rust-vmm's front-end waits for all of struct vu_log. */
	assert_ok(fe_query(&w.rig->fe, &msg, sizeof(struct vu_log)));
	assert_num(msg.u64, size);
}

static void set_features(uint64_t more)
{
	struct fe_msg msg =
		fe_msg_u64(VU_SET_FEATURES, w.rig->fe.features | more);

	assert_ok(fe_request(&w.rig->fe, &msg));
}

static void log_ring(unsigned int index)
{
	struct frontend *fe = &w.rig->fe;
	const struct fe_ring *ring = &fe->ring[index];
	struct fe_msg msg = fe_msg_vring_addr(fe, index);

	msg.addr.flags = VU_VRING_F_LOG;
	msg.addr.log_guest = fe_guest_addr(&fe->mem, ring->device_area);
	assert_ok(fe_request(fe, &msg));
}

static bool logged(const void *p)
{
	uint64_t page = fe_guest_addr(&w.rig->fe.mem, p) / PAGE;

	return w.bits[page / 8] >> (page % 8) & 1;
}

static int count_logged(void)
{
	int n = 0;

	for (size_t i = 0; i < LOG_LEN; i++)
		n += __builtin_popcount(w.bits[i]);
	return n;
}

static void type_a_key(void)
{
	inject(w.rig, KEY(KEY_A, 1), SYN);
	expect(w.rig, KEY(KEY_A, 1), SYN);
}

static void written_buffers_and_used_rings_are_logged(void **state)
{
	const struct fe_ring *ring = &w.rig->fe.ring[FE_EVENTQ];

	/*
	 * Large enough that its areas and the buffers are in pages of their
	 * own.
	 */
	rig_run(w.rig, "keyboard", 1024);
	set_log_base(LOG_LEN, LOG_OFFSET);
	set_features(BIT(VU_F_LOG_ALL));
	log_ring(FE_EVENTQ);
	type_a_key();
	assert_true(logged(&ring->buf[0]));
	assert_true(logged(ring->device_area));
	/* The device writes there if the ring is packed. */
	assert_num(logged(ring->desc_area), rig_is_packed());
	assert_true(count_logged() <= 4);
}

static void the_log_fd_is_signalled_when_something_is_logged(void **state)
{
	struct fe_msg msg = fe_msg(VU_SET_LOG_FD);
	struct pollfd p = { .fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN };

	assert_sys(p.fd);
	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	set_log_base(LOG_LEN, LOG_OFFSET);
	msg.fd[0] = p.fd;
	msg.n_fds = 1;
	assert_ok(fe_request(&w.rig->fe, &msg));
	type_a_key();
	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
	set_features(BIT(VU_F_LOG_ALL));
	inject(w.rig, KEY(KEY_A, 0), SYN);
	expect(w.rig, KEY(KEY_A, 0), SYN);
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	close(p.fd);
}

static void without_the_feature_nothing_is_logged(void **state)
{
	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	set_log_base(LOG_LEN, LOG_OFFSET);
	type_a_key();
	assert_num(count_logged(), 0);
}

static void logging_ends_with_the_feature(void **state)
{
	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	set_log_base(LOG_LEN, LOG_OFFSET);
	set_features(BIT(VU_F_LOG_ALL));
	set_features(0);
	/* What the device had to do meanwhile, such as enabling kicks. */
	memset(w.bits, 0, LOG_LEN);
	type_a_key();
	assert_num(count_logged(), 0);
}

static void pages_past_the_log_are_left_out(void **state)
{
	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	set_log_base(16, LOG_OFFSET);
	set_features(BIT(VU_F_LOG_ALL));
	log_ring(FE_EVENTQ);
	type_a_key();
	assert_num(count_logged(), 0);
	rig_expect_nothing(w.rig);
}

/*
 * Whatever SET_VRING_ADDR gives is the ring's place in the log: QEMU's is I/O
 * virtual.
 */
static void behind_an_iommu_it_is_guest_physical_pages_that_are_logged(
	void **state)
{
	const struct fe_ring *ring = &w.rig->fe.ring[FE_EVENTQ];
	struct iommu iommu;

	iommu_start(w.rig, &iommu, RIG_BUFFERS);
	set_log_base(LOG_LEN, LOG_OFFSET);
	set_features(BIT(VU_F_LOG_ALL));
	log_ring(FE_EVENTQ);
	inject(w.rig, KEY(KEY_A, 1), SYN);
	iommu_expect(&iommu, KEY(KEY_A, 1), SYN);
	w.rig->fe.mem.guest_addr = FE_GUEST_BASE;
	assert_true(logged(&ring->buf[0]));
	assert_true(
		logged(rig_is_packed() ? ring->desc_area : ring->device_area));
	assert_num(count_logged(), 2);
	iommu_fini(&iommu);
}

static void a_log_past_its_file_is_a_violation(void **state)
{
	struct fe_msg msg = fe_msg(VU_SET_LOG_BASE);

	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	msg.hdr.size = sizeof(struct vu_log);
	memcpy(msg.bytes, &(struct vu_log){ LOG_LEN + PAGE, LOG_OFFSET + PAGE },
	       sizeof(struct vu_log));
	msg.fd[0] = w.fd;
	msg.n_fds = 1;
	assert_ok(fe_send(&w.rig->fe, &msg));
	rig_expect_violation(w.rig, "SET_LOG_BASE");
}

static void a_truncated_log_does_no_harm(void **state)
{
	rig_run(w.rig, "keyboard", RIG_BUFFERS);
	set_log_base(LOG_LEN, LOG_OFFSET);
	set_features(BIT(VU_F_LOG_ALL));
	assert_sys(ftruncate(w.fd, 0));
	inject(w.rig, KEY(KEY_A, 0), SYN);
	rig_expect_violation(w.rig, "the memory it shared was truncated");
	rig_expect_serves(w.rig);
	assert_sys(ftruncate(w.fd, LOG_OFFSET + LOG_LEN));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(written_buffers_and_used_rings_are_logged),
		T(the_log_fd_is_signalled_when_something_is_logged),
		T(without_the_feature_nothing_is_logged),
		T(logging_ends_with_the_feature),
		T(pages_past_the_log_are_left_out),
		T(behind_an_iommu_it_is_guest_physical_pages_that_are_logged),
		T(a_log_past_its_file_is_a_violation),
		T(a_truncated_log_does_no_harm),
	};

	return HELD_RUN("log", tests);
}
