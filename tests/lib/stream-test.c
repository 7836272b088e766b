/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/stream-test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/rig.h"
#include "tests/lib/stats.h"

int stream_setup(void **state)
{
	struct stream_test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	test_clear_environment();
	temp_dir_make(t->dir);
	snprintf(t->stats, sizeof(t->stats), "%s/stats", t->dir);
	for (int i = 0; i < STREAM_TEST_CLIENTS; i++)
		t->client[i].fd = -1;
	process_init(&t->p, "vinput-stream");
	process_capture(&t->p);
	process_arg(&t->p, "--stats-path=%s", t->stats);
	*state = t;
	return 0;
}

int stream_teardown(void **state)
{
	struct stream_test *t = *state;
	int status = 0;

	for (int i = 0; i < STREAM_TEST_CLIENTS; i++)
		web_client_close(&t->client[i]);
	if (t->p.pid && process_runs(&t->p))
		status = process_terminate(&t->p);
	for (size_t i = 0; i < t->n_ends; i++)
		close(t->end[i]);
	process_fini(&t->p);
	status |= temp_dir_remove(t->dir);
	free(t);
	return status ? -1 : 0;
}

void stream_device(struct stream_test *t, const char *option)
{
	int pair[2];

	assert_true(t->n_ends < STREAM_TEST_FDS);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	process_keep_fd(&t->p, pair[1]);
	process_arg(&t->p, "%s%d", option, pair[1]);
	t->end[t->n_ends++] = pair[0];
}

void stream_start(struct stream_test *t)
{
	const char *text;

	process_start(&t->p);
	for (size_t i = 0; i < t->p.n_keep; i++)
		close(t->p.keep[i]);
	process_expect_stdout(&t->p, "\n");
	text = process_stdout(&t->p);
	for (int i = 0; i < 3 && *text; i++) {
		const size_t len = strcspn(text, "\n");

		snprintf(t->url[i], sizeof(t->url[i]), "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void stream_start_with_keyboard(struct stream_test *t)
{
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	web_client_start(&t->client[0], t->url[0]);
}

static bool stream_readable(const struct stream_test *t, size_t device, int ms)
{
	struct pollfd p = { .fd = t->end[device], .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

void stream_expect_frame(struct stream_test *t, size_t device, const char *text)
{
	struct vi_event ev[256];
	size_t n = 0;

	do {
		if (!stream_readable(t, device, DEADLINE_MS))
			fail_msg("no frame came: %s", text);
		assert_true(n < ARRAY_LEN(ev));
		assert_num(
			recv(t->end[device], &ev[n], sizeof(*ev), MSG_WAITALL),
			sizeof(*ev));
	} while (!vi_is_syn_report(&ev[n++]));
	assert_events(ev, n - 1, text);
}

void stream_expect_no_frame(struct stream_test *t, size_t device)
{
	assert_false(stream_readable(t, device, RIG_QUIET_MS));
}

void stream_wait_counter(struct stream_test *t, const char *name,
			 unsigned long long value)
{
	const double deadline = clock_ms() + DEADLINE_MS;
	char text[STATS_TEXT_MAX];

	do {
		int fd = rig_unix_connect(t->stats, SOCK_STREAM);
		ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);

		close(fd);
		assert_true(n > 0);
		text[n] = '\0';
		if (stats_in(text, name) == value)
			return;
		poll(NULL, 0, 5);
	} while (clock_ms() < deadline);
	fail_msg("%s is not %llu: %s", name, value, text);
}
