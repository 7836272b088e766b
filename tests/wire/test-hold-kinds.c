/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of a kind that test-hold-messages.c has not, whose server dies
 * behind vinput-hold: notifications by messages, a guest's IOMMU, and memory
 * that is copied to another host meanwhile.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/inband.h"
#include "tests/lib/iommu.h"
#include "tests/lib/respawn.h"

#define CALL VU_BACKEND_VRING_CALL

static struct respawn r;

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	return 0;
}

static int teardown(void **state)
{
	respawn_fini(&r);
	return rig_teardown(state);
}

static void serve(struct rig *rig, const char *option)
{
	r.option[0] = option;
	respawn_start(&r);
	rig_hold(rig, NULL);
}

static void replace(void)
{
	respawn_kill(&r);
	respawn_start(&r);
}

/* --- VRING_KICK, BACKEND_VRING_CALL --- */

/* Take calls, and answer those that ask for it, until one of this queue. */
static void expect_call(struct frontend *channel, unsigned int queue)
{
	struct fe_msg msg;

	do {
		assert_ok(fe_recv(channel, &msg));
		assert_num(msg.hdr.request, CALL);
		if (msg.hdr.flags & VU_FLAG_NEED_REPLY)
			inband_answer(channel, CALL);
	} while (msg.state.index != queue);
}

static void notifications_by_message_go_on(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve(rig, "--inband");
	inband_run(rig, &channel);
	rig_type(rig);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	rig_expect_typed(rig);
	replace();
	/* The dead one may have owed one to each queue. */
	expect_call(&channel, FE_STATUSQ);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	assert_ok(inband_kick(rig, FE_STATUSQ));
	expect_status(rig, LED(LED_CAPSL, 1));
	expect_call(&channel, FE_STATUSQ);
	rig_type(rig);
	expect_call(&channel, FE_EVENTQ);
	channel_close(&channel);
}

/* --- IOTLB --- */

/* The next server has no translation, and asks for each that it needs. */
static void translations_are_asked_for_again(void **state)
{
	static struct iommu iommu;
	struct rig *rig = *state;
	struct vi_event ev = SYN;
	unsigned int misses;

	serve(rig, "--iommu");
	iommu_start(rig, &iommu, RIG_BUFFERS);
	inject(rig, KEY(KEY_A, 1), SYN);
	iommu_expect(&iommu, KEY(KEY_A, 1), SYN);
	misses = iommu.misses;
	replace();
	inject(rig, KEY(KEY_A, 0), SYN);
	while (vi_code(&ev) != KEY_A || vi_value(&ev))
		assert_ok(iommu_next_event(&iommu, &ev));
	assert_true(iommu.misses > misses);
	iommu_fini(&iommu);
}

/* --- SET_LOG_BASE --- */

#define PAGE 4096
/* Enough for the addresses of the front-end's memory. */
#define LOG_LEN ((FE_GUEST_BASE / PAGE + 4096) / 8)

static void set_log(struct rig *rig, int fd)
{
	struct fe_msg msg = fe_msg(VU_SET_LOG_BASE);
	const struct vu_log log = { LOG_LEN, 0 };

	msg.hdr.size = sizeof(log);
	memcpy(msg.bytes, &log, sizeof(log));
	msg.fd[0] = fd;
	msg.n_fds = 1;
	assert_ok(fe_query(&rig->fe, &msg, sizeof(log)));
	rig->fe.features |= BIT(VU_F_LOG_ALL);
	assert_ok(fe_set_features(&rig->fe));
}

/* What a server wrote, and did not live to log, is copied all the same. */
static void all_memory_counts_as_written(void **state)
{
	struct rig *rig = *state;
	const int fd = memfd_create("log", MFD_CLOEXEC);
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	uint8_t *bits;
	uint64_t page;

	assert_sys(fd);
	assert_sys(ftruncate(fd, LOG_LEN));
	bits = mmap(NULL, LOG_LEN, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(bits != MAP_FAILED);
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_LOG_SHMFD);
	serve(rig, NULL);
	rig_run(rig, NULL, RIG_BUFFERS);
	set_log(rig, fd);
	page = fe_guest_addr(&rig->fe.mem, rig->fe.mem.base) / PAGE;
	assert_num(bits[page / 8], 0);
	replace();
	rig_type(rig);
	rig_expect_typed(rig);
	/* Answered once the session continues, and so once it is marked. */
	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	for (size_t i = 0; i < rig->fe.mem.size / PAGE / 8; i++)
		assert_num(bits[page / 8 + i], 0xff);
	munmap(bits, LOG_LEN);
	close(fd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(notifications_by_message_go_on),
		T(translations_are_asked_for_again),
		T(all_memory_counts_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
