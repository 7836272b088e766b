/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session that has all messages, again and again: each time the server is
 * killed at another message, before it is sent or when it was sent and not
 * answered. The front-end behind vinput-hold gets the answers of a session that
 * was not disturbed, and its guest the same events.
 */
#include <sys/socket.h>
#include "tests/lib/respawn.h"
#include "tests/lib/whole-session.h"

static struct respawn r;
static struct whole_session session;
static size_t victim;

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	r.option[0] = whole_session_option;
	respawn_start(&r);
	rig_hold(rig, NULL);
	whole_session_open(&session, rig);
	return 0;
}

static int teardown(void **state)
{
	whole_session_close(&session);
	respawn_fini(&r);
	return rig_teardown(state);
}

static void replace(void *arg, size_t i)
{
	if (i != victim)
		return;
	session.died_from = session.died_to = i;
	respawn_kill(&r);
	respawn_start(&r);
}

static void nothing_is_disturbed(void **state)
{
	whole_session_run(&session);
	whole_session_run(&session);
}

static void kill_at_each_step(void)
{
	for (victim = 0; victim < session.n; victim++)
		whole_session_run(&session);
}

static void server_is_killed_before_each_message(void **state)
{
	whole_session_run(&session);
	session.before = replace;
	kill_at_each_step();
}

static void server_is_killed_after_each_message(void **state)
{
	whole_session_run(&session);
	session.after = replace;
	kill_at_each_step();
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_disturbed),
		T(server_is_killed_before_each_message),
		T(server_is_killed_after_each_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
