/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"

#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-session.h"
#include "input/device/snapshot.h"
#include "tests/lib/usual-msg.h"

#define ANSWER_MS 500 /* never wait longer */
#define PAGE	  4096

void soak_pause(struct actor *a, unsigned int ms)
{
	poll(NULL, 0, (int)rnd_below(&a->rnd, ms + 1));
}

/* --- what all of them do --- */

/* more: additional features that it wants, of the device and the protocol. */
static int connect_with(struct actor *a, struct frontend *fe, uint64_t more)
{
	fe_init(fe);
	fe->timeout_ms = ANSWER_MS;
	fe->want_features |= more;
	fe->want_protocol = usual_msg_protocol | more;
	if (rnd_one_in(&a->rnd, 3))
		fe->want_protocol &= ~(UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK);
	if (rnd_one_in(&a->rnd, 2))
		fe->want_features |= FE_PACKED_RINGS;
	if (rnd_one_in(&a->rnd, 3))
		fe->want_features &= ~(UINT64_C(1) << VIRTIO_F_EVENT_IDX);
	fe->mem_table = rnd_one_in(&a->rnd, 3);
	int rc = fe_connect(fe, a->socket);
	return rc ? rc : fe_negotiate(fe);
}

static int run_with(struct actor *a, struct frontend *fe, uint64_t more)
{
	const uint16_t num = (uint16_t)(1u << rnd_below(&a->rnd, 9));
	int rc = connect_with(a, fe, more);

	if (!rc)
		rc = fe_make_rings(fe, num);
	if (rc)
		return rc;
	fe_post_buffers(fe, num);
	return fe_start(fe);
}

static int run(struct actor *a, struct frontend *fe)
{
	return run_with(a, fe, 0);
}

/* Take what is available, but at most max. */
static void take(struct frontend *fe, unsigned int max)
{
	struct vi_event ev;
	unsigned int n = 0;

	while (n < max && !fe_recycle_event(fe, &ev))
		n++;
	if (n)
		fe_ring_publish_and_kick(&fe->ring[FE_EVENTQ]);
}

static void kick_both(struct frontend *fe)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_kick(&fe->ring[i]);
}

static void restart_queues(struct actor *a, struct frontend *fe)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		uint32_t base = 0;

		if (fe_stop_queue(fe, i, &base))
			return;
		soak_pause(a, 5);
		if (rnd_one_in(&a->rnd, 8))
			base = rnd_below(&a->rnd, 1 << 16);
		if (fe_start_queue(fe, i, base))
			return;
	}
}

static void fill(struct actor *a, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)rnd_next(&a->rnd);
}

/* --- good ones --- */

/* As Linux: reads the device, takes events, lights an LED. */
static void linux_guest(struct actor *a)
{
	static struct spec spec;
	const struct vi_event led = vi_event(EV_LED, LED_CAPSL, 1);
	struct frontend fe;

	if (!connect_with(a, &fe, 0) && !fe_read_spec(&fe, &spec) &&
	    !fe_make_rings(&fe, 64)) {
		fe_post_buffers(&fe, 64);
		if (!fe_start(&fe))
			for (int i = rnd_between(&a->rnd, 1, 300); i; i--) {
				if (fe_wait_call(&fe, FE_EVENTQ, 5) ==
				    FE_E_CLOSED)
					break;
				take(&fe, 9999);
				if (rnd_one_in(&a->rnd, 20))
					fe_send_status(&fe, &led);
			}
	}
	fe_fini(&fe);
}

static void comes_and_goes(struct actor *a)
{
	struct frontend fe;

	if (!run(a, &fe) && rnd_one_in(&a->rnd, 2))
		take(&fe, 100);
	if (rnd_one_in(&a->rnd, 2))
		fe_stop(&fe);
	fe_fini(&fe);
	soak_pause(a, 3);
}

static void suspends(struct actor *a)
{
	struct frontend fe;

	if (!run(a, &fe))
		for (int i = 0; i < 20; i++) {
			take(&fe, 50);
			restart_queues(a, &fe);
		}
	fe_fini(&fe);
}

