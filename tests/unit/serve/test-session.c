/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver knows when it starts, and what it may ask for. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/device/event.h"
#include "tests/lib/event-text.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/serve-world.h"

#define SYN   ", SYN_REPORT 0"
#define CAPSL vi_event(EV_LED, LED_CAPSL, 1)

/* A driver that has taken KEY_A, and has buffers for more. */
static void start_with_a_key(struct serve_world *w)
{
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 6);
	serve_inject(w, "KEY_A 1");
	serve_expect(w, "KEY_A 1" SYN);
}

/* Return: an injector that comes now is sent an LED. */
static bool led_is_lit(struct serve_world *w)
{
	struct vi_event ev;
	const int fd = serve_add_injector(w);
	const ssize_t n = recv(fd, &ev, sizeof(ev), MSG_DONTWAIT);

	close(fd);
	serve_turn(w);
	return n > 0;
}

/* --- drivers --- */

static void driver_that_resumes_gets_what_is_new(void **state)
{
	struct serve_world *w = *state;

	start_with_a_key(w);
	serve_stop(w, EVENTQ);
	serve_inject(w, "KEY_B 1");
	serve_resume(w, EVENTQ);
	serve_expect(w, "KEY_B 1" SYN);
}

static void driver_that_starts_gets_all(void **state)
{
	struct serve_world *w = *state;

	start_with_a_key(w);
	serve_disconnect(w);
	serve_connect(w);
	serve_prepare(w);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 6);
	serve_inject(w, "KEY_B 1");
	serve_expect(w, "KEY_A 1" SYN ", KEY_B 1" SYN);
}

/* The statusq's stop leaves the eventq's driver alone. */
static void statusq_may_stop_alone(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	start_with_a_key(w);
	serve_stop(w, STATUSQ);
	assert_true(w->server.dev->guest);
	serve_inject(w, "KEY_A 0");
	serve_expect(w, "KEY_A 0" SYN);
	serve_stop(w, EVENTQ);
	assert_false(w->server.dev->guest);
}

/* A predecessor may have pressed anything. */
static void driver_of_a_used_ring_is_sent_all_releases(void **state)
{
	struct serve_world *w = *state;
	const uint16_t two = htole16(2);

	serve_start(w, EVENTQ);
	serve_stop(w, EVENTQ);
	serve_disconnect(w);
	server_fini(&w->server);
	assert_ok(server_init(&w->server, w->loop, &w->spec));
	assert_ok(server_serve(&w->server, w->listener));
	serve_connect(w);
	serve_prepare(w);
	memcpy(w->v->mem + VT_AVAIL(EVENTQ) + 2, &two, 2);
	memcpy(w->v->mem + VT_USED(EVENTQ) + 2, &two, 2);
	w->seen[EVENTQ] = 2;
	assert_rc(vt_state(w->v, VU_SET_VRING_BASE, EVENTQ, 2), 0);
	vt_post(w->v, EVENTQ, 6);
	vt_start(w->v, EVENTQ);
	serve_expect(w, "KEY_A 0, KEY_B 0, SW_LID 0" SYN);
}

/* --- LEDs --- */

static void leds_are_forgotten_when_the_device_is_reset(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	serve_post_status(w, CAPSL);
	assert_sys(eventfd_write(w->v->kick[STATUSQ], 1));
	serve_turn(w);
	assert_true(led_is_lit(w));
	/* The same driver's. */
	serve_stop(w, STATUSQ);
	serve_resume(w, STATUSQ);
	assert_true(led_is_lit(w));
	serve_disconnect(w);
	assert_false(led_is_lit(w));
	serve_connect(w);
}

static void leds_are_forgotten_by_a_statusq_that_was_not_used(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	serve_post_status(w, CAPSL);
	assert_sys(eventfd_write(w->v->kick[STATUSQ], 1));
	serve_turn(w);
	serve_start(w, EVENTQ);
	assert_true(led_is_lit(w));
	serve_stop(w, STATUSQ);
	serve_start(w, STATUSQ);
	assert_false(led_is_lit(w));
}

/* --- the configuration space --- */

struct config_case {
	const char *name;
	uint32_t offset, len;
	uint8_t select, subsel; /* afterwards; 1 and 2 before */
};

