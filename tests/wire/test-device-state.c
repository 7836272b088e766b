/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE (vhost-user: "Migrating back-end
 * state"): the guest stops on one server and continues on another, with its
 * memory and rings as they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/snapshot.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/rig.h"

#define MT(code, v) ABS(ABS_MT_##code, v)

#define GOOD VU_TRANSFER_NOFD
#define BAD  (VU_TRANSFER_NOFD | 1)

static uint8_t state_bytes[SNAPSHOT_MAX];
static size_t state_len;

static int setup(void **state)
{
	int rc = rig_setup(state);
	struct rig *rig = *state;

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_DEVICE_STATE);
	return rc;
}

/* Return: the reply. fd is closed here. */
static uint64_t set_fd(struct rig *rig, uint32_t direction, uint32_t phase,
		       int fd)
{
	struct fe_msg msg = fe_msg(VU_SET_DEVICE_STATE_FD);
	struct vu_device_state what = { direction, phase };

	msg.hdr.size = sizeof(what);
	memcpy(msg.bytes, &what, sizeof(what));
	msg.fd[0] = fd;
	msg.n_fds = 1;
	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	assert_num(msg.n_fds, 0);
	close(fd);
	return msg.u64;
}

/* Return: our end of a pipe; the server gets the other one. */
static int begin(struct rig *rig, enum vu_state_direction direction)
{
	const int ours = direction == VU_STATE_LOAD;
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_num(set_fd(rig, direction, VU_PHASE_STOPPED, fd[!ours]), GOOD);
	return fd[ours];
}

static uint64_t check(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_CHECK_DEVICE_STATE);

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	return msg.u64;
}

static void read_state(int fd)
{
	ssize_t n;

	for (state_len = 0;; state_len += (size_t)n) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		n = read(fd, state_bytes + state_len,
			 sizeof(state_bytes) - state_len);
		assert_sys(n);
		if (!n)
			break;
	}
	close(fd);
}

static void write_state(int fd)
{
	for (size_t done = 0; done < state_len;) {
		ssize_t n = write(fd, state_bytes + done, state_len - done);

		assert_sys(n);
		done += (size_t)n;
	}
}

static void save(struct rig *rig)
{
	read_state(begin(rig, VU_STATE_SAVE));
	assert_num(check(rig), 0);
}

/* Return: the answer of CHECK_DEVICE_STATE. */
static uint64_t load(struct rig *rig)
{
	int fd = begin(rig, VU_STATE_LOAD);

	write_state(fd);
	close(fd);
	return check(rig);
}

static void load_refused(struct rig *rig)
{
	assert_num(load(rig), 1);
	process_expect_log(&rig->srv,
			   "frontend: cannot load the snapshot: it ");
	rig->lines.frontend++;
}

static void refused(struct rig *rig, const char *why)
{
	process_expect_log(&rig->srv, why);
	rig->lines.frontend++;
}

static void stop(struct rig *rig, uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&rig->fe, i, &base[i]));
}

static void go_on(struct rig *rig, const uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&rig->fe, i, base[i]));
}

/* Another server on another host, with injectors of its own. */
static void new_server(struct rig *rig, const char *spec)
{
	assert_num(process_terminate(&rig->srv), 0);
	process_fini(&rig->srv);
	unlink(rig->socket);
	close(rig->inject[0]);
	rig->n_inject = 0;
	process_init(&rig->srv, "vhost-user-input");
	rig_serve(rig, spec);
}

/* The guest's memory and rings move, too. */
static void attach(struct rig *rig)
{
	uint64_t features = rig->fe.features;

	assert_ok(fe_connect(&rig->fe, rig->socket));
	assert_ok(fe_negotiate(&rig->fe));
	rig->fe.features = features;
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
}

/* The guest takes events up to n SYN_REPORTs. */
static void take(struct rig *rig, struct linux_guest *g, int n)
{
	struct vi_event ev;

	while (n) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		linux_guest_take(g, &ev, 1);
		n -= vi_is_syn_report(&ev);
	}
}

