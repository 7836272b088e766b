/* SPDX-License-Identifier: Apache-2.0 */
/* launch-client.h: what --wait asks, and how it ends. */
#include "tests/lib/client-world.h"

/* --- --wait --- */

static const struct answer {
	const char *answer;
	int status;
	const char *complaint;
} verdicts[] = {
	{ OK, 0, NULL },
	{ "{\"ok\":false,\"error\":\"it ends\"}\n", 1, "it ends" },
	{ "{\"ok\":false}\n", 1, "rejected" },
	{ "{\"ok\":1}\n", 1, "rejected" },
	{ "{\"ok\":tr\n", 1, "invalid answer: must be JSON" },
	{ "", 1, "the launcher has ended" },
	{ "{\"ok\":true}", 1, "the launcher has ended" },
};

static void wait_ends_as_it_is_answered(void **state)
{
	launcher_listens();
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		assert_sys(ftruncate(err, 0));
		assert_sys(lseek(err, 0, SEEK_SET));
		start(wait_for_it);
		client_comes();
		serves(WAIT, verdicts[i].answer);
		shutdown(fd, SHUT_RDWR);
		expect_end(verdicts[i].status, "", verdicts[i].complaint);
	}
}

static void an_answer_may_come_in_parts(void **state)
{
	launcher_listens();
	start(wait_for_it);
	client_comes();
	serves(WAIT, "{\"ok\":");
	poll(NULL, 0, 1);
	answers("true}\n");
	expect_end(0, "", NULL);
}

static void wait_tries_again_until_there_is_a_launcher(void **state)
{
	start(wait_for_it);
	poll(NULL, 0, 1);
	launcher_listens();
	client_comes();
	serves(WAIT, OK);
	expect_end(0, "", NULL);
}

static void wait_tries_again_while_a_launcher_is_busy(void **state)
{
	launcher_listens();
	start(wait_for_it);
	for (int i = 0; i < 3; i++) {
		client_comes();
		serves(WAIT, i < 2 ? BUSY : OK);
	}
	expect_end(0, "", NULL);
}

static void wait_ends_at_its_time(void **state)
{
	o.timeout_s = 0;
	start(wait_for_it);
	expect_end(1, "", "no launcher within the timeout");
}

static void wait_for_a_busy_launcher_ends_at_its_time(void **state)
{
	launcher_listens();
	o.timeout_s = 0.05;
	start(wait_for_it);
	client_comes();
	serves(WAIT, BUSY);
	client_comes();
	free(hear());
	pass_s(0.06);
	answers(BUSY);
	expect_end(1, "", "no answer within the timeout");
}

static void a_launcher_that_does_not_answer_is_not_waited_for(void **state)
{
	launcher_listens();
	o.timeout_s = 0.05;
	start(wait_for_it);
	client_comes();
	pass_s(0.06);
	expect_end(1, "", "no answer within the timeout");
}

/* It waits for a launcher a while at a time, or for the rest of its time. */
static void wait_waits_no_longer_than_it_may(void **state)
{
	static const struct {
		double timeout_s;
		int ms;
	} rows[] = {
		{ -1, 20 },	{ 10, 20 },	  { 0.02, 20 },
		{ 0.0155, 16 }, { 0.0078125, 8 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		the_clock->ns = 0;
		the_clock->poll_ms = 0;
		o.timeout_s = rows[i].timeout_s;
		start(wait_for_it);
		while (!the_clock->poll_ms)
			usleep(1000);
		assert_num(the_clock->poll_ms, rows[i].ms);
		assert_sys(kill(client, SIGKILL));
		assert_num(waitpid(client, NULL, 0), client);
		client = 0;
	}
}

static void an_answer_that_cannot_be_read_is_an_error(void **state)
{
	static const struct {
		int error;
		const char *complaint;
	} rows[] = { { EINTR, NULL },
		     { EAGAIN, NULL },
		     { EIO, "Input/output error" } };

	launcher_listens();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		the_clock->recv_error = rows[i].error;
		start(wait_for_it);
		client_comes();
		/* After an error the client hears nothing more. */
		if (rows[i].complaint)
			free(hear());
		else
			serves(WAIT, OK);
		expect_end(rows[i].complaint ? 1 : 0, "", rows[i].complaint);
	}
}

static void a_path_that_is_no_folder_is_refused(void **state)
{
	static char file[TEMP_DIR_LEN + 8];

	snprintf(file, sizeof(file), "%s/file", dir);
	file_write(file, "x");
	o.dir = file;
	start(wait_for_it);
	expect_end(1, "", "Not a directory");
}