/* An event now and then, or none for longer than a stall. */
static void takes_little(struct actor *a)
{
	struct frontend fe;

	if (!run(a, &fe))
		for (int i = 0; i < 30; i++) {
			take(&fe, rnd_below(&a->rnd, 3));
			soak_pause(a, rnd_one_in(&a->rnd, 10) ? 150 : 10);
		}
	fe_fini(&fe);
}

/* --- bad messages --- */

static void bend(struct actor *a, struct fe_msg *msg)
{
	for (unsigned int n = rnd_below(&a->rnd, 5); n; n--)
		msg->bytes[rnd_below(&a->rnd, 64)] =
			rnd_one_in(&a->rnd, 2) ? (uint8_t)rnd_next(&a->rnd)
					       : UINT8_MAX;
	if (rnd_one_in(&a->rnd, 8))
		msg->hdr.size = rnd_below(&a->rnd, VU_PAYLOAD_MAX + 1);
	if (rnd_one_in(&a->rnd, 20))
		msg->hdr.flags ^= 1u << rnd_below(&a->rnd, 32);
	if (rnd_one_in(&a->rnd, 4))
		msg->n_fds = rnd_below(&a->rnd, 9);
	for (size_t i = 0; i < msg->n_fds; i++)
		if (msg->fd[i] <= 0 || rnd_one_in(&a->rnd, 10))
			msg->fd[i] = (int)rnd_below(&a->rnd, 3);
}

/* With any features; an IOMMU and rings without eventfds are among them. */
static void bends_messages(struct actor *a)
{
	const uint64_t more = rnd_one_in(&a->rnd, 3) ? rnd_next(&a->rnd) : 0;
	struct frontend fe;

	if (!run_with(a, &fe, more) || rnd_one_in(&a->rnd, 4))
		for (unsigned int n = rnd_below(&a->rnd, 20); n; n--) {
			struct fe_msg msg = usual_msg(
				&fe, rnd_below(&a->rnd, USUAL_MSG_MAX + 1));
			size_t len;

			bend(a, &msg);
			len = usual_msg_len(&msg);
			if (rnd_one_in(&a->rnd, 10))
				len = rnd_below(&a->rnd, (unsigned int)len + 1);
			if (fe_send_part(&fe, &msg, 0, len))
				break;
			kick_both(&fe);
		}
	fe_fini(&fe);
	soak_pause(a, 2);
}

static void says_nonsense(struct actor *a)
{
	uint8_t bytes[2000];
	struct frontend fe;

	fe_init(&fe);
	if (!fe_connect(&fe, a->socket)) {
		fill(a, bytes, sizeof(bytes));
		/* A header that is valid, sometimes. */
		if (rnd_one_in(&a->rnd, 2))
			memcpy(bytes,
			       &(uint32_t[3]){ rnd_below(&a->rnd, 45), 1, 8 },
			       12);
		send_with_fds(fe.fd, bytes, rnd_below(&a->rnd, sizeof(bytes)),
			      &fe.fd, rnd_below(&a->rnd, 2));
		soak_pause(a, 2);
	}
	fe_fini(&fe);
}

static void never_reads(struct actor *a)
{
	const struct vu_header get = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };
	struct frontend fe;

	if (!run(a, &fe))
		for (int i = 0; i < 20000; i++)
			if (send_with_fds(fe.fd, &get, sizeof(get), NULL, 0) <
			    0)
				soak_pause(a, 5);
	fe_fini(&fe);
}

/* --- bad memory --- */

static void writes_over_its_rings(struct actor *a)
{
	struct frontend fe;

	if (!run(a, &fe))
		for (int i = 0; i < 40; i++) {
			uint16_t *words = (uint16_t *)(void *)fe.mem.base;

			for (unsigned int n = rnd_below(&a->rnd, 200); n; n--)
				words[rnd_below(&a->rnd,
						(unsigned int)fe.mem.size /
							2)] =
					(uint16_t)(rnd_next(&a->rnd) >>
						   (rnd_one_in(&a->rnd, 2)
							    ? 60
							    : 0));
			kick_both(&fe);
			soak_pause(a, 2);
			if (rnd_one_in(&a->rnd, 4))
				restart_queues(a, &fe);
		}
	fe_fini(&fe);
}