/* Byte n of what is written is 16 + n. */
static const struct config_case config_cases[] = {
	{ "select", 0, 1, 16, 2 },	   { "subsel", 1, 1, 1, 16 },
	{ "both", 0, 2, 16, 17 },	   { "all", 0, 136, 16, 17 },
	{ "from_subsel_on", 1, 3, 1, 16 }, { "size", 2, 1, 1, 2 },
	{ "the_rest", 2, 134, 1, 2 },
};

static void write_config(struct serve_world *w, uint32_t offset,
			 const uint8_t *bytes, uint32_t len)
{
	struct {
		struct vu_config head;
		uint8_t bytes[136];
	} msg = { { .offset = offset, .size = len }, { 0 } };

	memcpy(msg.bytes, bytes, len);
	assert_rc(
		vt_send(w->v, VU_SET_CONFIG, &msg, sizeof(msg.head) + len, -1),
		0);
}

static void driver_writes_select_and_subsel(void **state)
{
	struct serve_world *w = *state;
	const struct config_space *now = &w->server.session.config;

	for (size_t i = 0; i < ARRAY_LEN(config_cases); i++) {
		const struct config_case *c = &config_cases[i];
		uint8_t bytes[136];

		serve_select(w, 1, 2);
		/* Nothing of this counts, nor of what it leaves in a buffer. */
		memset(bytes, 0xff, sizeof(bytes));
		write_config(w, 2, bytes, 134);
		for (uint8_t n = 0; n < c->len; n++)
			bytes[n] = (uint8_t)(16 + n);
		write_config(w, c->offset, bytes, c->len);
		if (now->select != c->select || now->subsel != c->subsel)
			fail_msg("%s: select %u, subsel %u", c->name,
				 now->select, now->subsel);
	}
}

static void next_driver_selects_anew(void **state)
{
	struct serve_world *w = *state;

	assert_num(w->server.session.config.select, CONFIG_UNSET);
	serve_select(w, 1, 2);
	serve_disconnect(w);
	assert_num(w->server.session.config.select, CONFIG_UNSET);
	assert_num(w->server.session.config.subsel, 0);
	serve_connect(w);
}

/* --- the spec is read again --- */

static int reader_says;

static int read_spec(struct spec *spec, const void *arg)
{
	if (!reader_says)
		memset(spec, 0, sizeof(*spec));
	if (reader_says == 1)
		event_text_device("KEY_C", spec);
	else if (!reader_says)
		event_text_device("KEY_A, KEY_B, REL_X, SW_LID, LED_CAPSL",
				  spec);
	return reader_says < 0 ? reader_says : 0;
}

static void change_spec(struct serve_world *w)
{
	server_set_spec_reader(&w->server, read_spec, NULL);
	reader_says = 1;
	server_reload(&w->server);
	assert_logged("the next driver gets the changed device\n");
}

static void driver_that_has_not_looked_again_gets_the_former_spec(void **state)
{
	struct serve_world *w = *state;

	change_spec(w);
	serve_select(w, 1, 2);
	serve_disconnect(w);
	serve_connect(w);
	serve_prepare(w);
	start_with_a_key(w);
}

static void driver_that_looks_gets_the_changed_spec(void **state)
{
	struct serve_world *w = *state;

	change_spec(w);
	serve_select(w, 1, 2);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 6);
	serve_inject(w, "KEY_A 1, KEY_C 1");
	serve_expect(w, "KEY_C 1" SYN);
}

static int32_t reader_initial;

static int read_axis(struct spec *spec, const void *arg)
{
	memset(spec, 0, sizeof(*spec));
	event_text_device("KEY_A, ABS_X 0..9", spec);
	spec->abs[ABS_X].has_initial = true;
	spec->abs[ABS_X].initial = reader_initial;
	return 0;
}

static void get_axis(struct serve_world *w, int32_t initial)
{
	reader_initial = initial;
	server_reload(&w->server);
	assert_logged("the next driver gets the changed device\n");
	serve_disconnect(w);
	serve_connect(w);
	serve_prepare(w);
	serve_select(w, 1, 2);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 6);
	serve_kick(w, EVENTQ);
}

/* It is compared with how the one before it started. */
static void device_changes_again(void **state)
{
	struct serve_world *w = *state;

	server_set_spec_reader(&w->server, read_axis, NULL);
	mallopt(M_PERTURB, 0xa5);
	get_axis(w, 5);
	serve_expect(w, "ABS_X 5" SYN);
	get_axis(w, 7);
	serve_expect(w, "ABS_X 7" SYN);
	mallopt(M_PERTURB, 0);
}

