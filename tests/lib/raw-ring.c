/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/clock.h"
#include "tests/lib/raw-ring.h"

#define FDS_MAX 8

int raw_ring_memory(size_t len, int seals, unsigned int flags)
{
	int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);

	assert_sys(fd);
	assert_sys(ftruncate(fd, (off_t)len));
	assert_sys(fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

struct raw_ring raw_ring_new(int socket, uint32_t size)
{
	struct raw_ring r = { .socket = asker(socket), .size = size };
	uint8_t *at;

	r.memory = raw_ring_memory(RING_FILE_LEN(size), RAW_RING_SEALS, 0);
	r.event_fd = eventfd(0, EFD_CLOEXEC);
	assert_sys(r.event_fd);
	at = mmap(NULL, RING_FILE_LEN(size), PROT_READ | PROT_WRITE, MAP_SHARED,
		  r.memory, 0);
	assert_true(at != MAP_FAILED);
	r.theirs = (void *)(at + RING_CONSUMER);
	r.ours = (void *)(at + RING_PRODUCER);
	r.events = (void *)(at + RING_EVENTS);
	return r;
}

void raw_ring_free(struct raw_ring *r)
{
	munmap(r->theirs, RING_FILE_LEN(r->size));
	close(r->memory);
	close(r->event_fd);
	if (r->socket.fd >= 0)
		close(r->socket.fd);
	r->socket.fd = -1;
}

/* The next event of a type, which must be RING. Others are LEDs. */
static struct vi_event ring_answer(struct raw_ring *r)
{
	struct vi_event ev;

	do
		assert_true(asker_next(&r->socket, &ev, DEADLINE_MS));
	while (vi_type(&ev) != CONTROL_RING);
	return ev;
}

uint32_t raw_ring_ask(struct raw_ring *r)
{
	struct vi_event ev;

	ask(&r->socket, RING_ASK, SYN);
	ev = ring_answer(r);
	assert_num(vi_code(&ev), CONTROL_RING_ASK);
	return (uint32_t)vi_value(&ev);
}

bool raw_ring_try_offer(struct raw_ring *r, const int *fd, size_t n)
{
	const struct vi_event ev[] = { RING_OFFER(0), SYN };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)ev, sizeof(ev) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(*fd));
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(*fd));
		memcpy(CMSG_DATA(c), fd, n * sizeof(*fd));
	}
	return sendmsg(r->socket.fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof(ev);
}

void raw_ring_send_offer(struct raw_ring *r, const int *fd, size_t n)
{
	assert_true(raw_ring_try_offer(r, fd, n));
}

bool raw_ring_is_accepted(struct raw_ring *r)
{
	struct vi_event ev = ring_answer(r);

	assert_num(vi_code(&ev), CONTROL_RING_OFFER);
	return vi_value(&ev);
}

struct raw_ring raw_ring_open(struct rig *rig, int type, uint32_t size)
{
	struct raw_ring r =
		raw_ring_new(rig_unix_connect(rig->inject_path, type), size);

	assert_num(raw_ring_ask(&r), RING_SIZE_MAX);
	raw_ring_send_offer(&r, (int[]){ r.memory, r.event_fd }, 2);
	assert_true(raw_ring_is_accepted(&r));
	return r;
}

void raw_ring_kick(struct raw_ring *r)
{
	const uint64_t one = 1;

	r->kicks++;
	assert_num(write(r->event_fd, &one, sizeof(one)), sizeof(one));
}

void raw_ring_publish(struct raw_ring *r, uint32_t put)
{
	const uint32_t from = r->put;

	r->put = put;
	__atomic_store_n(&r->ours->put, put, __ATOMIC_SEQ_CST);
	if (ring_has_passed(
		    __atomic_load_n(&r->theirs->kick_at, __ATOMIC_SEQ_CST),
		    from, put))
		raw_ring_kick(r);
}

static uint32_t taken_of(const struct raw_ring *r)
{
	return __atomic_load_n(&r->theirs->taken, __ATOMIC_ACQUIRE);
}

size_t raw_ring_put_some(struct raw_ring *r, const struct vi_event *ev,
			 size_t n)
{
	const uint32_t space = r->size - (r->put - taken_of(r));

	if (n > space)
		n = space;
	for (uint32_t i = 0; i < n; i++)
		r->events[(r->put + i) & (r->size - 1)] = ev[i];
	raw_ring_publish(r, r->put + (uint32_t)n);
	return n;
}

void raw_ring_put(struct raw_ring *r, const struct vi_event *ev, size_t n)
{
	const double until = clock_ms() + DEADLINE_MS;
	size_t done = 0;

	while ((done += raw_ring_put_some(r, ev + done, n - done)) < n) {
		assert_true(clock_ms() < until);
		poll(NULL, 0, 1);
	}
}

void raw_ring_wait_taken(struct raw_ring *r)
{
	const double until = clock_ms() + DEADLINE_MS;

	while (taken_of(r) != r->put) {
		assert_true(clock_ms() < until);
		poll(NULL, 0, 1);
	}
}
