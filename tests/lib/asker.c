/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/asker.h"

struct asker asker(int fd)
{
	return (struct asker){ .fd = fd, .out = fd };
}

struct asker asker_hello(int fd)
{
	struct asker a = asker(fd);

	ask(&a, HELLO, SYN);
	expect_answer(&a, HELLO);
	return a;
}

void asker_send(struct asker *a, const struct vi_event *ev, size_t n)
{
	const uint8_t *bytes = (const uint8_t *)ev;
	size_t left = n * sizeof(*ev);

	while (left) {
		struct pollfd p = { .fd = a->out, .events = POLLOUT };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		const ssize_t sent = write(a->out, bytes, left);
		assert_sys(sent);
		bytes += sent;
		left -= (size_t)sent;
	}
}

/* Return: the number of bytes that came in time, 0 at the end, -1: none. */
static ssize_t asker_read(struct asker *a, int timeout_ms)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN };
	ssize_t n;

	if (!poll(&p, 1, timeout_ms))
		return -1;
	n = read(a->fd, a->ev, sizeof(a->ev));
	assert_sys(n);
	assert_num(n % (ssize_t)sizeof(a->ev[0]), 0);
	a->at = 0;
	a->n = (size_t)n / sizeof(a->ev[0]);
	return n;
}

bool asker_next(struct asker *a, struct vi_event *ev, int timeout_ms)
{
	if (a->at == a->n && asker_read(a, timeout_ms) <= 0)
		return false;
	*ev = a->ev[a->at++];
	return true;
}

static void print_event(const char *what, const struct vi_event *ev)
{
	print_error("%s type %#x code %u value %d\n", what, vi_type(ev),
		    vi_code(ev), vi_value(ev));
}

void asker_expect(struct asker *a, const struct vi_event *ev, size_t n,
		  const char *file, int line)
{
	for (size_t i = 0; i < n; i++) {
		struct vi_event got;
		const bool came = asker_next(a, &got, DEADLINE_MS);

		if (came && !memcmp(&got, &ev[i], sizeof(got)))
			continue;
		print_error("answer %zu of %zu differs\n", i, n);
		if (came)
			print_event("  is       ", &got);
		print_event("  should be", &ev[i]);
		_fail(file, line);
	}
}

void asker_expect_nothing(struct asker *a)
{
	struct vi_event ev;

	if (!asker_next(a, &ev, RIG_QUIET_MS))
		return;
	print_event("unexpected answer", &ev);
	fail();
}

void asker_expect_end(struct asker *a)
{
	assert_num(a->at, a->n);
	assert_num(asker_read(a, DEADLINE_MS), 0);
}

struct asker_receipt asker_receipt(struct asker *a)
{
	struct asker_receipt r = { 0 };
	struct vi_event ev = { 0 };

	for (;;) {
		assert_true(asker_next(a, &ev, DEADLINE_MS));
		if (vi_type(&ev) == CONTROL_RECEIPT)
			break;
		if (vi_type(&ev) == CONTROL_UNKNOWN)
			continue;
		assert_num(vi_type(&ev), CONTROL_COUNT);
		assert_true(vi_code(&ev) < CONTROL_WHATS);
		r.n[vi_code(&ev)] = (uint32_t)vi_value(&ev);
	}
	r.number = (uint32_t)vi_value(&ev);
	r.bits = vi_code(&ev);
	return r;
}
