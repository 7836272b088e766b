/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-client.h: what --wait and --control send, print and return. The client
 * is a child of the test, which is the launcher.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "injector/launch/launch-client.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define LIST(devices) "{\"ok\":true,\"devices\":[" devices "]}\n"
#define WITH_DRIVER                                          \
	"{\"label\":\"a\",\"state\":\"ready\",\"vmm\":true," \
	"\"driver\":true}"
#define NO_DRIVER                                            \
	"{\"label\":\"b\",\"state\":\"ready\",\"vmm\":true," \
	"\"driver\":false}"
#define FAILED                                                \
	"{\"label\":\"f\",\"state\":\"failed\",\"vmm\":null," \
	"\"driver\":null}"

static char dir[TEMP_DIR_LEN];
static struct launch_options o;
static json_t *devices;	  /* of --control add */
static int listen_fd, fd; /* the launcher's */
static int out, err;	  /* the client's stdout and stderr */
static pid_t client;

/* The client's, shared with the test, which alone moves it. */
static struct clock {
	_Atomic int64_t ns;
	_Atomic unsigned int looks; /* at it */
	_Atomic int poll_ms;	    /* of the last poll() */
	_Atomic int recv_error;	    /* of the next recv(); 0: none */
} * the_clock;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	const int64_t ns = the_clock->ns;

	*t = (struct timespec){ ns / 1000000000, ns % 1000000000 };
	the_clock->looks++;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	the_clock->poll_ms = ms;
	return (int)syscall(SYS_poll, p, n, ms);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recv(int from, void *to, size_t len, int flags)
{
	if (!the_clock->recv_error)
		return syscall(SYS_recvfrom, from, to, len, flags, NULL, NULL);
	errno = the_clock->recv_error;
	the_clock->recv_error = 0;
	return -1;
}

static void pass_s(double seconds)
{
	the_clock->ns += (int64_t)(seconds * 1e9);
}

static void launcher_listens(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", dir);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(listen_fd);
	assert_sys(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listen_fd, 8));
}

static int setup(void **state)
{
	temp_dir_make(dir);
	o = (struct launch_options){ .dir = dir, .timeout_s = -1 };
	devices = NULL;
	client = 0;
	fd = listen_fd = -1;
	out = memfd_create("out", MFD_CLOEXEC);
	err = memfd_create("err", MFD_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	if (client)
		waitpid(client, NULL, 0);
	close(fd);
	close(listen_fd);
	close(out);
	close(err);
	json_decref(devices);
	json_decref(o.spec);
	return temp_dir_remove(dir);
}

/* --- the client --- */

static int control(void)
{
	const struct launch_command_row *row = launch_client_command(&o);

	return row ? launch_client_control(&o, row, devices) : 2;
}

static int wait_for_it(void)
{
	return launch_client_wait(&o);
}

static void start(int (*run)(void))
{
	fflush(NULL);
	client = fork();
	assert_sys(client);
	if (client)
		return;
	alarm(DEADLINE_MS / 1000);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	exit(run());
}

static void expect_text(int from, const char *text)
{
	char is[4096];
	const ssize_t n = pread(from, is, sizeof(is) - 1, 0);

	assert_sys(n);
	is[n] = '\0';
	assert_string_equal(is, text);
}

/* It returns this status; complaint: what follows "vinput-launch: DIR: ". */
static void expect_end(int status, const char *printed, const char *complaint)
{
	char expected[1024] = "";
	int is;

	assert_num(waitpid(client, &is, 0), client);
	client = 0;
	if (complaint)
		snprintf(expected, sizeof(expected), "vinput-launch: %s: %s\n",
			 o.dir, complaint);
	assert_num(is, status << 8);
	expect_text(err, expected);
	expect_text(out, printed);
}

/* --- the launcher --- */

static void client_comes(void)
{
	struct pollfd p = { .fd = listen_fd, .events = POLLIN };

	close(fd);
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
}

/* Return: the next line that the client sends, to be freed. */
static char *hear(void)
{
	char *line = malloc(LAUNCH_REQUEST_MAX + 1);
	size_t len = 0;

	assert_non_null(line);
	do {
		assert_true(len < LAUNCH_REQUEST_MAX);
		assert_num(read(fd, line + len, 1), 1);
	} while (line[len++] != '\n');
	line[len] = '\0';
	return line;
}

static void answers(const char *text)
{
	assert_num(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void serves(const char *request, const char *answer)
{
	char *line = hear();

	assert_string_equal(line, request);
	free(line);
	answers(answer);
}

#define WAIT "{\"command\":\"wait\"}\n"
#define ASK  "{\"command\":\"list\"}\n"
#define OK   "{\"ok\":true}\n"
#define BUSY "{\"ok\":false,\"busy\":true,\"error\":\"at most 16\"}\n"

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

	the_clock = mmap(NULL, sizeof(*the_clock), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (the_clock == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("launch-client", tests, NULL, NULL);
}
