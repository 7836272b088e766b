/* SPDX-License-Identifier: Apache-2.0 */
/* launch-template.h: what a template is asked, and what becomes of it. */
#include <poll.h>
#include "injector/fleet/launch-template.h"
#include "input/base/fd-pass.h"
#include "input/template/template-request.h"
#include "tests/lib/fleet-world.h"
#include "tests/lib/same-file.h"

#define NO_ANSWER 0x7fffffff

static char server[] = "SERVER", option[] = "--x", home[] = "HOME=/";
static char *server_argv[] = { server, option, NULL };
static char *server_env[] = { home, NULL };
static const struct rlimit files = { 1024, 4096 };

/* What the template does with the next request. */
static int answer; /* of its server, or NO_ANSWER */
static bool ends;  /* with the request unread */

/* What it was sent last. */
static struct template_request request;
static char packet[TEMPLATE_REQUEST_MAX], *words[TEMPLATE_WORDS_MAX];
static int fds[FD_PASS_MAX];
static unsigned int n_fds;

static void forget_request(void)
{
	while (n_fds)
		close_fd(fds[--n_fds]);
}

static struct fake *last_fake(void)
{
	assert_true(n_fakes > 0);
	return &fakes[n_fakes - 1];
}

static void take_request(void)
{
	const int fd = fake_fd(last_fake(), "--template-fd=");
	ssize_t len;

	forget_request();
	len = fd_pass_recv(fd, packet, sizeof(packet), fds, &n_fds);
	assert_true(len > 0);
	assert_ok(template_request_read(&request, packet, (size_t)len, words));
	if (answer == NO_ANSWER)
		return;
	assert_num(write(fds[TEMPLATE_TELL], &answer, sizeof(answer)),
		   sizeof(answer));
}

/* The launcher waits for the answer; or libev looks at its fds. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int timeout_ms)
{
	const struct timespec wait = { timeout_ms / 1000, 0 };

	if (timeout_ms != 5000)
		return (int)syscall(SYS_ppoll, p, n, &wait, NULL, 0);
	if (ends) {
		fake_close(last_fake());
		return 1;
	}
	take_request();
	return answer != NO_ANSWER;
}

static int setup(void **state)
{
	const int r = fleet_setup(state);

	answer = 4711;
	ends = false;
	n_fds = 0;
	return r;
}

static int teardown(void **state)
{
	forget_request();
	for (size_t i = 0; i < n_fakes; i++)
		if (fakes[i].p)
			fake_ends(&fakes[i], EXITED(0));
	return fleet_teardown(state);
}

/* Return: as launch_template_fork(), for a server that keeps this fd. */
static pid_t ask_keeping(int fd, size_t n)
{
	int keep[TEMPLATE_KEEPS_MAX + 1];
	const struct launch_exec exec = { .argv = server_argv,
					  .keep = keep,
					  .n_keep = n,
					  .places = &fleet.children.places,
					  .out = log_fd,
					  .outlives = true };
	struct launch_exec_child c = {
		.exec = &exec, .files = &files, .env = server_env, .parent = 42
	};
	pid_t pid;

	for (size_t i = 0; i < n; i++)
		keep[i] = fd;
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c.tell));
	pid = launch_template_fork(&fleet.template, &c);
	close_fd(c.tell[0]);
	close_fd(c.tell[1]);
	return pid;
}

static pid_t ask(void)
{
	return ask_keeping(log_fd, 1);
}

/* --- its start --- */

static void the_first_server_starts_it(void **state)
{
	char expected[100];

	assert_num(n_fakes, 0);
	assert_num(ask(), 4711);
	assert_num(n_fakes, 1);
	snprintf(expected, sizeof(expected),
		 "SERVER --template-fd=%d --log-level=info",
		 fakes[0].number[0]);
	assert_string_equal(fakes[0].words, expected);
	assert_num(fakes[0].n_fds, 1);
	assert_false(fakes[0].outlives);
	assert_true(fakes[0].out >= 0);
	answer = 4712;
	assert_num(ask(), 4712);
	assert_num(n_fakes, 1);
}

static void one_that_cannot_be_executed_is_an_error(void **state)
{
	start_error = -EACCES;
	assert_rc(ask(), -EACCES);
	assert_num(n_fakes, 0);
	assert_num(ask(), 4711);
}

static void its_lines_are_the_launchers(void **state)
{
	ask();
	fake_says(&fakes[0], "vhost-user-input: host: no memory\n");
	expect_log(STAMP "launcher: host: no memory\n");
}

/* --- requests --- */

static void a_request_has_all_that_a_server_is(void **state)
{
	ask_keeping(log_fd, 2);
	assert_string_equal(request.argv[0], server);
	assert_string_equal(request.argv[1], option);
	assert_null(request.argv[2]);
	assert_string_equal(request.env[0], home);
	assert_null(request.env[1]);
	assert_num(request.parent, 42);
	assert_true(request.outlives);
	assert_num(request.files[0], 1024);
	assert_num(request.files[1], 4096);
	assert_num(request.n_keep, 2);
	for (size_t i = 0; i < 2; i++)
		assert_num(request.keep[i],
			   fleet.children.places.fd[LAUNCH_PLACE_KEEP + i]);
	assert_num(n_fds, TEMPLATE_FIXED + 2);
	for (unsigned int i = TEMPLATE_OUT; i < n_fds; i++)
		assert_same_file(fds[i], log_fd);
}

static void an_error_is_its_answer(void **state)
{
	answer = -EAGAIN;
	assert_rc(ask(), -EAGAIN);
	/* That was not its fault. */
	answer = 4711;
	assert_num(ask(), 4711);
	assert_num(n_fakes, 1);
	expect_log("");
}

