/* SPDX-License-Identifier: Apache-2.0 */
/* The log of written pages: when it is written, and where. */
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/vt.h"

#define LOG_ALL VT_BIT(VU_F_LOG_ALL)
#define LOG_LEN 0x10000 /* pages from 0 to 2 GiB */

static struct {
	int fd;
	uint8_t *bits;
} log_mem;

static int setup(void **state)
{
	vt_setup(state);
	log_mem.fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(log_mem.fd);
	assert_sys(ftruncate(log_mem.fd, LOG_LEN));
	log_mem.bits =
		mmap(NULL, LOG_LEN, PROT_READ, MAP_SHARED, log_mem.fd, 0);
	assert_true(log_mem.bits != MAP_FAILED);
	return 0;
}

static int teardown(void **state)
{
	munmap(log_mem.bits, LOG_LEN);
	close(log_mem.fd);
	return vt_teardown(state);
}

static bool is_logged(uint32_t offset)
{
	const uint64_t page = (VT_GPA + (uint64_t)offset) / 4096;

	return log_mem.bits[page / 8] >> (page % 8) & 1;
}

static int set_log(struct vt *v, uint64_t size, uint64_t offset)
{
	struct vu_log log = { size, offset };

	return vt_send(v, VU_SET_LOG_BASE, &log, sizeof(log), log_mem.fd);
}

static struct vt *running(void **state, uint64_t features)
{
	struct vt *v = *state;

	vt_negotiate(v, features, VT_BIT(VU_PROTOCOL_F_LOG_SHMFD));
	vt_share(v);
	vt_start(v, 0);
	vt_post(v, 0, 8);
	return v;
}

/* With VHOST_VRING_F_LOG, and where the used ring lies in the guest. */
static void log_ring(struct vt *v)
{
	struct vu_vring_addr addr = {
		.flags = VU_VRING_F_LOG,
		.desc_user = VT_UVA + VT_DESC(0),
		.avail_user = VT_UVA + VT_AVAIL(0),
		.used_user = VT_UVA + VT_USED(0),
		.log_guest = VT_GPA + VT_USED(0),
	};

	assert_rc(vt_send(v, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1), 0);
}

static void the_answer_is_the_request(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, sizeof(struct vu_log));
}

static void nothing_is_logged_without_log_all(void **state)
{
	struct vt *v = running(state, 0);

	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	assert_rc(vt_use_one(v, 0), 0);
	assert_false(vu_backend_logged(&v->be));
	assert_false(is_logged(VT_BUFFERS));
}

static void buffers_are_logged_once_there_is_a_log(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(vt_use_one(v, 0), 0);
	assert_false(vu_backend_logged(&v->be));
	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	assert_rc(vt_use_one(v, 0), 0);
	assert_true(vu_backend_logged(&v->be));
	assert_true(is_logged(VT_BUFFERS));
	assert_false(is_logged(VT_BUFFERS - 1));
	assert_false(is_logged(VT_BUFFERS + 4096));
}

static void the_ring_is_logged_only_if_its_addresses_say_so(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	assert_rc(vt_use_one(v, 0), 0);
	assert_false(is_logged(VT_USED(0)));
	log_ring(v);
	assert_rc(vt_use_one(v, 0), 0);
	assert_true(is_logged(VT_USED(0)));
}

static void logging_ends_when_log_all_is_not_acked_any_more(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	vt_negotiate(v, 0, VT_BIT(VU_PROTOCOL_F_LOG_SHMFD));
	assert_rc(vt_use_one(v, 0), 0);
	assert_false(vu_backend_logged(&v->be));
	vt_negotiate(v, LOG_ALL, VT_BIT(VU_PROTOCOL_F_LOG_SHMFD));
	assert_rc(vt_use_one(v, 0), 0);
	assert_true(vu_backend_logged(&v->be));
}

static void the_log_fd_is_signalled_once_for_all_that_was_logged(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(set_log(v, LOG_LEN, 0), VU_HAS_REPLY);
	assert_rc(vt_send(v, VU_SET_LOG_FD, NULL, 0, v->kick[1]), 0);
	assert_num(vt_signals(v->kick[1]), 0);
	assert_rc(vt_use_one(v, 0), 0);
	assert_rc(vt_use_one(v, 0), 0);
	vu_backend_tell_logged(&v->be);
	assert_num(vt_signals(v->kick[1]), 1);
	assert_false(vu_backend_logged(&v->be));
}

static void a_log_must_fit_into_its_file(void **state)
{
	struct vt *v = running(state, LOG_ALL);

	assert_rc(set_log(v, LOG_LEN - 4096, 4096), VU_HAS_REPLY);
	vt_rejects(v, set_log(v, LOG_LEN, 1), "log of 0x10000 bytes at 0x1: ");
	vt_rejects(v, set_log(v, 0, 0), "log of 0x0 bytes at 0x0: ");
	vt_rejects(v, set_log(v, UINT64_MAX, 1), "log of 0xffffffffffffffff");
	/* The one before still counts: 0x1000 bytes into the file. */
	assert_true(v->be.mem.log.bits != NULL);
	assert_num(v->be.mem.log.len, LOG_LEN - 4096);
}

static void pages_past_the_log_are_left_out(void **state)
{
	struct vt *v = running(state, LOG_ALL);
	const uint64_t page = (VT_GPA + VT_BUFFERS) / 4096;

	/* Up to the byte before. */
	assert_rc(set_log(v, page / 8, 0), VU_HAS_REPLY);
	assert_rc(vt_use_one(v, 0), 0);
	assert_false(is_logged(VT_BUFFERS));
	assert_rc(set_log(v, page / 8 + 1, 0), VU_HAS_REPLY);
	assert_rc(vt_use_one(v, 0), 0);
	assert_true(is_logged(VT_BUFFERS));
}

#define L(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		L(the_answer_is_the_request),
		L(nothing_is_logged_without_log_all),
		L(buffers_are_logged_once_there_is_a_log),
		L(the_ring_is_logged_only_if_its_addresses_say_so),
		L(logging_ends_when_log_all_is_not_acked_any_more),
		L(the_log_fd_is_signalled_once_for_all_that_was_logged),
		L(a_log_must_fit_into_its_file),
		L(pages_past_the_log_are_left_out),
	};

	return cmocka_run_group_tests_name("vu-log", tests, NULL, NULL);
}
