/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postcopy migration: the device runs while pages of the guest's memory are
 * still missing.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/lib/held.h"
#include "tests/lib/postcopy.h"

struct fixture {
	struct rig *rig;
	struct postcopy pc;
};

static struct fixture f;

static int setup(void **state)
{
	postcopy_init(&f.pc);
	return rig_setup(state);
}

static int teardown(void **state)
{
	int r = rig_teardown(state);

	postcopy_fini(&f.pc);
	return r;
}

static bool offered(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_GET_PROTOCOL_FEATURES);

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	return msg.u64 & BIT(VU_PROTOCOL_F_PAGEFAULT);
}

/* The file that is passed gives power over the device's memory. */
static void it_is_offered_only_if_asked_for(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_false(offered(rig));
}

static void pages_come_when_they_are_missed(void **state)
{
	struct rig *rig = *state;

	postcopy_run(rig, &f.pc);
	rig_type(rig);
	rig_expect_typed(rig);
	/* Rings of both queues, buffers of one. */
	assert_in_range(f.pc.served, 5, f.pc.size / 4096);
	for (int i = 0; i < 100; i++) {
		rig_type(rig);
		rig_expect_typed(rig);
	}
	postcopy_end(rig);
	rig_type(rig);
	rig_expect_typed(rig);
	rig_expect_nothing(rig);
}

static void a_memory_table_works_as_slots_do(void **state)
{
	struct rig *rig = *state;

	rig->fe.mem_table = true;
	pages_come_when_they_are_missed(state);
}

/* "must have mmap'd the regions but not yet accessed them". */
static void nothing_is_touched_before_the_ack(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	postcopy_prepare(rig);
	assert_ok(fe_set_features(&rig->fe));
	postcopy_advise(rig, &f.pc);
	postcopy_listen(rig);
	postcopy_share(rig, &f.pc);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
	rig_type(rig);
	rig_wait_read(rig->inject[0]);
	postcopy_expect_no_miss(&f.pc);
	assert_sys(fstat(rig->fe.mem.fd, &st));
	assert_num(st.st_blocks, 0);
	postcopy_serve(&f.pc);
	postcopy_ack(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void queues_pause_while_memory_changes(void **state)
{
	struct rig *rig = *state;

	rig->fe.mem_table = true;
	postcopy_run(rig, &f.pc);
	rig_type(rig);
	rig_expect_typed(rig);
	postcopy_complete(&f.pc);
	postcopy_share_again(rig, &f.pc);
	inject(rig, KEY(KEY_B, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	postcopy_ack(rig);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_type(rig);
	rig_expect_typed(rig);
	rig_expect_nothing(rig);
}

/* The migration ended before the source came to listen. */
static void an_end_may_come_without_a_listen(void **state)
{
	struct rig *rig = *state;

	postcopy_prepare(rig);
	postcopy_advise(rig, &f.pc);
	postcopy_end(rig);
	assert_ok(fe_start(&rig->fe));
	rig_type(rig);
	rig_expect_typed(rig);
	rig_expect_nothing(rig);
}

static void after_the_end_no_page_is_waited_for(void **state)
{
	struct rig *rig = *state;

	postcopy_prepare(rig);
	assert_ok(fe_set_features(&rig->fe));
	postcopy_advise(rig, &f.pc);
	postcopy_listen(rig);
	postcopy_share(rig, &f.pc);
	postcopy_ack(rig);
	postcopy_end(rig);
	/* Nobody serves pages; the ring is empty. */
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
	postcopy_expect_no_miss(&f.pc);
}

/* Up to the first page that the device misses, which nobody sends. */
static void let_it_wait(struct rig *rig)
{
	struct fe_msg kick;

	postcopy_prepare(rig);
	assert_ok(fe_set_features(&rig->fe));
	postcopy_advise(rig, &f.pc);
	postcopy_listen(rig);
	postcopy_share(rig, &f.pc);
	postcopy_ack(rig);
	rig->fe.protocol &= ~BIT(VU_PROTOCOL_F_REPLY_ACK);
	assert_ok(fe_begin_queue(&rig->fe, FE_EVENTQ));
	postcopy_expect_miss(&f.pc);
	kick = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_send(&rig->fe, &kick));
}

static void a_page_that_never_comes_ends_the_connection(void **state)
{
	struct rig *rig = *state;

	rig->fe.timeout_ms = 3 * DEADLINE_MS;
	let_it_wait(rig);
	rig->fe.timeout_ms = 3 * DEADLINE_MS;
	rig_expect_violation(rig,
			     "a page of the memory it shared did not arrive");
	rig_expect_serves(rig);
}

static void sigterm_ends_a_device_that_waits_for_a_page(void **state)
{
	struct rig *rig = *state;

	let_it_wait(rig);
	assert_num(process_terminate(&rig->srv), 0);
	rig->lines.frontend = -1;
}

static void a_front_end_that_dies_does_not_end_it(void **state)
{
	struct rig *rig = *state;

	let_it_wait(rig);
	close(f.pc.uffd);
	f.pc.uffd = -1;
	rig_expect_serves(rig);
	rig->lines.frontend = -1;
}

/* --- what is rejected --- */

static void listen_is_rejected_before_advise(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_POSTCOPY_LISTEN);

	postcopy_prepare(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(
		rig, "POSTCOPY_LISTEN: POSTCOPY_ADVISE must come first");
	rig_expect_serves(rig);
}

static void listen_is_rejected_after_memory(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_POSTCOPY_LISTEN);

	postcopy_prepare(rig);
	postcopy_advise(rig, &f.pc);
	assert_ok(fe_share_memory(&rig->fe));
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "POSTCOPY_LISTEN: memory is shared already");
}

static void advise_is_rejected_without_the_feature(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_POSTCOPY_ADVISE);

	rig_run(rig, "keyboard", 16);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "POSTCOPY_ADVISE: protocol feature 8 was "
				  "not negotiated");
}

static void a_short_region_is_rejected_where_no_ack_is_due(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_u64(VU_ADD_MEM_REG, 0);

	postcopy_prepare(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "ADD_MEM_REG: invalid payload size");
}

/* Permanent for this process and its children, so this case is the last. */
static void deny_userfaultfd(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_userfaultfd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	assert_sys(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	assert_sys(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
}

static void a_host_without_userfaultfd_is_reported(void **state)
{
	struct rig *rig = *state;

	deny_userfaultfd();
	process_arg(&rig->srv, "--postcopy");
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--socket-path=%s/other", rig->dir);
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	process_expect_log(&rig->srv,
			   "host: --postcopy: cannot use userfaultfd: "
			   "Operation not permitted");
	rig->unclean = true;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_is_offered_only_if_asked_for),
		T(pages_come_when_they_are_missed),
		T(a_memory_table_works_as_slots_do),
		T(nothing_is_touched_before_the_ack),
		T(queues_pause_while_memory_changes),
		T(an_end_may_come_without_a_listen),
		T(after_the_end_no_page_is_waited_for),
		T(a_page_that_never_comes_ends_the_connection),
		T(sigterm_ends_a_device_that_waits_for_a_page),
		T(a_front_end_that_dies_does_not_end_it),
		T(listen_is_rejected_before_advise),
		T(listen_is_rejected_after_memory),
		T(advise_is_rejected_without_the_feature),
		T(a_short_region_is_rejected_where_no_ack_is_due),
		T(a_host_without_userfaultfd_is_reported),
	};

	if (!postcopy_possible()) {
		puts("this host has no userfaultfd");
		return 77;
	}
	return HELD_RUN("postcopy", tests);
}