static void what_does_not_fit_is_executed(void **state)
{
	static char big[TEMPLATE_REQUEST_MAX];

	assert_num(ask_keeping(log_fd, TEMPLATE_KEEPS_MAX + 1), 0);
	memset(big, 'x', sizeof(big) - 1);
	server_argv[1] = big;
	assert_num(ask(), 0);
	server_argv[1] = option;
	assert_num(ask(), 4711);
	assert_num(n_fakes, 1);
}

/* --- its end --- */

static void one_that_is_none_is_tried_once(void **state)
{
	ends = true;
	assert_num(ask(), 0);
	fake_ends(&fakes[0], EXITED(2));
	expect_log(STAMP "launcher: the template ended with status 2; devices "
			 "are executed\n");
	ends = false;
	assert_num(ask(), 0);
	assert_num(n_fakes, 1);
	/* The next launch of all may find one that is. */
	launch_template_end(&fleet.template);
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
}

static void one_that_has_forked_is_followed_by_another(void **state)
{
	ask();
	fake_says(&fakes[0], "bye\n");
	expect_log(STAMP "launcher: bye\n");
	fake_ends(&fakes[0], EXITED(1));
	expect_log(STAMP "launcher: the template ended with status 1; its "
			 "devices run on\n");
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
	fake_ends(&fakes[1], EXITED(1));
	expect_log(STAMP "launcher: the template ended with status 1; its "
			 "devices run on\n");
	/* What those before have done counts for nothing. */
	ends = true;
	assert_num(ask(), 0);
	fake_ends(&fakes[2], EXITED(2));
	expect_log(STAMP "launcher: the template ended with status 2; devices "
			 "are executed\n");
}

static void one_that_has_ended_unnoticed_forks_nothing(void **state)
{
	ask();
	fake_close(&fakes[0]);
	assert_num(ask(), 0);
	ends = true;
	assert_num(ask(), 0);
	assert_num(n_fakes, 1);
}

static void expect_killed_without_answer(const char *log)
{
	answer = NO_ANSWER;
	assert_num(ask(), 0);
	expect_signal(&fakes[0], SIGKILL, 0);
	expect_log(log);
}

/* It has ended, and nobody is interested in it any more. */
static void end_the_first(void)
{
	fake_ends(&fakes[0], SIGKILL);
	expect_log("");
}

static void one_that_does_not_answer_is_killed(void **state)
{
	expect_killed_without_answer(
		STAMP "launcher: the template did not answer for 5 s; "
		      "devices are executed\n");
	answer = 4711;
	assert_num(ask(), 0);
	assert_num(n_fakes, 1);
	end_the_first();
	assert_num(ask(), 0);
}

static void one_that_no_longer_answers_is_replaced(void **state)
{
	ask();
	expect_killed_without_answer(
		STAMP "launcher: the template did not answer for 5 s; its "
		      "devices run on\n");
	answer = 4711;
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
	/* Its end is not that of this one. */
	end_the_first();
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
}

static void one_that_is_ended_is_killed(void **state)
{
	launch_template_end(&fleet.template);
	ask();
	forget_request();
	launch_template_end(&fleet.template);
	expect_signal(&fakes[0], SIGKILL, 0);
	assert_rc(fd_pass_recv(fake_fd(&fakes[0], "--template-fd="), packet,
			       sizeof(packet), fds, &n_fds),
		  -ECONNRESET);
	launch_template_end(&fleet.template);
	assert_num(fakes[0].n_signals, 1);
	fake_ends(&fakes[0], SIGKILL);
	expect_log("");
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
}

/* --- the program that is installed --- */

static void install(const char *path, const char *as)
{
	const int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	assert_sys(fd);
	close(fd);
	assert_sys(rename(path, as));
}

static void what_is_installed_later_is_another_one(void **state)
{
	char path[TEMP_DIR_LEN + 8], new[TEMP_DIR_LEN + 8];

	snprintf(path, sizeof(path), "%s/server", dir);
	snprintf(new, sizeof(new), "%s/new", dir);
	fleet.setup.server = path;
	install(new, path);
	assert_num(ask(), 4711);
	assert_num(ask(), 4711);
	assert_num(n_fakes, 1);
	install(new, path);
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
	expect_signal(&fakes[0], SIGKILL, 0);
	/* One that is being installed is not there for a moment. */
	assert_sys(unlink(path));
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
}

static void another_program_may_be_a_template(void **state)
{
	char path[TEMP_DIR_LEN + 8], new[TEMP_DIR_LEN + 8];

	snprintf(path, sizeof(path), "%s/server", dir);
	snprintf(new, sizeof(new), "%s/new", dir);
	fleet.setup.server = path;
	install(new, path);
	answer = NO_ANSWER;
	assert_num(ask(), 0);
	answer = 4711;
	assert_num(ask(), 0);
	install(new, path);
	assert_num(ask(), 4711);
	assert_num(n_fakes, 2);
	assert_sys(unlink(path));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_server_starts_it),
		T(one_that_cannot_be_executed_is_an_error),
		T(its_lines_are_the_launchers),
		T(a_request_has_all_that_a_server_is),
		T(an_error_is_its_answer),
		T(what_does_not_fit_is_executed),
		T(one_that_is_none_is_tried_once),
		T(one_that_has_forked_is_followed_by_another),
		T(one_that_has_ended_unnoticed_forks_nothing),
		T(one_that_does_not_answer_is_killed),
		T(one_that_no_longer_answers_is_replaced),
		T(one_that_is_ended_is_killed),
		T(what_is_installed_later_is_another_one),
		T(another_program_may_be_a_template),
	};

	return cmocka_run_group_tests_name("launch-template", tests, NULL,
					   NULL);
}
