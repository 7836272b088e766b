/* SPDX-License-Identifier: Apache-2.0 */
/* launch-client.h: what --control sends, prints and returns. */
#include "tests/lib/client-world.h"

/* --- --control --- */

static void words(const char *const *word)
{
	for (o.n_command = 0; *word; word++)
		o.command[o.n_command++] = *word;
}

#define WORDS(...) words((const char *const[]){ __VA_ARGS__, NULL })

static void order(const char *request, const char *answer)
{
	launcher_listens();
	start(control);
	client_comes();
	serves(request, answer);
}

static void a_command_goes_with_its_label(void **state)
{
	WORDS("remove", "kbd");
	order("{\"command\":\"remove\",\"label\":\"kbd\"}\n", OK);
	expect_end(0, "", NULL);
}

static void a_command_goes_with_its_devices(void **state)
{
	WORDS("add");
	o.devices = devices = json_pack("[{s:s}]", "type", "mouse");
	o.spec = json_string("not sent");
	order("{\"command\":\"add\",\"devices\":[{\"type\":\"mouse\"}]}\n",
	      "{\"ok\":true,\"added\":[\"mouse\",\"m2\"]}\n");
	expect_end(0, "mouse\nm2\n", NULL);
}

static void a_command_goes_with_its_spec(void **state)
{
	WORDS("reload", "kbd");
	o.spec = json_pack("{s:i}", "a", 1);
	order("{\"command\":\"reload\",\"label\":\"kbd\",\"spec\":{\"a\":1}}"
	      "\n",
	      OK);
	expect_end(0, "", NULL);
}

static void an_error_is_printed_and_no_answer(void **state)
{
	WORDS("list");
	order(ASK, "{\"ok\":false,\"error\":\"no\",\"devices\":[]}\n");
	expect_end(1, "", "no");
}

static void with_json_an_answer_is_printed_as_it_is(void **state)
{
	WORDS("list");
	o.json = true;
	order(ASK, "{\"ok\": false,  \"error\":\"no\"}\n");
	expect_end(1, "{\"ok\": false,  \"error\":\"no\"}\n", "no");
}

static void an_answer_that_cannot_be_printed_is_a_failure(void **state)
{
	WORDS("stats");
	close(out);
	out = open("/dev/full", O_RDWR | O_CLOEXEC);
	assert_sys(out);
	launcher_listens();
	start(control);
	client_comes();
	serves("{\"command\":\"stats\"}\n",
	       "{\"ok\":true,\"devices\":[{\"a\":1}]}\n");
	int is;
	assert_num(waitpid(client, &is, 0), client);
	client = 0;
	assert_num(is, 1 << 8);
}

static void a_list_is_a_table(void **state)
{
	WORDS("list");
	order(ASK,
	      "{\"ok\":true,\"devices\":[{\"label\":\"kbd\",\"what\":\"inline\""
	      ",\"state\":\"ready\",\"pid\":7,\"restarts\":2,\"vmm\":true,"
	      "\"driver\":false,\"socket\":\"/x\"},{\"label\":\"m\",\"vmm\":"
	      "null}],\"streamer\":{\"state\":\"failed\",\"pid\":9,"
	      "\"restarts\":1}}\n");
	expect_end(0,
		   "LABEL            WHAT           STATE         PID RESTARTS "
		   "VMM DRIVER SOCKET\n"
		   "kbd              inline         ready           7        2 "
		   "yes no     /x\n"
		   "m                                               0        0 "
		   "-   -      \n"
		   "streamer                        failed          9        1 "
		   "-   -      \n",
		   NULL);
}

static void devices_are_printed_one_a_line(void **state)
{
	WORDS("describe");
	order("{\"command\":\"describe\"}\n",
	      "{\"ok\":true, \"devices\":[ {\"a\": 1}, {\"b\":2} ]}\n");
	expect_end(0, "{\"a\":1}\n{\"b\":2}\n", NULL);
}

static void without_a_launcher_a_command_fails(void **state)
{
	WORDS("list");
	start(control);
	expect_end(1, "", "no launcher is running");
	launcher_listens();
	close(listen_fd);
	listen_fd = -1;
	assert_sys(ftruncate(err, 0));
	assert_sys(lseek(err, 0, SEEK_SET));
	start(control);
	expect_end(1, "", "no launcher is running");
}

