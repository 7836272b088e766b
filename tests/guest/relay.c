/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   QEMU ──► message ──► server		said[]: the last of each kind,
 *               └──────► said, regions		with its fds
 *
 *   the server dies ─► connect ─► features, memory, rings from said[], and
 *                                 the bases out of the guest's memory
 *                    ─► requests of QEMU without an answer, once more
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "injector/frontend/frontend-message.h"
#include "injector/frontend/frontend-session.h"
#include "input/base/clock.h"
#include "tests/guest/relay.h"
#include "tests/guest/vm.h"

#define REQUESTS   64
#define TIMEOUT_MS 20000
#define RETRY_MS   5
#define PACKED	   (UINT64_C(1) << VIRTIO_F_RING_PACKED)

struct region {
	struct vu_mem_region at;
	int fd;
};

static struct frontend vmm, server;
static const struct reattach_style *style;
static const char *path;
static struct fe_msg said[REQUESTS][FE_QUEUES]; /* hdr.request 0: nothing */
static struct region regions[VU_MEM_TABLE_MAX];
static size_t n_regions;
static struct fe_msg asked; /* and not answered yet */
static struct inject_stamps *stamps;
static int call = -1, guest_call = -1; /* eventq's: the server's, QEMU's */

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(
	const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "relay to %s: ", path);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	_exit(1);
}

/* --- what was said -------------------------------------------------------- */

static void forget(struct fe_msg *msg)
{
	for (size_t i = 0; i < msg->n_fds; i++)
		close(msg->fd[i]);
	*msg = (struct fe_msg){ 0 };
}

static void keep(const struct fe_msg *msg, unsigned int queue)
{
	struct fe_msg *to;

	if (queue >= FE_QUEUES)
		give_up("queue %u", queue);
	to = &said[msg->hdr.request][queue];
	forget(to);
	*to = *msg;
	to->hdr.flags &= ~VU_FLAG_NEED_REPLY;
}

static void add_region(const struct vu_mem_region *at, int fd)
{
	if (n_regions == VU_MEM_TABLE_MAX)
		give_up("more than %d regions", VU_MEM_TABLE_MAX);
	regions[n_regions++] = (struct region){ *at, fd };
}

static void remove_region(const struct vu_mem_region *at)
{
	for (size_t i = 0; i < n_regions; i++) {
		if (regions[i].at.guest_addr != at->guest_addr)
			continue;
		close(regions[i].fd);
		regions[i] = regions[--n_regions];
		return;
	}
	give_up("a region to be removed is not there");
}

static void take_table(const struct fe_msg *msg)
{
	while (n_regions)
		close(regions[--n_regions].fd);
	for (uint32_t i = 0; i < msg->table.n_regions; i++)
		add_region(&msg->table.regions[i], msg->fd[i]);
}

/* Its fds are ours now. */
static void remember(struct fe_msg *msg)
{
	switch (msg->hdr.request) {
	case VU_SET_FEATURES:
	case VU_SET_PROTOCOL_FEATURES:
	case VU_SET_BACKEND_REQ_FD:
	case VU_SET_CONFIG:
	case VU_SET_STATUS:
		keep(msg, 0);
		break;
	case VU_SET_VRING_NUM:
	case VU_SET_VRING_ADDR:
	case VU_SET_VRING_BASE:
	case VU_SET_VRING_ENABLE:
		keep(msg, msg->state.index);
		break;
	case VU_SET_VRING_KICK:
	case VU_SET_VRING_CALL:
	case VU_SET_VRING_ERR:
		keep(msg, msg->u64 & VU_VRING_INDEX_MASK);
		break;
	case VU_GET_VRING_BASE:
		forget(&said[VU_SET_VRING_KICK][msg->state.index]);
		break;
	case VU_SET_MEM_TABLE:
		take_table(msg);
		break;
	case VU_ADD_MEM_REG:
		add_region(&msg->region.region, msg->fd[0]);
		break;
	case VU_REM_MEM_REG:
		remove_region(&msg->region.region);
		forget(msg);
		break;
	case VU_RESET_DEVICE:
		for (unsigned int q = 0; q < FE_QUEUES; q++) {
			forget(&said[VU_SET_VRING_KICK][q]);
			forget(&said[VU_SET_VRING_ENABLE][q]);
		}
		break;
	default:
		forget(msg);
	}
}

/* --- another server ------------------------------------------------------- */

