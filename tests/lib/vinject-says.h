/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a handle of libvinject says on the wire. The device is the other end of
 * a socketpair; a frame is written without its SYN_REPORT.
 */
#ifndef VINPUT_TESTS_VINJECT_SAYS_H
#define VINPUT_TESTS_VINJECT_SAYS_H

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"

struct fixture {
	struct vinject *v;
	int device;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd[2];

	*state = f;
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	f->v = vinject_new();
	assert_non_null(f->v);
	assert_ok(vinject_open_fd(f->v, fd[0]));
	f->device = fd[1];
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	vinject_free(f->v);
	close(f->device);
	free(f);
	return 0;
}

static inline void assert_nothing_sent(struct fixture *f)
{
	char c;

	assert_num(recv(f->device, &c, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

/* What was said until now goes out as this. */
static inline void says(struct fixture *f, const char *text)
{
	struct vi_event ev[VINJECT_FRAME_MAX + 1];
	ssize_t len;

	assert_num(vinject_frame(f->v), 0);
	len = recv(f->device, ev, sizeof(ev), MSG_DONTWAIT);
	assert_sys(len);
	assert_num(len % 8, 0);
	const size_t n = (size_t)len / 8;
	assert_true(vi_is_syn_report(&ev[n - 1]));
	assert_events(ev, n - 1, text);
	assert_nothing_sent(f);
}

#endif
