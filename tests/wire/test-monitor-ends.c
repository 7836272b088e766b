/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How vinput-monitor ends, and with which status: waiting, signals, devices
 * that fail or are none, and its command line.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/monitor-rig.h"

static void wait_waits_for_the_socket(void **state)
{
	struct watch *w = *state;

	start_monitor(w, ARGS("--wait", "--count=1"));
	usleep(20000); /* one or two attempts before it exists */
	assert_true(process_runs(&w->monitor));
	rig_serve(w->rig, "keyboard");
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
}

static void wait_ends_at_the_timeout_with_status_3(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--wait", "--timeout=0.1"));
	assert_num(process_wait(&w->monitor), 3);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void waiting_for_a_socket_is_reported(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--wait", "--count=1"));
	process_expect_log(&w->monitor, "waiting for a device to listen here");
	assert_num(process_terminate(&w->monitor), 0);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

/* Its connection is kept: it comes next when the VMM leaves. */
static void waiting_for_another_front_end_is_reported(void **state)
{
	struct watch *w = *state;

	rig_run(w->rig, "keyboard", RIG_BUFFERS);
	start_monitor(w, ARGS("--wait", "--count=1"));
	process_expect_log(&w->monitor, "connected, but not answered");
	process_expect_log(&w->rig->srv,
			   "frontend: another front-end is waiting");
	w->rig->lines.frontend++;
	rig_disconnect(w->rig);
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	/* Not once for each attempt. */
	assert_num(process_log_count(&w->rig->srv, "front-end connected"), 2);
}

static void ends_cleanly_on(struct watch *w, int signal_number)
{
	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS(NULL));
	process_expect_stdout(&w->monitor, "Testing");
	assert_sys(kill(w->monitor.pid, signal_number));
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
	rig_expect_serves(w->rig);
}

static void sigint_ends_it_cleanly(void **state)
{
	ends_cleanly_on(*state, SIGINT);
}

static void sigterm_ends_it_cleanly(void **state)
{
	ends_cleanly_on(*state, SIGTERM);
}

static void a_device_that_ends_is_status_1(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS(NULL));
	process_expect_stdout(&w->monitor, "Testing");
	assert_num(process_terminate(&w->rig->srv), 0);
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "closed the connection"), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

/* One line each, status 1; there is no device. */
static void fails_without_device(struct watch *w, const char *says)
{
	w->rig->unclean = true;
	start_monitor(w, ARGS(NULL));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "vinput-monitor: "), 1);
	assert_num(count(w->monitor.err.text, says), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	assert_string_equal(process_stdout(&w->monitor), "");
}

static void a_missing_socket_is_reported(void **state)
{
	fails_without_device(*state, "No such file");
}

static void a_file_that_is_no_socket_is_reported(void **state)
{
	struct watch *w = *state;

	strcpy(w->rig->socket, "/proc/self/exe");
	fails_without_device(w, "not a socket");
}

static void a_socket_without_listener_is_reported(void **state)
{
	struct watch *w = *state;

	close(rig_unix_listen(w->rig->socket, SOCK_STREAM));
	fails_without_device(w, "refused");
}

/* Accepts, and never sends anything. */
static void a_silent_peer_is_reported(void **state)
{
	struct watch *w = *state;
	int fd = rig_unix_listen(w->rig->socket, SOCK_STREAM);

	fails_without_device(w, "no reply");
	close(fd);
}

static void peer_that_says(struct watch *w, const void *bytes, size_t len,
			   const char *says)
{
	int fd = rig_unix_listen(w->rig->socket, SOCK_STREAM);

	w->rig->unclean = true;
	start_monitor(w, ARGS("--packed"));
	int peer = accept(fd, NULL, NULL);
	assert_sys(peer);
	assert_sys(send(peer, bytes, len, MSG_NOSIGNAL));
	assert_sys(shutdown(peer, SHUT_WR));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, says), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	close(peer);
	close(fd);
}

static void a_peer_that_hangs_up_is_reported(void **state)
{
	peer_that_says(*state, "", 0, "closed the connection");
}

static void a_peer_that_speaks_otherwise_is_reported(void **state)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	peer_that_says(*state, http, strlen(http),
		       "invalid reply: not a vhost-user device");
}

#define ANSWER(what)                                       \
	{                                                  \
		what, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 \
	}

static void a_device_without_packed_rings_is_reported(void **state)
{
	static const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) answers[] = {
		{ ANSWER(VU_GET_FEATURES),
		  BIT(VIRTIO_F_VERSION_1) | BIT(VU_F_PROTOCOL_FEATURES) },
		{ ANSWER(VU_GET_PROTOCOL_FEATURES), BIT(VU_PROTOCOL_F_CONFIG) },
	};

	peer_that_says(*state, answers, sizeof(answers),
		       "the device does not offer packed rings");
}