static void a_long_request_arrives_whole(void **state)
{
	char *line;

	WORDS("reload", "kbd");
	/* What is around it has 44 bytes, and the newline one. */
	o.spec = json_sprintf("%0*d", LAUNCH_REQUEST_MAX - 45 - 1, 7);
	launcher_listens();
	start(control);
	client_comes();
	line = hear();
	assert_num(strlen(line), LAUNCH_REQUEST_MAX - 1);
	free(line);
	answers(OK);
	expect_end(0, "", NULL);
}

static void a_longer_one_is_refused(void **state)
{
	WORDS("reload", "kbd");
	o.spec = json_sprintf("%0*d", LAUNCH_REQUEST_MAX - 45, 7);
	launcher_listens();
	start(control);
	client_comes();
	expect_end(1, "", LAUNCH_REQUEST_TOO_LONG);
}

/* It answers and does not read: what it says counts. */
static void a_launcher_that_reads_no_request_is_heard(void **state)
{
	WORDS("reload", "kbd");
	o.spec = json_sprintf("%0*d", LAUNCH_REQUEST_MAX - 100, 7);
	launcher_listens();
	start(control);
	client_comes();
	answers(BUSY);
	close(fd);
	fd = -1;
	expect_end(1, "", "at most 16");
}

/* --- the words of a command --- */

static const struct wrong {
	const char *command[4];
	bool devices, file, tunables;
	const char *why; /* NULL: nothing is wrong */
} wrongs[] = {
	{ { "list" }, false, false, false, NULL },
	{ { "lst" },
	  false,
	  false,
	  false,
	  "unknown command lst; did you mean list?" },
	{ { "list", "kbd" }, false, false, false, "unexpected argument kbd" },
	{ { "stats", "kbd" }, false, false, false, NULL },
	{ { "stats" }, false, false, false, NULL },
	{ { "stats", "a", "b" }, false, false, false, "unexpected argument b" },
	{ { "remove" }, false, false, false, "remove: LABEL is required" },
	{ { "restart" }, false, false, false, "restart: LABEL is required" },
	{ { "restart", "a" }, false, false, false, NULL },
	{ { "restart", "a", "b" },
	  false,
	  false,
	  false,
	  "unexpected argument b" },
	{ { "list" }, true, false, false, "list takes no device options" },
	{ { "list" }, false, true, false, "list takes no device options" },
	{ { "list" }, false, false, true, "list takes no device options" },
	{ { "add" }, true, false, false, NULL },
	{ { "add" }, false, true, false, NULL },
	{ { "add" }, true, false, true, NULL },
	{ { "add" },
	  false,
	  false,
	  true,
	  "add: a device is required, such as --mouse" },
	{ { "add", "a" }, true, false, false, "unexpected argument a" },
};

static void words_of_a_command_are_checked(void **state)
{
	FILE *const was = stderr;

	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		const struct wrong *w = &wrongs[i];
		char *text = NULL, expected[200] = "";
		size_t len;

		words(w->command);
		o.devices = w->devices ? json_pack("[{}]") : json_array();
		o.tunables = w->tunables ? json_pack("{s:i}", "a", 1)
					 : json_object();
		o.file = w->file ? "f" : NULL;
		stderr = open_memstream(&text, &len);
		const struct launch_command_row *row =
			launch_client_command(&o);
		fclose(stderr);
		stderr = was;
		if (w->why)
			snprintf(expected, sizeof(expected),
				 "vinput-launch: %s\n", w->why);
		assert_string_equal(text, expected);
		assert_num(row == NULL, w->why != NULL);
		if (row)
			assert_string_equal(row->name, w->command[0]);
		json_decref(o.devices);
		json_decref(o.tunables);
		free(text);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_command_goes_with_its_label),
		T(a_command_goes_with_its_devices),
		T(a_command_goes_with_its_spec),
		T(an_error_is_printed_and_no_answer),
		T(with_json_an_answer_is_printed_as_it_is),
		T(an_answer_that_cannot_be_printed_is_a_failure),
		T(a_list_is_a_table),
		T(devices_are_printed_one_a_line),
		T(without_a_launcher_a_command_fails),
		T(a_long_request_arrives_whole),
		T(a_longer_one_is_refused),
		T(a_launcher_that_reads_no_request_is_heard),
		T(words_of_a_command_are_checked),
	};

	if (client_world_open())
		return 1;
	return cmocka_run_group_tests_name("launch-client", tests, NULL, NULL);
}
