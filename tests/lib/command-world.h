/* SPDX-License-Identifier: Apache-2.0 */
/* A command of a launcher's control socket, without the socket. */
#ifndef VINPUT_TESTS_COMMAND_WORLD_H
#define VINPUT_TESTS_COMMAND_WORLD_H

#include "injector/launch/launch-command.h"
#include "tests/lib/fleet-world.h"

#define KBD	    "{\"type\":\"keyboard\"}"
#define MOUSE	    "{\"type\":\"mouse\"}"
#define OK	    "{\"ok\":true}"
#define NOT_READY   ERROR("the launcher is not ready")
#define ENDING	    ERROR("the launcher is ending")
#define ERROR(text) "{\"ok\":false,\"error\":\"" text "\"}"

static struct launch_command cmd;
static char *answer; /* NULL: there is none yet */

static inline void take(json_t *json)
{
	assert_null(answer);
	answer = json_dumps(json, JSON_COMPACT);
	json_decref(json);
}

/* As the launcher does it. */
static inline void check(void)
{
	json_t *json;

	launch_fleet_sweep(&fleet);
	json = launch_command_check(&cmd);
	if (json)
		take(json);
}

static inline void on_progress(void *arg)
{
	assert_ptr_equal(arg, &cmd);
	check();
}

static inline int setup(void **state)
{
	const int r = fleet_setup(state);

	answer = NULL;
	fill_with_garbage(&cmd);
	launch_command_init(&cmd, &fleet, on_progress, &cmd);
	on_settle = check;
	return r;
}

static inline int teardown(void **state)
{
	free(answer);
	launch_command_stop(&cmd);
	return fleet_teardown(state);
}

static inline void request(const char *text)
{
	json_t *json = launch_command_begin(&cmd, text, strlen(text));

	if (json)
		take(json);
	settle();
}

static inline void expect(const char *text)
{
	if (!answer)
		fail_msg("no answer");
	assert_string_equal(answer, text);
	free(answer);
	answer = NULL;
	assert_null(cmd.row);
	assert_null(cmd.labels);
}

static inline void expect_none(void)
{
	if (answer)
		fail_msg("%s", answer);
	assert_non_null(cmd.row);
}

static inline void ask(const char *text, const char *expected)
{
	request(text);
	expect(expected);
}

/* All devices are ready, and the launcher is. */
static inline void come_up(const char *devices)
{
	char why[LAUNCH_WHY_MAX];

	assert_ok(fleet_adds(devices, why));
	launch_fleet_start(&fleet);
	for (size_t i = 0; i < n_fakes; i++)
		fake_is_ready(&fakes[i]);
	launch_fleet_enter(&fleet, LAUNCH_UP);
	settle();
}

#endif