static void moves_memory(struct actor *a, struct frontend *fe)
{
	static const uint32_t requests[] = { VU_ADD_MEM_REG, VU_REM_MEM_REG,
					     VU_SET_MEM_TABLE };
	struct fe_msg msg = usual_msg(fe, requests[rnd_below(&a->rnd, 3)]);
	struct vu_mem_region *r = msg.hdr.request == VU_SET_MEM_TABLE
					  ? &msg.table.regions[0]
					  : &msg.region.region;

	if (!rnd_one_in(&a->rnd, 8)) {
		r->guest_addr += (1 + rnd_below(&a->rnd, 9)) * fe->mem.size;
		r->user_addr += (1 + rnd_below(&a->rnd, 9)) * fe->mem.size;
	}
	fe_request(fe, &msg);
}

/* The file shrinks; nothing here touches it any more. */
static void takes_memory_away(struct actor *a)
{
	struct frontend fe;

	if (!run(a, &fe)) {
		for (unsigned int n = rnd_below(&a->rnd, 30); n; n--) {
			moves_memory(a, &fe);
			kick_both(&fe);
		}
		const off_t left =
			rnd_below(&a->rnd, (unsigned int)fe.mem.size);

		for (int i = 0; !ftruncate(fe.mem.fd, left) && i < 5; i++) {
			kick_both(&fe);
			soak_pause(a, 3);
		}
	}
	fe_fini(&fe);
}

/* --- states --- */

static void set_state_fd(struct frontend *fe, uint32_t direction, int fd)
{
	struct fe_msg msg = usual_msg(fe, VU_SET_DEVICE_STATE_FD);

	memcpy(msg.bytes, &direction, sizeof(direction));
	msg.fd[0] = fd;
	fe_query(fe, &msg, 8);
}

static void check_state(struct frontend *fe)
{
	struct fe_msg msg = fe_msg(VU_CHECK_DEVICE_STATE);

	fe_query(fe, &msg, 8);
}

static void change_bytes(struct actor *a, int fd)
{
	for (unsigned int n = rnd_below(&a->rnd, 10); n; n--) {
		const uint8_t byte = (uint8_t)rnd_next(&a->rnd);
		const off_t at = rnd_below(&a->rnd, 3000);

		if (pwrite(fd, &byte, 1, at) < 0)
			break;
	}
}

/* Saves it to a file, may change it there, and loads it. */
static void saves_and_loads(struct actor *a)
{
	struct frontend fe;
	const int fd = memfd_create("state", MFD_CLOEXEC);

	if (!run(a, &fe) && !fe_stop(&fe)) {
		set_state_fd(&fe, VU_STATE_SAVE, fd);
		soak_pause(a, 5);
		check_state(&fe);
		change_bytes(a, fd);
		lseek(fd, rnd_one_in(&a->rnd, 9), SEEK_SET);
		set_state_fd(&fe, VU_STATE_LOAD, fd);
		if (rnd_one_in(&a->rnd, 2))
			check_state(&fe);
		for (unsigned int i = 0; i < FE_QUEUES; i++)
			fe_start_queue(&fe, i, fe_ring_base(&fe.ring[i]));
		take(&fe, 99);
	}
	close(fd);
	fe_fini(&fe);
	soak_pause(a, 3);
}

const struct role soak_frontends[] = {
	{ "is Linux", linux_guest },
	{ "comes and goes", comes_and_goes },
	{ "suspends", suspends },
	{ "takes little", takes_little },
	{ "bends messages", bends_messages },
	{ "says nonsense", says_nonsense },
	{ "never reads", never_reads },
	{ "writes over its rings", writes_over_its_rings },
	{ "takes memory away", takes_memory_away },
	{ "saves and loads", saves_and_loads },
};
const size_t soak_n_frontends =
	sizeof(soak_frontends) / sizeof(*soak_frontends);
