/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that are served without libev's round, by edges: whatever comes
 * with or behind what is read last is noticed as without them.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define MANY 8 /* packets: a socket holds ten */

/* Frames that come alone, until the injector's events are edge-triggered. */
static void settle(struct rig *rig)
{
	for (int i = 0; i < 3; i++)
		rig_expect_works(rig);
}

static void stop_server(struct rig *rig)
{
	usage_wait_rest(rig->srv.pid);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
}

static void continue_server(struct rig *rig)
{
	assert_sys(kill(rig->srv.pid, SIGCONT));
}

/* Return: how many of the server's fds an epoll instance has with these. */
static int count_watched(pid_t pid, uint32_t events)
{
	char path[64], line[256];
	unsigned int has;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		int fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_CLOEXEC);
		FILE *file = d->d_name[0] == '.' ? NULL : fdopen(fd, "re");

		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "tfd: %*d events: %x", &has) == 1)
				n += (has & events) == events;
		if (file)
			fclose(file);
		else
			close(fd);
	}
	closedir(dir);
	return n;
}

static void frames_that_come_alone_take_the_shortcut(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", RIG_BUFFERS);
	settle(rig);
	assert_num(count_watched(rig->srv.pid, (uint32_t)EPOLLET), 1);
	rig_expect_nothing(rig);
}

static void an_end_right_behind_a_frame_is_noticed(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	stop_server(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	assert_sys(close(rig->inject[0]));
	rig->inject[0] = -1;
	continue_server(rig);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void half_an_end_right_behind_a_frame_is_noticed(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	stop_server(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	assert_sys(shutdown(rig->inject[0], SHUT_WR));
	continue_server(rig);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_late_end_is_noticed(void **state)
{
	struct rig *rig = *state;

	settle(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	assert_sys(shutdown(rig->inject[0], SHUT_WR));
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_frame_in_pieces_arrives_when_it_is_whole(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN };
	const uint8_t *bytes = (const uint8_t *)ev;
	struct rig *rig = *state;

	settle(rig);
	for (size_t i = 0; i < sizeof(ev); i++) {
		assert_num(write(rig->inject[0], &bytes[i], 1), 1);
		rig_wait_read(rig->inject[0]);
		if (i == 2 * sizeof(ev[0]) - 2)
			rig_expect_nothing(rig);
		if (i == 2 * sizeof(ev[0]) - 1)
			expect(rig, KEY(KEY_B, 1), SYN);
	}
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_works(rig);
}

static void frames_beside_those_of_another_arrive(void **state)
{
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	settle(rig);
	for (int i = 0; i < 3; i++) {
		inject_on(rig, 1, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	}
	stop_server(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	inject_on(rig, 1, KEY(KEY_A, 1), SYN);
	continue_server(rig);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
	inject_on(rig, 1, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
}

/* That of packets is the first injector, which the rig's stream follows. */
static void packets_that_come_at_once_arrive(void **state)
{
	struct rig *rig = *state;

	rig_injector(rig, SOCK_SEQPACKET);
	rig_run(rig, "mouse", 256);
	for (int i = 0; i < 3; i++) {
		inject(rig, REL(REL_X, 1), SYN);
		expect(rig, REL(REL_X, 1), SYN);
	}
	stop_server(rig);
	for (int i = 1; i <= MANY; i++)
		inject(rig, REL(REL_X, i), SYN);
	continue_server(rig);
	for (int i = 1; i <= MANY; i++)
		expect(rig, REL(REL_X, i), SYN);
	rig_expect_nothing(rig);
	assert_num(count_watched(rig->srv.pid, (uint32_t)EPOLLET), 0);
}

/* A socket's whole buffer, of which the source's does not hold all. */
static void an_injector_that_had_to_wait_is_read_again(void **state)
{
	struct vi_event ev[2] = { REL(REL_X, 0), SYN };
	struct rig *rig = *state;
	int n = 0;

	process_arg(&rig->srv, "--stall-ms=10000");
	rig_run(rig, "mouse", RIG_BUFFERS);
	for (int i = 0; i < 3; i++) {
		inject(rig, REL(REL_X, 1), SYN);
		expect(rig, REL(REL_X, 1), SYN);
	}
	do
		ev[0] = REL(REL_X, n + 1);
	while (send(rig->inject[0], ev, sizeof(ev), MSG_DONTWAIT) > 0 && ++n);
	usage_wait_rest(rig->srv.pid);
	while (send(rig->inject[0], ev, sizeof(ev), MSG_DONTWAIT) > 0)
		ev[0] = REL(REL_X, ++n + 1);
	for (int i = 1; i <= n; i++)
		expect(rig, REL(REL_X, i), SYN);
	rig_expect_nothing(rig);
}

#define T(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(frames_that_come_alone_take_the_shortcut, usage_rig_setup),
		T(an_end_right_behind_a_frame_is_noticed, rig_setup_running),
		T(half_an_end_right_behind_a_frame_is_noticed,
		  rig_setup_running),
		T(a_late_end_is_noticed, rig_setup_running),
		T(a_frame_in_pieces_arrives_when_it_is_whole,
		  rig_setup_running),
		T(frames_beside_those_of_another_arrive, rig_setup),
		T(packets_that_come_at_once_arrive, usage_rig_setup),
		T(an_injector_that_had_to_wait_is_read_again, rig_setup),
	};

	return cmocka_run_group_tests_name("shortcut", tests, NULL, NULL);
}
