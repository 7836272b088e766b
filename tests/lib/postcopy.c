/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/postcopy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* So that descriptors, rings and buffers are in pages of their own. */
#define RING_NUM 1024
#define PAGE	 4096

bool postcopy_possible(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void postcopy_init(struct postcopy *pc)
{
	*pc = (struct postcopy){ .uffd = -1 };
	pc->stop = eventfd(0, EFD_CLOEXEC);
	assert_sys(pc->stop);
}

static void stop_serving(struct postcopy *pc)
{
	const uint64_t one = 1;

	if (!pc->serves)
		return;
	assert_num(write(pc->stop, &one, sizeof(one)), sizeof(one));
	pthread_join(pc->thread, NULL);
	pc->serves = false;
}

void postcopy_fini(struct postcopy *pc)
{
	stop_serving(pc);
	if (pc->uffd >= 0)
		close(pc->uffd);
	close(pc->stop);
	free(pc->aside);
	free(pc->came);
}

void postcopy_prepare(struct rig *rig)
{
	if (!rig->srv.pid) {
		process_arg(&rig->srv, "--postcopy");
		rig_serve(rig, "keyboard");
	}
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_PAGEFAULT);
	/* The driver reads only where the device has written. */
	rig->fe.want_features &= ~BIT(VIRTIO_F_EVENT_IDX);
	rig_prepare(rig, RING_NUM);
	assert_true(rig->fe.protocol & BIT(VU_PROTOCOL_F_PAGEFAULT));
}

void postcopy_advise(struct rig *rig, struct postcopy *pc)
{
	struct fe_msg msg = fe_msg(VU_POSTCOPY_ADVISE);

	assert_ok(fe_query(&rig->fe, &msg, 0));
	assert_num(msg.hdr.size, 0);
	assert_num(msg.n_fds, 1);
	pc->uffd = msg.fd[0];
}

void postcopy_listen(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_POSTCOPY_LISTEN);

	assert_ok(fe_request(&rig->fe, &msg));
}

/*
 * A page that the driver touches before it has arrived would be populated, and
 * empty: it is not missed any more.
 */
static void put_aside(struct rig *rig, struct postcopy *pc)
{
	const struct fe_memory *mem = &rig->fe.mem;

	pc->size = mem->size;
	pc->memory = mem->fd;
	pc->aside = malloc(mem->size);
	pc->came = calloc(mem->size / PAGE, sizeof(*pc->came));
	assert_non_null(pc->aside);
	assert_non_null(pc->came);
	memcpy(pc->aside, mem->base, mem->size);
	assert_sys(fallocate(mem->fd,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			     (off_t)mem->size));
}

void postcopy_share_again(struct rig *rig, struct postcopy *pc)
{
	bool slots = !rig->fe.mem_table;
	struct fe_msg msg = fe_msg(slots ? VU_ADD_MEM_REG : VU_SET_MEM_TABLE);
	struct vu_mem_region region = { .guest_addr = rig->fe.mem.guest_addr,
					.size = rig->fe.mem.size,
					.user_addr = rig->fe.mem.user_addr };

	if (slots) {
		msg.hdr.size = sizeof(msg.region);
		msg.region.region = region;
	} else {
		msg.hdr.size = offsetof(struct vu_mem_table, regions[1]);
		msg.table.n_regions = 1;
		msg.table.regions[0] = region;
	}
	msg.fd[0] = rig->fe.mem.fd;
	msg.n_fds = 1;
	uint32_t size = msg.hdr.size;
	assert_ok(fe_query(&rig->fe, &msg, size));
	assert_num(msg.hdr.size, size);
	region = slots ? msg.region.region : msg.table.regions[0];
	assert_num(region.guest_addr, rig->fe.mem.guest_addr);
	assert_true(region.user_addr != rig->fe.mem.user_addr);
	pc->where = region.user_addr;
}

void postcopy_share(struct rig *rig, struct postcopy *pc)
{
	put_aside(rig, pc);
	postcopy_share_again(rig, pc);
}

void postcopy_ack(struct rig *rig)
{
	bool slots = !rig->fe.mem_table;
	struct fe_msg msg =
		fe_msg_u64(slots ? VU_ADD_MEM_REG : VU_SET_MEM_TABLE, 0);

	assert_ok(fe_send(&rig->fe, &msg));
	/* By then, paused queues have read their rings. */
	msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
}

void postcopy_end(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_POSTCOPY_END);

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	assert_num(msg.u64, 0);
}

void postcopy_run(struct rig *rig, struct postcopy *pc)
{
	postcopy_prepare(rig);
	assert_ok(fe_set_features(&rig->fe));
	postcopy_advise(rig, pc);
	postcopy_listen(rig);
	postcopy_share(rig, pc);
	postcopy_ack(rig);
	postcopy_serve(pc);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
}

/* Copy the page into the shared file, unless it is there. */
static void put_back(struct postcopy *pc, size_t page)
{
	if (!pc->came[page] && pwrite(pc->memory, pc->aside + page * PAGE, PAGE,
				      (off_t)(page * PAGE)) != PAGE)
		abort();
	pc->came[page] = true;
}

/* Then wake what waits for it. */
static void bring(struct postcopy *pc, uint64_t address)
{
	size_t page = (address - pc->where) / PAGE;
	struct uffdio_range range = { pc->where + page * PAGE, PAGE };

	put_back(pc, page);
	__atomic_fetch_add(&pc->served, 1, __ATOMIC_RELAXED);
	if (ioctl(pc->uffd, UFFDIO_WAKE, &range) < 0)
		abort();
}

static void *serve(void *arg)
{
	struct postcopy *pc = arg;
	struct pollfd p[] = { { .fd = pc->stop, .events = POLLIN },
			      { .fd = pc->uffd, .events = POLLIN } };

	while (poll(p, 2, -1) > 0 && !p[0].revents) {
		struct uffd_msg msg;

		if (read(pc->uffd, &msg, sizeof(msg)) == sizeof(msg) &&
		    msg.event == UFFD_EVENT_PAGEFAULT)
			bring(pc, msg.arg.pagefault.address);
	}
	return NULL;
}

void postcopy_serve(struct postcopy *pc)
{
	assert_num(pthread_create(&pc->thread, NULL, serve, pc), 0);
	pc->serves = true;
}

void postcopy_complete(struct postcopy *pc)
{
	struct uffdio_range all = { pc->where, pc->size };

	stop_serving(pc);
	for (size_t page = 0; page < pc->size / PAGE; page++)
		put_back(pc, page);
	assert_sys(ioctl(pc->uffd, UFFDIO_WAKE, &all));
}

void postcopy_expect_miss(struct postcopy *pc)
{
	struct pollfd p = { .fd = pc->uffd, .events = POLLIN };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
}

void postcopy_expect_no_miss(struct postcopy *pc)
{
	struct pollfd p = { .fd = pc->uffd, .events = POLLIN };

	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
}