/* avail->idx or used->idx, which are at the same offset in their rings. */
static uint32_t read_idx(uint64_t user_addr)
{
	uint16_t idx;

	for (size_t i = 0; i < n_regions; i++) {
		const struct vu_mem_region *r = &regions[i].at;
		const uint64_t at = user_addr - r->user_addr;

		if (at < r->size &&
		    pread(regions[i].fd, &idx, sizeof(idx),
			  (off_t)(r->mmap_offset + at + 2)) == sizeof(idx))
			return idx;
	}
	give_up("a ring is in no region");
}

/* A packed ring has no index: all that QEMU knows is where it began. */
static uint32_t base_of(unsigned int q)
{
	const struct vu_vring_addr *addr = &said[VU_SET_VRING_ADDR][q].addr;

	if (said[VU_SET_FEATURES][0].u64 & PACKED)
		return said[VU_SET_VRING_BASE][q].state.num;
	switch (style->base) {
	case BASE_0:
		break;
	case BASE_USED:
		return read_idx(addr->used_user);
	case BASE_AVAIL:
		return read_idx(addr->avail_user);
	}
	return 0;
}

static int say_again(uint32_t request, unsigned int queue)
{
	const struct fe_msg *msg = &said[request][queue];

	return msg->hdr.request ? fe_request(&server, msg) : 0;
}

static int tell_ring(enum reattach_step step, unsigned int q)
{
	static const uint32_t requests[] = {
		[REATTACH_NUM] = VU_SET_VRING_NUM,
		[REATTACH_ADDR] = VU_SET_VRING_ADDR,
		[REATTACH_CALL] = VU_SET_VRING_CALL,
		[REATTACH_KICK] = VU_SET_VRING_KICK,
		[REATTACH_ENABLE] = VU_SET_VRING_ENABLE,
	};
	struct fe_msg base;

	if (step != REATTACH_BASE)
		return say_again(requests[step], q);
	if (!said[VU_SET_VRING_ADDR][q].hdr.request)
		return 0;
	base = fe_msg_state(VU_SET_VRING_BASE, q, base_of(q));
	return fe_request(&server, &base);
}

static int tell_rings(const enum reattach_step *steps, size_t n)
{
	int rc = 0;

	for (unsigned int q = 0; q < FE_QUEUES; q++)
		for (size_t i = 0; i < n && steps[i] && !rc; i++)
			rc = tell_ring(steps[i], q);
	return rc;
}

static int tell_memory(void)
{
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	if (!n_regions)
		return 0;
	msg.hdr.size = offsetof(struct vu_mem_table, regions[n_regions]);
	msg.table.n_regions = (uint32_t)n_regions;
	for (size_t i = 0; i < n_regions; i++) {
		msg.table.regions[i] = regions[i].at;
		msg.fd[i] = regions[i].fd;
	}
	msg.n_fds = n_regions;
	return fe_request(&server, &msg);
}

/* QEMU must keep seeing the same device, so ask what it asked before. */
static int reinitialise(void)
{
	static const uint32_t rest[] = { VU_SET_BACKEND_REQ_FD, VU_SET_CONFIG,
					 VU_SET_STATUS };
	const uint64_t acked = said[VU_SET_PROTOCOL_FEATURES][0].u64;
	int rc = fe_negotiate(&server);

	server.protocol = style->acks ? acked : 0;
	if (!rc)
		rc = say_again(VU_SET_PROTOCOL_FEATURES, 0);
	if (!rc)
		rc = say_again(VU_SET_FEATURES, 0);
	if (!rc)
		rc = tell_memory();
	if (!rc)
		rc = tell_rings(style->each, 6);
	if (!rc)
		rc = tell_rings(style->last, 1);
	for (unsigned int q = 0; q < FE_QUEUES && !rc; q++)
		rc = say_again(VU_SET_VRING_ERR, q);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]) && !rc; i++)
		rc = say_again(rest[i], 0);
	return rc;
}

static void connect_server(void)
{
	struct pollfd p = { vmm.fd, 0, 0 };

	while (fe_connect(&server, path) || reinitialise())
		if (poll(&p, 1, RETRY_MS) > 0)
			_exit(0);
}

/* Requests of QEMU that an input device answers. */
static bool is_answered(const struct fe_msg *msg)
{
	switch (msg->hdr.request) {
	case VU_GET_FEATURES:
	case VU_GET_PROTOCOL_FEATURES:
	case VU_GET_QUEUE_NUM:
	case VU_GET_MAX_MEM_SLOTS:
	case VU_GET_CONFIG:
	case VU_GET_STATUS:
	case VU_GET_VRING_BASE:
		return true;
	default:
		return false;
	}
}

