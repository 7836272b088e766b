/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: floor LISTEN_FD INJECT_FD|NODE
 *        floor LISTEN_FD SOCKET_PATH many
 *
 * The minimum of every device server: read the injection socket, or an evdev
 * node, write the ring, write the eventfd. It trusts everybody, checks nothing
 * and speaks no vhost-user (floor.h is its set-up). It enables kicks, and waits
 * for one, only when the guest has no buffer left. With "many" it waits for all
 * that have connected to the path before the set-up.
 */
#include <fcntl.h>
#include <linux/input.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "input/device/event.h"
#include "tests/bench/floor.h"

#define BATCH	   8192 /* events that one read can return ... */
#define NODE_BATCH 64	/* ... as from a node */
#define MANY	   64

struct eventq {
	uint16_t num, next;
	uint64_t guest_addr;
	uint8_t *memory;
	const struct vring_desc *desc;
	const struct vring_avail *avail;
	struct vring_used *used;
	int call, kick;
};

static void publish(struct eventq *q)
{
	static const uint64_t one = 1;

	__atomic_store_n(&q->used->idx, q->next, __ATOMIC_RELEASE);
	if (write(q->call, &one, sizeof(one)) < 0)
		exit(EXIT_FAILURE);
}

static int has_buffer(const struct eventq *q)
{
	return __atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) != q->next;
}

static void wait_for_buffer(struct eventq *q)
{
	uint16_t *avail_event = (void *)&q->used->ring[q->num];
	struct pollfd p = { .fd = q->kick, .events = POLLIN };
	uint64_t count;

	publish(q);
	while (!has_buffer(q)) {
		__atomic_store_n(avail_event, q->next, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (has_buffer(q))
			return;
		if (poll(&p, 1, -1) < 0 ||
		    read(q->kick, &count, sizeof(count)) < 0)
			exit(EXIT_FAILURE);
	}
}

static void put(struct eventq *q, const struct vi_event *ev)
{
	if (!has_buffer(q))
		wait_for_buffer(q);
	uint16_t i = q->next++ & (q->num - 1);
	uint16_t head = q->avail->ring[i];
	memcpy(q->memory + (q->desc[head].addr - q->guest_addr), ev,
	       sizeof(*ev));
	q->used->ring[i].id = head;
	q->used->ring[i].len = sizeof(*ev);
}

static int receive_setup(int fd, struct floor_setup *setup, int fds[FLOOR_FDS])
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(FLOOR_FDS * sizeof(int))];
	} control;
	struct iovec iov = { setup, sizeof(*setup) };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &mh, 0) != sizeof(*setup) || !CMSG_FIRSTHDR(&mh))
		return -1;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&mh)), FLOOR_FDS * sizeof(int));
	return 0;
}

static int set_up(struct eventq *q, int front_end)
{
	struct floor_setup s = { 0 };
	int fds[FLOOR_FDS];

	if (receive_setup(front_end, &s, fds))
		return -1;
	uint8_t *memory = mmap(NULL, s.memory_len, PROT_READ | PROT_WRITE,
			       MAP_SHARED, fds[FLOOR_MEMORY], 0);
	if (memory == MAP_FAILED)
		return -1;
	*q = (struct eventq){ .num = (uint16_t)s.num,
			      .guest_addr = s.guest_addr,
			      .memory = memory,
			      .desc = (void *)(memory + s.desc),
			      .avail = (void *)(memory + s.avail),
			      .used = (void *)(memory + s.used),
			      .call = fds[FLOOR_CALL],
			      .kick = fds[FLOOR_KICK] };
	return write(front_end, "", 1) == 1 ? 0 : -1;
}

/* As read() of a stream of events. */
static ssize_t read_node(int fd, struct vi_event *ev)
{
	static struct input_event in[NODE_BATCH];
	ssize_t n = read(fd, in, sizeof(in));

	if (n < 0)
		return n;
	n /= (ssize_t)sizeof(*in);
	for (ssize_t i = 0; i < n; i++)
		ev[i] = vi_event(in[i].type, in[i].code, in[i].value);
	return n * (ssize_t)sizeof(*ev);
}

static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, MANY) < 0)
		exit(EXIT_FAILURE);
	return fd;
}

/* Edge-triggered, which costs least: what there is, is read at once. */
static int watch_all(int listener)
{
	int all = epoll_create1(0), fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		struct epoll_event e = { EPOLLIN | EPOLLET, { .fd = fd } };

		if (epoll_ctl(all, EPOLL_CTL_ADD, fd, &e) < 0)
			exit(EXIT_FAILURE);
	}
	return all;
}

static void serve_many(struct eventq *q, int listener)
{
	static struct vi_event ev[BATCH];
	struct epoll_event ready[MANY];
	int all = watch_all(listener), n_ready;

	while ((n_ready = epoll_wait(all, ready, MANY, -1)) > 0) {
		for (int k = 0; k < n_ready; k++) {
			ssize_t n = read(ready[k].data.fd, ev, sizeof(ev));

			for (ssize_t i = 0; i < n / (ssize_t)sizeof(*ev); i++)
				put(q, &ev[i]);
		}
		publish(q);
	}
}

static int run_many(char **argv)
{
	int listener = listen_at(argv[2]);
	int front_end = accept(atoi(argv[1]), NULL, NULL);
	struct eventq q;

	if (front_end < 0 || set_up(&q, front_end))
		return EXIT_FAILURE;
	serve_many(&q, listener);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct vi_event ev[BATCH];
	struct eventq q;
	ssize_t n;

	if (argc == 4)
		return run_many(argv);
	if (argc != 3)
		return 2;
	bool is_node = argv[2][0] == '/';
	int inject = is_node ? open(argv[2], O_RDONLY) : atoi(argv[2]);
	int front_end = accept(atoi(argv[1]), NULL, NULL);
	if (front_end < 0 || set_up(&q, front_end))
		return EXIT_FAILURE;
	while ((n = is_node ? read_node(inject, ev)
			    : read(inject, ev, sizeof(ev))) > 0) {
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(*ev); i++)
			put(&q, &ev[i]);
		publish(&q);
	}
	return n ? EXIT_FAILURE : EXIT_SUCCESS;
}
