/* SPDX-License-Identifier: Apache-2.0 */
/* A source of the process itself, in a whole server. */
#include <sys/eventfd.h>

#include "input/serve/local-source.h"
#include "tests/lib/event-text.h"
#include "tests/lib/serve-world.h"

#define SYN	", SYN_REPORT 0"
#define A_FRAME "KEY_A 1" SYN
#define SOME	100000

static const struct vi_event frames[] = {
	{ EV_KEY, KEY_A, 1 }, { 0 }, { EV_KEY, KEY_B, 1 }, { 0 }
};
static struct local_source source;
static unsigned int told, resumed;

static void note_status(void *arg, const struct vi_event *ev, size_t n)
{
	assert_ptr_equal(arg, &told);
	told += (unsigned int)n;
}

static void note_resumed(void *arg)
{
	assert_ptr_equal(arg, &told);
	resumed++;
}

static int setup(void **state)
{
	struct serve_world *w;
	const int r = serve_setup(state);

	w = *state;
	told = resumed = 0;
	source = (struct local_source){ .status = note_status,
					.resumed = note_resumed,
					.arg = &told,
					.refused = true };
	assert_ok(local_source_start(&source, &w->server));
	assert_false(source.refused);
	return r;
}

static int teardown(void **state)
{
	local_source_fini(&source);
	local_source_fini(&source);
	return serve_teardown(state);
}

static void kick(struct serve_world *w, unsigned int queue)
{
	assert_sys(eventfd_write(w->v->kick[queue], 1));
	serve_turn(w);
}

/* A driver that takes what there is, and has n buffers. */
static void start_with_buffers(struct serve_world *w, unsigned int n)
{
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 2);
	serve_inject(w, "REL_X 1");
	serve_expect(w, "REL_X 1" SYN);
	vt_post(w->v, EVENTQ, n);
}

static void frame_is_delivered_in_the_next_turn(void **state)
{
	struct serve_world *w = *state;

	start_with_buffers(w, 2);
	assert_true(local_source_send(&source, frames, 2));
	serve_expect(w, "-");
	serve_turn(w);
	serve_expect(w, A_FRAME);
}

static void frame_is_delivered_now_if_it_is_flushed(void **state)
{
	struct serve_world *w = *state;

	start_with_buffers(w, 2);
	assert_true(local_source_send(&source, frames, 2));
	local_source_flush(&source);
	serve_expect(w, A_FRAME);
}

static void passed_frames_are_delivered_at_once(void **state)
{
	struct serve_world *w = *state;
	bool quiet = false;

	start_with_buffers(w, 4);
	assert_true(local_source_pass(&source, frames, 4, &quiet));
	assert_true(quiet);
	serve_expect(w, A_FRAME ", KEY_B 1" SYN);
}

static void what_could_not_be_passed_waits(void **state)
{
	struct serve_world *w = *state;
	bool quiet = true;

	start_with_buffers(w, 1);
	assert_true(local_source_pass(&source, frames, 4, &quiet));
	assert_false(quiet);
	serve_turn(w);
	serve_expect(w, "KEY_A 1");
	vt_post(w->v, EVENTQ, 3);
	kick(w, EVENTQ);
	serve_expect(w, "SYN_REPORT 0, KEY_B 1" SYN);
}

static void nothing_is_passed_before_what_waits(void **state)
{
	struct serve_world *w = *state;
	bool quiet = true;

	start_with_buffers(w, 4);
	assert_true(local_source_send(&source, frames, 2));
	assert_true(local_source_pass(&source, frames + 2, 2, &quiet));
	assert_false(quiet);
	serve_turn(w);
	serve_expect(w, A_FRAME ", KEY_B 1" SYN);
}

static void one_that_was_refused_resumes_once_there_is_space(void **state)
{
	struct serve_world *w = *state;
	unsigned int n = 0;

	start_with_buffers(w, 0);
	while (n < SOME && local_source_send(&source, frames, 2))
		n++;
	assert_true(n > 1 && n < SOME);
	serve_turn(w);
	assert_num(resumed, 0);
	local_source_fold(&source);
	assert_num(w->server.dev->count.stalls, 1);
	serve_turn(w);
	assert_num(resumed, 1);
	assert_true(local_source_send(&source, frames, 2));
	serve_turn(w);
	assert_num(resumed, 1);
	assert_false(w->server.injectors.any_paused);
}

static void it_is_sent_the_guests_status_until_it_ends(void **state)
{
	const struct vi_event on = vi_event(EV_LED, LED_CAPSL, 1);
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	serve_post_status(w, on);
	kick(w, STATUSQ);
	assert_num(told, 1);
	local_source_fini(&source);
	assert_null(source.server);
	serve_post_status(w, on);
	kick(w, STATUSQ);
	assert_num(told, 1);
	serve_told(w, w->injector);
	serve_told(w, w->injector);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(frame_is_delivered_in_the_next_turn),
		T(frame_is_delivered_now_if_it_is_flushed),
		T(passed_frames_are_delivered_at_once),
		T(what_could_not_be_passed_waits),
		T(nothing_is_passed_before_what_waits),
		T(one_that_was_refused_resumes_once_there_is_space),
		T(it_is_sent_the_guests_status_until_it_ends),
	};

	return cmocka_run_group_tests_name("local-source", tests, NULL, NULL);
}
