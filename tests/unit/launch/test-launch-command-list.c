/* SPDX-License-Identifier: Apache-2.0 */
/* What list, stats and describe are answered, and what they wait for. */
#include "tests/lib/command-world.h"

#define ENTRY(label, what, state, pid, restarts, vmm, driver)               \
	"{\"label\":\"" label "\",\"what\":\"" what "\",\"state\":\"" state \
	"\",\"pid\":" pid ",\"restarts\":" restarts ",\"vmm\":" vmm         \
	",\"driver\":" driver ",\"socket\":\"%s/" label                     \
	".sock\",\"inject\":\"%s/" label ".inject\"}"

static void a_list_has_all_devices(void **state)
{
	char expected[1000];

	request("{\"command\":\"list\"}");
	expect("{\"ok\":true,\"ready\":false,\"devices\":[]}");
	come_up("[" KBD "," MOUSE "]");
	fake_ends(&fakes[1], EXITED(1));
	snprintf(expected, sizeof(expected),
		 "{\"ok\":true,\"ready\":true,\"devices\":[" ENTRY(
			 "keyboard", "keyboard", "ready", "100", "0", "null",
			 "null") "," ENTRY("mouse", "mouse", "starting", "102",
					   "1", "null", "null") "]}",
		 dir, dir, dir, dir);
	ask("{\"command\":\"list\"}", expected);
}

static void a_list_has_devices_whose_paths_are_not_utf8(void **state)
{
	struct launch_endpoints *ep;
	char expected[1000];

	come_up("[" KBD "]");
	ep = &device("keyboard")->endpoints;
	*ep->frontend_path = *ep->inject_path = (char)0xff;
	snprintf(expected, sizeof(expected),
		 "{\"ok\":true,\"ready\":true,\"devices\":[" ENTRY(
			 "keyboard", "keyboard", "ready", "100", "0", "null",
			 "null") "]}",
		 dir, dir);
	for (char *c = expected; (c = strstr(c, ":\"/"));)
		c[2] = '?';
	ask("{\"command\":\"list\"}", expected);
	*ep->frontend_path = *ep->inject_path = '/';
}

/* Return: an fd at which a device's server listens for who asks. */
static int stats_listen(const char *label, struct socket_path *sp)
{
	const struct socket_access ours = { 0600, (gid_t)-1 };

	assert_ok(socket_path_listen(sp, device(label)->endpoints.stats_path,
				     SOCK_STREAM, &ours));
	return sp->fd;
}

static void stats_answer(int listen_fd, const char *text)
{
	const int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	assert_sys(fd);
	assert_num(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	close(fd);
	settle();
}

static void a_list_waits_for_what_devices_answer(void **state)
{
	struct socket_path k, m;
	char expected[1000];

	come_up("[" KBD "," MOUSE "]");
	stats_listen("keyboard", &k);
	stats_listen("mouse", &m);
	request("{\"command\":\"list\"}");
	expect_none();
	stats_answer(m.fd, "{\"vmm\":1,\"driver\":0}");
	expect_none();
	stats_answer(k.fd, "{\"vmm\":0,\"driver\":1}");
	snprintf(expected, sizeof(expected),
		 "{\"ok\":true,\"ready\":true,\"devices\":[" ENTRY(
			 "keyboard", "keyboard", "ready", "100", "0", "false",
			 "true") "," ENTRY("mouse", "mouse", "ready", "101",
					   "0", "true", "false") "]}",
		 dir, dir, dir, dir);
	expect(expected);
	/* One that hangs, and one that answers nothing. */
	request("{\"command\":\"stats\"}");
	stats_answer(k.fd, "");
	expect_none();
	pass_s(1.9);
	expect_none();
	pass_s(0.2);
	expect("{\"ok\":true,\"devices\":[{\"label\":\"keyboard\",\"state\":"
	       "\"ready\",\"restarts\":0,\"stats\":null},{\"label\":\"mouse\","
	       "\"state\":\"ready\",\"restarts\":0,\"stats\":null}]}");
	close(accept(m.fd, NULL, NULL));
	request("{\"command\":\"stats\",\"label\":\"mouse\"}");
	stats_answer(m.fd, "{\"a\":1}");
	expect("{\"ok\":true,\"devices\":[{\"label\":\"mouse\",\"state\":"
	       "\"ready\",\"restarts\":0,\"stats\":{\"a\":1}}]}");
	socket_path_fini(&k);
	socket_path_fini(&m);
}

static void a_streamer_is_in_the_list(void **state)
{
	char *const argv[] = { (char *)"STREAMER", NULL };

	fleet.streamer.argv = argv;
	come_up("[]");
	launch_streamer_start(&fleet.streamer);
	ask("{\"command\":\"list\"}",
	    "{\"ok\":true,\"ready\":true,\"devices\":[],\"streamer\":{\"state\""
	    ":\"ready\",\"pid\":100,\"restarts\":0}}");
	request("{\"command\":\"restart\",\"label\":\"streamer\"}");
	expect_signal(&fakes[0], SIGTERM, 0);
	expect_none();
	fake_ends(&fakes[0], EXITED(0));
	expect(OK);
	assert_num(n_fakes, 2);
	/* It is what a mistyped label may mean, but not that of a device. */
	ask("{\"command\":\"restart\",\"label\":\"streame\"}",
	    ERROR("no device streame; did you mean streamer?"));
	ask("{\"command\":\"remove\",\"label\":\"streame\"}",
	    ERROR("no device streame"));
	start_error = -ENOENT;
	request("{\"command\":\"restart\",\"label\":\"streamer\"}");
	fake_ends(&fakes[1], EXITED(0));
	expect(ERROR("the streamer: cannot start STREAMER: No such file or "
		     "directory"));
}

static void what_cannot_be_described_is_null(void **state)
{
	come_up("[{\"label\":\"k\",\"spec\":\"/no/such.json\"},"
		"{\"label\":\"h\",\"passthrough\":\"type=a\"}]");
	ask("{\"command\":\"describe\"}",
	    "{\"ok\":true,\"devices\":[{\"label\":\"k\",\"spec\":null},"
	    "{\"label\":\"h\",\"spec\":null}]}");
	assert_num(write(device("h")->spec.fd, "{\"v\":1}", 7), 7);
	ask("{\"command\":\"describe\",\"label\":\"h\"}",
	    "{\"ok\":true,\"devices\":[{\"label\":\"h\",\"spec\":{\"v\":1}}]}");
	launch_fleet_remove(&fleet, device("k"));
	ask("{\"command\":\"describe\"}",
	    "{\"ok\":true,\"devices\":[{\"label\":\"h\",\"spec\":{\"v\":1}}]}");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_list_has_all_devices),
		T(a_list_has_devices_whose_paths_are_not_utf8),
		T(a_list_waits_for_what_devices_answer),
		T(a_streamer_is_in_the_list),
		T(what_cannot_be_described_is_null),
	};

	return cmocka_run_group_tests_name("launch-command", tests, NULL, NULL);
}