static void boot(struct rig *rig, struct linux_guest *g, struct spec *spec,
		 const char *name, uint16_t num)
{
	rig_serve(rig, name);
	rig_prepare(rig, num);
	assert_ok(fe_read_spec(&rig->fe, spec));
	linux_guest_boot(g, spec);
	assert_ok(fe_start(&rig->fe));
}

static void a_guest_with_half_a_frame_continues_with_another_server(
	void **state)
{
	struct rig *rig = *state;
	struct spec spec;
	struct linux_guest g;
	/* Too small for the frame; a packed ring may have an odd size. */
	const uint16_t num = rig_is_packed() ? 3 : 4;
	uint32_t base[FE_QUEUES];

	boot(rig, &g, &spec, "keyboard", num);
	inject(rig, KEY(KEY_A, 1), SYN);
	take(rig, &g, 1);
	inject(rig, KEY(KEY_B, 1), KEY(KEY_S, 1), KEY(KEY_A, 0),
	       KEY(KEY_LEFTSHIFT, 1), KEY(KEY_ESC, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, num);
	stop(rig, base);
	assert_num(base[FE_EVENTQ],
		   fe_ring_base_after(&rig->fe.ring[FE_EVENTQ], 2 + num));
	save(rig);

	new_server(rig, "keyboard");
	attach(rig);
	assert_num(load(rig), 0);
	inject(rig, KEY(KEY_S, 1), SYN);
	rig_wait_read(rig->inject[0]);
	go_on(rig, base);
	take(rig, &g, 2);
	assert_num(g.empty, 0);
	for (uint16_t code = 0; code < KEY_CNT; code++)
		assert_num(g.key[code], code == KEY_S);
	inject(rig, KEY(KEY_S, 0), SYN);
	expect(rig, KEY(KEY_S, 0), SYN);
	rig_expect_nothing(rig);
}

/*
 * The second server existed while no queue ran, and has no view of the guest.
 */
static void what_a_first_server_pressed_is_released_by_a_third(void **state)
{
	struct rig *rig = *state;
	struct spec spec;
	struct linux_guest g;
	uint32_t base[FE_QUEUES];

	boot(rig, &g, &spec, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	take(rig, &g, 1);
	stop(rig, base);
	new_server(rig, "keyboard");
	attach(rig);
	save(rig);
	new_server(rig, "keyboard");
	attach(rig);
	assert_num(load(rig), 0);
	go_on(rig, base);
	take(rig, &g, 1);
	assert_false(g.key[KEY_A]);
}

static void nothing_is_sent_twice_when_nothing_changed(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];

	rig_run(rig, "keyboard", 8);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	stop(rig, base);
	save(rig);
	/* Back to the same server: the injector still holds the key. */
	assert_num(load(rig), 0);
	go_on(rig, base);
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void the_selected_config_goes_along(void **state)
{
	static const uint8_t select[2] = { CONFIG_ID_NAME, 0 };
	struct rig *rig = *state;
	struct config_space before, after;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	assert_ok(fe_config_write(&rig->fe, 0, select, 2));
	assert_ok(fe_config_read(&rig->fe, 0, &before, sizeof(before)));
	assert_true(before.size > 0);
	save(rig);
	new_server(rig, "keyboard");
	attach(rig);
	assert_num(load(rig), 0);
	assert_ok(fe_config_read(&rig->fe, 0, &after, sizeof(after)));
	assert_memory_equal(&before, &after, sizeof(before));
}

static void a_reader_as_slow_as_can_be_gets_it_all(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];
	size_t whole;
	int fd[2];

	rig_run(rig, "keyboard", 4);
	stop(rig, base);
	save(rig);
	whole = state_len;
	assert_true(whole > 4096);
	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_sys(fcntl(fd[1], F_SETPIPE_SZ, 4096));
	assert_num(set_fd(rig, VU_STATE_SAVE, 0, fd[1]), GOOD);
	/* Meanwhile it answers, and accepts events. */
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	assert_ok(fe_query(&rig->fe, &msg, 8));
	read_state(fd[0]);
	assert_num(state_len, whole);
	assert_num(check(rig), 0);
	assert_num(load(rig), 0);
}

static void a_writer_byte_by_byte_is_waited_for(void **state)
{
	struct rig *rig = *state;
	int fd;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	save(rig);
	fd = begin(rig, VU_STATE_LOAD);
	for (size_t i = 0; i < state_len; i++)
		assert_num(write(fd, &state_bytes[i], 1), 1);
	close(fd);
	assert_num(check(rig), 0);
}

static void transfer_is_refused_while_a_queue_runs(void **state)
{
	struct rig *rig = *state;
	int fd[2];

	rig_run(rig, "keyboard", 8);
	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_num(set_fd(rig, VU_STATE_SAVE, 0, fd[1]), BAD);
	refused(rig, "frontend: SET_DEVICE_STATE_FD: a queue is running");
	close(fd[0]);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void unknown_direction_and_phase_are_refused(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	assert_num(set_fd(rig, 2, 0, open("/dev/null", O_RDWR)), BAD);
	refused(rig, "SET_DEVICE_STATE_FD: unknown direction");
	assert_num(set_fd(rig, VU_STATE_LOAD, 1, open("/dev/null", O_RDWR)),
		   BAD);
	refused(rig, "SET_DEVICE_STATE_FD: unknown phase");
}

/* The device is unchanged: it continues where its guest stopped. */
static void state_that_makes_no_sense_is_refused(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];

	rig_run(rig, "keyboard", 8);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	stop(rig, base);
	save(rig);
	state_len--;
	load_refused(rig);
	state_len++;
	state_bytes[state_len / 2] ^= 1;
	load_refused(rig);
	state_len = 0;
	load_refused(rig);
	state_len = sizeof(state_bytes);
	memset(state_bytes, 'x', state_len);
	load_refused(rig);
	go_on(rig, base);
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void another_devices_state_is_refused(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	save(rig);
	new_server(rig, "mouse");
	attach(rig);
	load_refused(rig);
}

static void state_without_an_end_is_refused_and_waited_for_by_nobody(
	void **state)
{
	struct rig *rig = *state;
	int fd;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	save(rig);
	fd = begin(rig, VU_STATE_LOAD);
	write_state(fd);
	assert_num(check(rig), 1);
	refused(rig, "frontend: cannot load the snapshot: it has not arrived "
		     "to its end");
	close(fd);
	/* A snapshot without an end is not loaded once a queue has started. */
	fd = begin(rig, VU_STATE_LOAD);
	assert_ok(fe_start(&rig->fe));
	refused(rig, "frontend: cannot load the snapshot: it has not arrived "
		     "to its end");
	close(fd);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_reader_that_leaves_costs_one_line(void **state)
{
	struct rig *rig = *state;
	int fd[2];

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_sys(fcntl(fd[1], F_SETPIPE_SZ, 4096));
	assert_num(set_fd(rig, VU_STATE_SAVE, 0, fd[1]), GOOD);
	close(fd[0]);
	refused(rig, "frontend: cannot save the snapshot");
	assert_num(check(rig), 1);
}

static void check_without_a_transfer_is_an_error(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	assert_num(check(rig), 1);
}

static void a_new_transfer_cancels_the_one_before(void **state)
{
	struct rig *rig = *state;
	int first, fd[2];
	char byte;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	first = begin(rig, VU_STATE_LOAD);
	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_sys(fcntl(fd[1], F_SETPIPE_SZ, 4096));
	assert_num(set_fd(rig, VU_STATE_SAVE, 0, fd[1]), GOOD);
	struct pollfd p = { .fd = first };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(p.revents & POLLERR);
	close(first);
	save(rig);
	/* The third one cut the second one short. */
	while (read(fd[0], &byte, 1) == 1)
		;
	close(fd[0]);
}

static void a_front_end_that_leaves_cancels_its_transfer(void **state)
{
	struct rig *rig = *state;
	int fd;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	fd = begin(rig, VU_STATE_LOAD);
	rig_disconnect(rig);
	struct pollfd p = { .fd = fd };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(p.revents & POLLERR);
	close(fd);
	rig_run(rig, NULL, 8);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/* It neither hangs nor spins, and logs it. */
static void fds_that_are_no_pipes_do_no_harm(void **state)
{
	static const char *const paths[] = { "/", "/dev/null", "/dev/zero",
					     "/dev/full" };
	struct rig *rig = *state;
	int fd[2];

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		for (uint32_t dir = 0; dir < 2; dir++) {
			int open_as = i ? O_RDWR : O_RDONLY;

			assert_num(set_fd(rig, dir, 0, open(paths[i], open_as)),
				   BAD);
			rig->lines.frontend++;
		}
	/* The wrong end of a pipe. */
	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_num(set_fd(rig, VU_STATE_LOAD, 0, fd[1]), GOOD);
	assert_num(check(rig), 1);
	refused(rig, "frontend: cannot load the snapshot: it cannot be read");
	close(fd[0]);
	/* A socket that is not connected. */
	assert_num(
		set_fd(rig, VU_STATE_SAVE, 0, socket(AF_UNIX, SOCK_STREAM, 0)),
		GOOD);
	refused(rig, "frontend: cannot save the snapshot");
	assert_num(check(rig), 1);
	rig_expect_nothing(rig);
}

static void a_file_does_as_well_as_a_pipe(void **state)
{
	struct rig *rig = *state;
	int fd = memfd_create("state", MFD_CLOEXEC);
	struct pollfd none = { .fd = -1 };

	assert_sys(fd);
	rig_serve(rig, "keyboard");
	rig_prepare(rig, 8);
	assert_num(set_fd(rig, VU_STATE_SAVE, 0, dup(fd)), GOOD);
	for (int ms = 0; lseek(fd, 0, SEEK_END) == 0 && ms < DEADLINE_MS; ms++)
		poll(&none, 0, 1);
	assert_num(check(rig), 0);
	assert_sys(lseek(fd, 0, SEEK_SET));
	assert_num(set_fd(rig, VU_STATE_LOAD, 0, fd), GOOD);
	assert_num(check(rig), 0);
}

static void a_driver_that_is_reset_after_the_load_starts_anew(void **state)
{
	struct rig *rig = *state;
	struct fe_msg reset = fe_msg(VU_RESET_DEVICE);
	uint32_t base[FE_QUEUES];

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_RESET_DEVICE);
	rig_run(rig, "keyboard", 4);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1),
	       KEY(KEY_LEFTSHIFT, 1), KEY(KEY_ESC, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	stop(rig, base);
	save(rig);
	new_server(rig, "keyboard");
	rig_prepare(rig, 16);
	assert_num(load(rig), 0);
	assert_ok(fe_request(&rig->fe, &reset));
	assert_ok(fe_start(&rig->fe));
	/* The source may only have been suspended: what it held is released. */
	expect(rig, KEY(KEY_A, 0), KEY(KEY_S, 0), KEY(KEY_LEFTSHIFT, 0),
	       KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_guest_with_half_a_frame_continues_with_another_server),
		T(what_a_first_server_pressed_is_released_by_a_third),
		T(nothing_is_sent_twice_when_nothing_changed),
		T(the_selected_config_goes_along),
		T(a_reader_as_slow_as_can_be_gets_it_all),
		T(a_writer_byte_by_byte_is_waited_for),
		T(transfer_is_refused_while_a_queue_runs),
		T(unknown_direction_and_phase_are_refused),
		T(state_that_makes_no_sense_is_refused),
		T(another_devices_state_is_refused),
		T(state_without_an_end_is_refused_and_waited_for_by_nobody),
		T(a_reader_that_leaves_costs_one_line),
		T(check_without_a_transfer_is_an_error),
		T(a_new_transfer_cancels_the_one_before),
		T(a_front_end_that_leaves_cancels_its_transfer),
		T(fds_that_are_no_pipes_do_no_harm),
		T(a_file_does_as_well_as_a_pipe),
		T(a_driver_that_is_reset_after_the_load_starts_anew),
	};

	return cmocka_run_group_tests_name("device-state", tests, NULL, NULL);
}