/* As long as a socket's path can be, and one byte longer. */
static void a_path_that_is_too_long_is_refused(void **state)
{
	static char folder[300];

	for (size_t len = 99; len <= 193; len += len < 100 ? 1 : 91) {
		memset(folder, '/', len);
		memcpy(folder, dir, strlen(dir));
		folder[len] = '\0';
		o.dir = folder;
		o.timeout_s = 0;
		assert_sys(ftruncate(err, 0));
		assert_sys(lseek(err, 0, SEEK_SET));
		start(wait_for_it);
		expect_end(1, "",
			   len < 100 ? "no launcher within the timeout"
				     : "File name too long");
	}
}

/* --- --wait --guest --- */

static void wait_for_a_guest(double timeout_s)
{
	o.guest = true;
	o.timeout_s = timeout_s;
	launcher_listens();
	start(wait_for_it);
	client_comes();
	serves(WAIT, OK);
}

static void wait_for_a_guest_asks_until_all_have_a_driver(void **state)
{
	wait_for_a_guest(-1);
	serves(ASK, LIST(WITH_DRIVER "," NO_DRIVER));
	serves(ASK, LIST(NO_DRIVER));
	serves(ASK, LIST(WITH_DRIVER));
	expect_end(0, "", NULL);
}

static void what_lacks_a_driver_in_time_is_named(void **state)
{
	unsigned int looks;

	wait_for_a_guest(0.05);
	serves(ASK, LIST(WITH_DRIVER "," NO_DRIVER));
	free(hear());
	pass_s(0.06);
	/* A list that comes after that time is waited for. */
	looks = the_clock->looks;
	answers("{\"ok\":true,");
	for (int ms = 0; the_clock->looks == looks; ms++) {
		assert_true(ms < DEADLINE_MS);
		usleep(1000);
	}
	answers("\"devices\":[" WITH_DRIVER "," NO_DRIVER "]}\n");
	expect_end(1, "", "no driver within the timeout: b has no driver");
}

static void a_guest_that_cannot_come_is_not_waited_for(void **state)
{
	wait_for_a_guest(-1);
	serves(ASK, LIST(NO_DRIVER "," FAILED));
	expect_end(1, "", "no driver can come: b has no driver, f has failed");
}

static void an_old_launcher_cannot_tell(void **state)
{
	wait_for_a_guest(-1);
	serves(ASK, LIST("{\"label\":\"g\",\"state\":\"ready\"}"));
	expect_end(1, "", "the launcher is too old for --guest");
}

static void a_list_that_is_refused_is_no_guest(void **state)
{
	wait_for_a_guest(-1);
	serves(ASK, "{\"ok\":false,\"error\":\"no memory\"}\n");
	expect_end(1, "", "no memory");
}

static void wait_for_a_guest_ends_with_the_launcher(void **state)
{
	wait_for_a_guest(-1);
	serves(ASK, "");
	shutdown(fd, SHUT_RDWR);
	expect_end(1, "", "the launcher has ended");
}

static void without_a_launcher_no_guest_is_asked_for(void **state)
{
	o.guest = true;
	launcher_listens();
	start(wait_for_it);
	client_comes();
	serves(WAIT, "{\"ok\":false,\"error\":\"it ends\"}\n");
	expect_end(1, "", "it ends");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(wait_ends_as_it_is_answered),
		T(an_answer_may_come_in_parts),
		T(wait_tries_again_until_there_is_a_launcher),
		T(wait_tries_again_while_a_launcher_is_busy),
		T(wait_ends_at_its_time),
		T(wait_for_a_busy_launcher_ends_at_its_time),
		T(a_launcher_that_does_not_answer_is_not_waited_for),
		T(wait_waits_no_longer_than_it_may),
		T(an_answer_that_cannot_be_read_is_an_error),
		T(a_path_that_is_no_folder_is_refused),
		T(a_path_that_is_too_long_is_refused),
		T(wait_for_a_guest_asks_until_all_have_a_driver),
		T(what_lacks_a_driver_in_time_is_named),
		T(a_guest_that_cannot_come_is_not_waited_for),
		T(an_old_launcher_cannot_tell),
		T(a_list_that_is_refused_is_no_guest),
		T(wait_for_a_guest_ends_with_the_launcher),
		T(without_a_launcher_no_guest_is_asked_for),
	};

	if (client_world_open())
		return 1;
	return cmocka_run_group_tests_name("launch-client-wait", tests, NULL,
					   NULL);
}
