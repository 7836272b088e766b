/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device for libvinject, in the test's process: the other end of a handle's
 * connection, on a socket in a directory of its own.
 */
#ifndef VINPUT_TESTS_VINJECT_DEVICE_H
#define VINPUT_TESTS_VINJECT_DEVICE_H

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject-handle.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/process.h"
#include "tests/lib/rig.h"
#include "tests/lib/temp-dir.h"

struct fixture {
	struct vinject *v;
	char dir[TEMP_DIR_LEN], path[64];
	int listening, device;
	pthread_t thread;
	const char *answer; /* of a hybrid's other end, NULL: it closes */
	char asked[64];
	struct vi_event status[16];
	size_t n_status;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->v = vinject_new();
	assert_non_null(f->v);
	temp_dir_make(f->dir);
	snprintf(f->path, sizeof(f->path), "%s/keyboard.inject", f->dir);
	f->listening = f->device = -1;
	unsetenv("VINPUT_FDS");
	unsetenv("VINPUT_DIR");
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	vinject_free(f->v);
	if (f->device >= 0)
		close(f->device);
	if (f->listening >= 0)
		close(f->listening);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

static inline void listen_there(struct fixture *f, int type)
{
	f->listening = rig_unix_listen(f->path, type);
}

static inline void stop_listening(struct fixture *f)
{
	close(f->listening);
	f->listening = -1;
	unlink(f->path);
}

static inline void accept_it(struct fixture *f)
{
	if (f->device >= 0)
		close(f->device);
	f->device = accept(f->listening, NULL, NULL);
	assert_sys(f->device);
}

static inline void device_goes(struct fixture *f)
{
	close(f->device);
	f->device = -1;
}

static inline void device_reads_text(struct fixture *f, const char *text)
{
	struct vi_event ev[256];
	struct pollfd p = { .fd = f->device, .events = POLLIN };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	ssize_t n = recv(f->device, ev, sizeof(ev), 0);
	assert_sys(n);
	assert_events(ev, (size_t)n / 8, text);
}

static inline void device_says(struct fixture *f, const void *bytes, size_t len)
{
	assert_num(send(f->device, bytes, len, 0), (long long)len);
}

static inline bool readable(const struct vinject *v)
{
	struct pollfd p = { .fd = vinject_fd(v), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static inline void press_a(struct fixture *f)
{
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 0);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
}

static inline void assert_error_has(struct fixture *f, const char *words)
{
	if (!strstr(vinject_error(f->v), words))
		fail_msg("'%s' is not in: %s", words, vinject_error(f->v));
}

/* A thread: the device comes only then. */
static inline void *listen_later(void *arg)
{
	struct fixture *f = arg;

	poll(NULL, 0, 120);
	listen_there(f, SOCK_STREAM);
	return NULL;
}

static inline void open_type(struct fixture *f, int type)
{
	listen_there(f, type);
	assert_ok(vinject_open(f->v, f->path));
	accept_it(f);
}

static inline void open_there(struct fixture *f)
{
	open_type(f, SOCK_STREAM);
}

static inline void keep_status(void *arg, uint16_t type, uint16_t code,
			       int32_t value)
{
	struct fixture *f = arg;

	assert_true(f->n_status < 16);
	f->status[f->n_status++] = vi_event(type, code, value);
}

#endif