struct usage {
	const char *name;
	const char *args[ARGS_MAX];
};

static const struct usage usage[] = {
	{ "unknown_option_is_refused", { "--frobnicate" } },
	{ "short_option_is_refused", { "-x" } },
	{ "touch_and_json_exclude_each_other", { "--touch", "--json" } },
	{ "count_0_is_refused", { "--count=0" } },
	{ "negative_count_is_refused", { "--count=-1" } },
	{ "count_that_is_no_number_is_refused", { "--count", "many" } },
	{ "negative_timeout_is_refused", { "--timeout=-1" } },
	{ "endless_timeout_is_refused", { "--timeout=inf" } },
	{ "ring_size_0_is_refused", { "--ring-size=0" } },
	{ "ring_size_3_is_refused", { "--ring-size=3" } },
	{ "ring_size_65536_is_refused", { "--ring-size=65536" } },
	{ "packed_ring_size_32769_is_refused",
	  { "--ring-size=32769", "--packed" } },
	{ "unknown_led_is_refused", { "--led=DISCO=on" } },
	{ "led_without_state_is_refused", { "--led=CAPSL" } },
	{ "led_that_is_maybe_on_is_refused", { "--led=CAPSL=maybe" } },
	{ "json_with_a_value_is_refused", { "--json=yes" } },
};

static void is_refused(void **state)
{
	struct watch *w = *state;
	const struct usage *row = w->rig->row;

	w->rig->unclean = true;
	start_monitor(w, row->args);
	assert_num(process_wait(&w->monitor), 2);
	assert_num(count(w->monitor.err.text, "\n"), 1);
	assert_string_equal(process_stdout(&w->monitor), "");
}

static void no_socket_is_refused(void **state)
{
	struct watch *w = *state;

	w->rig->unclean = true;
	process_start(&w->monitor);
	assert_num(process_wait(&w->monitor), 2);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void help_names_every_option(void **state)
{
	static const char *const names[] = {
		"--count", "--timeout",	  "--wait", "--json",	"--led",
		"--locks", "--ring-size", "--help", "--version"
	};
	struct watch *w = *state;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--help"));
	assert_num(process_wait(&w->monitor), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(count(process_stdout(&w->monitor), names[i]) > 0);
}

/* Reads "\\-\\-ring\\-size=" as "--ring-size". */
static void unescape_option(const char *text, char name[32])
{
	size_t n = 0;

	for (; n < 31; text++) {
		if (*text == '\\')
			continue;
		if (*text != '-' && (*text < 'a' || *text > 'z'))
			break;
		name[n++] = *text;
	}
	name[n] = '\0';
}

static void help_and_man_page_name_the_same_options(void **state)
{
	struct watch *w = *state;
	char path[512], name[32], *line = NULL;
	bool in_options = false;
	size_t len = 0;
	int options = 0;

	w->rig->unclean = true;
	start_monitor(w, ARGS("--help"));
	assert_num(process_wait(&w->monitor), 0);
	const char *help = process_stdout(&w->monitor);
	snprintf(path, sizeof(path), "%s/injector/monitor/vinput-monitor.1",
		 test_root());
	FILE *man = fopen(path, "r");
	assert_non_null(man);
	while (getline(&line, &len, man) > 0) {
		if (strncmp(line, ".SH", 3) == 0)
			in_options = strcmp(line, ".SH OPTIONS\n") == 0;
		const char *at = strstr(line, "\\-\\-");
		if (!in_options || !at || line[0] != '.')
			continue;
		unescape_option(at, name);
		if (!count(help, name))
			fail_msg("--help lacks %s", name);
		options++;
	}
	free(line);
	fclose(man);
	assert_num(options, count(help, "\n  --"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest plain[] = {
	T(wait_waits_for_the_socket),
	T(wait_ends_at_the_timeout_with_status_3),
	T(waiting_for_a_socket_is_reported),
	T(waiting_for_another_front_end_is_reported),
	T(sigint_ends_it_cleanly),
	T(sigterm_ends_it_cleanly),
	T(a_device_that_ends_is_status_1),
	T(a_missing_socket_is_reported),
	T(a_file_that_is_no_socket_is_reported),
	T(a_socket_without_listener_is_reported),
	T(a_silent_peer_is_reported),
	T(a_peer_that_hangs_up_is_reported),
	T(a_peer_that_speaks_otherwise_is_reported),
	T(a_device_without_packed_rings_is_reported),
	T(no_socket_is_refused),
	T(help_names_every_option),
	T(help_and_man_page_name_the_same_options),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(usage)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), usage, T(is_refused));
	return cmocka_run_group_tests_name("monitor-ends", tests, NULL, NULL);
}