/*
 * A message that only needed an ack has been replayed already. Return: whether
 * that server is alive.
 */
static bool ask_again(void)
{
	struct fe_msg ack = fe_msg_u64(asked.hdr.request, 0);

	if (!asked.hdr.request)
		return true;
	if (is_answered(&asked))
		return !fe_send(&server, &asked);
	asked.hdr.request = 0;
	ack.hdr.flags |= VU_FLAG_REPLY;
	if (fe_send(&vmm, &ack))
		_exit(0);
	return true;
}

static void follow_a_death(void)
{
	do
		connect_server();
	while (!ask_again());
}

/* --- passing on ----------------------------------------------------------- */

/* Let the server notify us in QEMU's place. */
static void come_between(struct fe_msg *msg)
{
	if (msg->hdr.request != VU_SET_VRING_CALL ||
	    (msg->u64 & VU_VRING_INDEX_MASK) != FE_EVENTQ)
		return;
	call = -1;
	if (!msg->n_fds)
		return;
	if (guest_call >= 0)
		close(guest_call);
	guest_call = msg->fd[0];
	call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	msg->fd[0] = call; /* remember() closes it one day */
}

static void pass_call(void)
{
	uint64_t count;
	const int64_t now = clock_ns();

	if (read(call, &count, sizeof(count)) < 0)
		return;
	inject_stamp(stamps, now);
	if (write(guest_call, &count, sizeof(count)) < 0)
		give_up("write");
}

static void pass_message(void)
{
	struct fe_msg msg;
	int rc;

	if (fe_recv(&vmm, &msg))
		_exit(0); /* QEMU has exited */
	if (style->stamps)
		come_between(&msg);
	if (is_answered(&msg) || msg.hdr.flags & VU_FLAG_NEED_REPLY) {
		asked = msg;
		asked.n_fds = 0;
	}
	rc = fe_send(&server, &msg);
	remember(&msg);
	if (rc)
		follow_a_death();
}

static void pass_answer(void)
{
	struct fe_msg msg;

	if (fe_recv(&server, &msg)) {
		follow_a_death();
		return;
	}
	if (msg.hdr.request == VU_GET_FEATURES && !style->packed)
		msg.u64 &= ~PACKED;
	asked.hdr.request = 0;
	if (fe_send(&vmm, &msg))
		_exit(0);
	forget(&msg);
}

__attribute__((noreturn)) static void pass_all(void)
{
	connect_server();
	for (;;) {
		struct pollfd p[] = { { vmm.fd, POLLIN, 0 },
				      { server.fd, POLLIN, 0 },
				      { call, POLLIN, 0 } };

		if (poll(p, 3, -1) < 0)
			give_up("poll");
		if (p[2].revents)
			pass_call();
		if (p[0].revents)
			pass_message();
		else if (p[1].revents)
			pass_answer();
	}
}

/* Runs in a process that inherits nothing from the test but the listener. */
__attribute__((noreturn)) static void run(int listener)
{
	die_with_parent();
	dup2(listener, STDERR_FILENO + 1);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	listener = STDERR_FILENO + 1;
	fe_init(&vmm);
	fe_init(&server);
	vmm.timeout_ms = server.timeout_ms = TIMEOUT_MS;
	fe_attach(&vmm, accept(listener, NULL, NULL));
	close(listener);
	pass_all();
}

void relay_start(struct relay *relay, const char *server_path,
		 const struct reattach_style *as)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(relay->socket, sizeof(relay->socket), "%s.relay", server_path);
	memcpy(addr.sun_path, relay->socket, sizeof(addr.sun_path));
	unlink(addr.sun_path);
	assert_int_equal(bind(listener, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	path = server_path;
	style = as;
	if (!relay->stamps)
		relay->stamps = mmap(NULL, sizeof(*relay->stamps),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(relay->stamps, MAP_FAILED);
	stamps = relay->stamps;
	relay->pid = fork();
	assert_true(relay->pid >= 0);
	if (!relay->pid)
		run(listener);
	close(listener);
}

void relay_stop(struct relay *relay)
{
	if (relay->pid <= 0)
		return;
	kill(relay->pid, SIGKILL);
	waitpid(relay->pid, NULL, 0);
	relay->pid = 0;
}