/* --- snapshots --- */

static uint64_t transfer(struct serve_world *w, uint32_t direction,
			 uint32_t phase, int fd)
{
	const struct vu_device_state what = { direction, phase };

	assert_rc(
		vt_send(w->v, VU_SET_DEVICE_STATE_FD, &what, sizeof(what), fd),
		VU_HAS_REPLY);
	return w->v->msg.p.u64 & ~(uint64_t)VU_TRANSFER_NOFD;
}

static void transfer_that_makes_no_sense_is_rejected(void **state)
{
	struct serve_world *w = *state;
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_num(transfer(w, VU_STATE_SAVE, 1, fd[1]), 1);
	assert_logged("frontend: SET_DEVICE_STATE_FD: unknown phase\n");
	assert_num(transfer(w, 2, VU_PHASE_STOPPED, fd[1]), 1);
	assert_logged("frontend: SET_DEVICE_STATE_FD: unknown direction\n");
	for (unsigned int i = 0; i < 2; i++) {
		serve_start(w, i);
		assert_num(transfer(w, VU_STATE_SAVE, VU_PHASE_STOPPED, fd[1]),
			   1);
		assert_logged("frontend: SET_DEVICE_STATE_FD: a queue is "
			      "running\n");
		serve_stop(w, i);
	}
	close(fd[0]);
	close(fd[1]);
}

static void driver_of_a_snapshot_gets_what_is_new(void **state)
{
	struct serve_world *w = *state;
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	start_with_a_key(w);
	serve_stop(w, EVENTQ);
	assert_num(transfer(w, VU_STATE_SAVE, VU_PHASE_STOPPED, fd[1]), 0);
	serve_turn(w);
	close(fd[1]);
	assert_num(vt_get(w->v, VU_CHECK_DEVICE_STATE), 0);
	/* To itself; then the VM starts with another ring. */
	assert_num(transfer(w, VU_STATE_LOAD, VU_PHASE_STOPPED, fd[0]), 0);
	serve_turn(w);
	close(fd[0]);
	assert_num(vt_get(w->v, VU_CHECK_DEVICE_STATE), 0);
	/* What it has seen of another spec is not for a driver that runs. */
	change_spec(w);
	serve_select(w, 1, 2);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 6);
	serve_inject(w, "KEY_B 1");
	serve_expect(w, "KEY_B 1" SYN);
	/* Only that one driver. */
	serve_stop(w, EVENTQ);
	assert_false(snapshot_transfer_resumes(&w->server.session.transfer));
}

/* --- reloading --- */

static int reloads, reloaded_with;

static void note_reload(void *arg, int r)
{
	assert_ptr_equal(arg, &reader_says);
	reloads++;
	reloaded_with = r;
}

static void reload_says_what_it_did(void **state)
{
	static const struct {
		int says;
		const char *line;
		int r;
	} cases[] = {
		{ 0, "", 0 },
		{ -EINVAL, "the device is unchanged\n", -EINVAL },
		{ 1, "the next driver gets the changed device\n", 0 },
	};
	struct serve_world *w = *state;

	/* Without a reader nothing is read, and nobody is told. */
	server_reload(&w->server);
	assert_logged("");
	reloads = 0;
	server_set_spec_reader(&w->server, read_spec, NULL);
	server_report_reloads(&w->server, note_reload, &reader_says);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		reader_says = cases[i].says;
		server_reload(&w->server);
		assert_logged(cases[i].line);
		assert_rc(reloaded_with, cases[i].r);
		assert_num(reloads, i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVE(driver_that_resumes_gets_what_is_new),
		SERVE(driver_that_starts_gets_all),
		SERVE(statusq_may_stop_alone),
		SERVE(driver_of_a_used_ring_is_sent_all_releases),
		SERVE(leds_are_forgotten_when_the_device_is_reset),
		SERVE(leds_are_forgotten_by_a_statusq_that_was_not_used),
		SERVE(driver_writes_select_and_subsel),
		SERVE(next_driver_selects_anew),
		SERVE(driver_that_has_not_looked_again_gets_the_former_spec),
		SERVE(driver_that_looks_gets_the_changed_spec),
		SERVE(device_changes_again),
		SERVE(transfer_that_makes_no_sense_is_rejected),
		SERVE(driver_of_a_snapshot_gets_what_is_new),
		SERVE(reload_says_what_it_did),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
