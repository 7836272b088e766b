/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/launch/launch-client.h"
#include "injector/launch/launch-guest.h"
#include "injector/process/launch-ask.h"
#include "input/base/clock.h"
#include "input/base/fd.h"

#define RETRY_MS      20
#define GUEST_POLL_MS 100
#define LIST_S	      3 /* more than a launcher waits for its devices */
#define TIME_IS_UP    1 /* besides 0 and -errno */

struct client {
	const char *dir;
	double deadline; /* clock_s(), -1: none */
	int fd;		 /* owned, -1: not connected */
	char *text;	 /* owned: the answer so far */
	size_t len;
};

static void client_init(struct client *c, const struct launch_options *o)
{
	*c = (struct client){ .dir = o->dir, .deadline = -1, .fd = -1 };
	if (o->timeout_s >= 0)
		c->deadline = clock_s() + o->timeout_s;
}

static void client_disconnect(struct client *c)
{
	c->fd = close_fd(c->fd);
	free(c->text);
	c->text = NULL;
	c->len = 0;
}

static void client_complain(const struct client *c, const char *what)
{
	fprintf(stderr, "vinput-launch: %s: %s\n", c->dir, what);
}

/* Wait at most ms for events. Return: whether the deadline has not passed. */
static bool client_pause(const struct client *c, int ms, short events)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	double left_ms = (c->deadline - clock_s()) * 1000;

	if (c->deadline >= 0 && left_ms <= 0)
		return false;
	if (c->deadline >= 0 && (ms < 0 || left_ms < ms))
		ms = (int)left_ms + 1;
	poll(&p, 1, ms);
	return true;
}

/*
 * A child between clone() and execve() has a launcher's sockets for a moment
 * longer than that lives. Return: whether its process has ended; not known of
 * one in another PID namespace.
 */
static bool launcher_is_dead(int fd)
{
	struct ucred peer;

	return !fd_peer(fd, &peer) && peer.pid > 0 && kill(peer.pid, 0) < 0 &&
	       errno == ESRCH;
}

/* Return: 0 or -errno; -ECONNREFUSED: there is none. */
static int client_reach(struct client *c)
{
	char path[200];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/control", c->dir) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	fd = launch_connect(path);
	if (fd < 0)
		return fd;
	if (launcher_is_dead(fd)) {
		close_fd(fd);
		return -ECONNREFUSED;
	}
	c->fd = fd;
	return 0;
}

/* A launcher that does not serve us answers, and closes, without reading. */
static int client_send_all(struct client *c, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(c->fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno == EPIPE ? 0 : -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (!client_pause(c, -1, POLLOUT)) {
			return TIME_IS_UP;
		}
	}
	return 0;
}

/* Up to the newline. Return: 0, -errno (-EPIPE: disconnected), TIME_IS_UP. */
static int client_read_line(struct client *c)
{
	for (;;) {
		char *text = realloc(c->text, c->len + 4096);
		ssize_t n;

		if (!text)
			return -ENOMEM;
		c->text = text;
		n = recv(c->fd, text + c->len, 4095, 0);
		if (n == 0)
			return -EPIPE;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		c->len += n > 0 ? (size_t)n : 0;
		text[c->len] = '\0';
		if (n > 0 && text[c->len - 1] == '\n')
			return 0;
		if (n < 0 && !client_pause(c, -1, POLLIN))
			return TIME_IS_UP;
	}
}

/* request is taken. Return: the answer; NULL after a line on stderr. */
static json_t *client_exchange(struct client *c, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *answer = NULL;
	int r;

	json_decref(request);
	if (text && strlen(text) + 1 >= LAUNCH_REQUEST_MAX) {
		client_complain(c, LAUNCH_REQUEST_TOO_LONG);
		free(text);
		return NULL;
	}
	r = text ? client_send_all(c, text, strlen(text)) : -ENOMEM;
	c->len = 0;
	free(text);
	if (!r)
		r = client_send_all(c, "\n", 1);
	if (!r)
		r = client_read_line(c);
	if (!r)
		answer = json_loads(c->text, 0, NULL);
	if (r == TIME_IS_UP)
		client_complain(c, "no answer within the timeout");
	else if (r == -EPIPE || r == -ECONNRESET)
		client_complain(c, "the launcher has ended");
	else if (r)
		client_complain(c, strerror(-r));
	else if (!answer)
		client_complain(c, "invalid answer: must be JSON");
	return answer;
}

/* Return: EXIT_SUCCESS, or EXIT_FAILURE after a line on stderr. */
static int client_verdict(const struct client *c, const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (json_is_true(json_object_get(answer, "ok")))
		return EXIT_SUCCESS;
	client_complain(c, error ? error : "rejected");
	return EXIT_FAILURE;
}

/* --- --wait --- */

/* For a launcher that may be started yet. */
static bool client_may_wait(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED || r == -EAGAIN;
}

/*
 * Reach a launcher that may not run yet, or have other clients.
 * Return: its answer; NULL after a line on stderr.
 */
static json_t *client_wait(struct client *c)
{
	const char *missing = "no launcher within the timeout";

	for (;;) {
		int r = client_reach(c);

		if (!r) {
			json_t *answer = client_exchange(
				c, json_pack("{s:s}", "command", "wait"));

			if (!json_is_true(json_object_get(answer, "busy")))
				return answer;
			json_decref(answer);
			client_disconnect(c);
			missing = "no answer within the timeout";
		} else if (!client_may_wait(r)) {
			client_complain(c, strerror(-r));
			return NULL;
		}
		if (!client_pause(c, RETRY_MS, 0)) {
			client_complain(c, missing);
			return NULL;
		}
	}
}

/* --- --wait --guest --- */

static void client_complain_missing(const struct client *c, const char *what,
				    const json_t *list)
{
	fprintf(stderr, "vinput-launch: %s: %s: ", c->dir, what);
	launch_guest_print_missing(list, stderr);
	fputc('\n', stderr);
}

/* Return: an exit status; -1 if there is more to wait for. */
static int client_judge_list(const struct client *c, const json_t *list)
{
	switch (launch_guest_check(list)) {
	case LAUNCH_GUEST_COMPLETE:
		return client_verdict(c, list);
	case LAUNCH_GUEST_MISSING:
		return -1;
	case LAUNCH_GUEST_FAILED:
		client_complain_missing(c, "no driver can come", list);
		return EXIT_FAILURE;
	case LAUNCH_GUEST_UNKNOWN:
		client_complain(c, "the launcher is too old for --guest");
		return EXIT_FAILURE;
	}
	return EXIT_FAILURE;
}

/* One that comes after the deadline still tells what is missing. */
static json_t *client_get_list(struct client *c)
{
	const double deadline = c->deadline;
	json_t *list;

	if (deadline >= 0)
		c->deadline += LIST_S;
	list = client_exchange(c, json_pack("{s:s}", "command", "list"));
	c->deadline = deadline;
	return list;
}

/* Return: an exit status. */
static int client_wait_guest(struct client *c)
{
	for (;;) {
		json_t *list = client_get_list(c);
		int status = list ? client_judge_list(c, list) : EXIT_FAILURE;

		if (status < 0 && !client_pause(c, GUEST_POLL_MS, 0)) {
			client_complain_missing(
				c, "no driver within the timeout", list);
			status = EXIT_FAILURE;
		}
		json_decref(list);
		if (status >= 0)
			return status;
	}
}

int launch_client_wait(const struct launch_options *o)
{
	int status = EXIT_FAILURE;
	json_t *answer;
	struct client c;

	client_init(&c, o);
	answer = client_wait(&c);
	if (answer)
		status = client_verdict(&c, answer);
	json_decref(answer);
	if (!status && o->guest)
		status = client_wait_guest(&c);
	client_disconnect(&c);
	return status;
}

/* --- --control --- */

/* Return: 0, or -EINVAL after a line on stderr. */
static int client_check_words(const struct launch_options *o,
			      const struct launch_command_row *row)
{
	bool has_devices = json_array_size(o->devices) || o->file;
	bool has_tunables = json_object_size(o->tunables);
	bool needs_label = row->args == LAUNCH_TAKES_LABEL ||
			   row->args == LAUNCH_TAKES_CHILD;
	size_t max = needs_label || row->args == LAUNCH_MAY_TAKE_LABEL ? 2 : 1;

	if (o->n_command > max)
		fprintf(stderr, "vinput-launch: unexpected argument %.80s\n",
			o->command[max]);
	else if (o->n_command < 2 && needs_label)
		fprintf(stderr, "vinput-launch: %s: LABEL is required\n",
			row->name);
	else if ((has_devices || has_tunables) &&
		 row->args != LAUNCH_TAKES_DEVICES)
		fprintf(stderr, "vinput-launch: %s takes no device options\n",
			row->name);
	else if (!has_devices && row->args == LAUNCH_TAKES_DEVICES)
		fprintf(stderr,
			"vinput-launch: %s: a device is required, such as "
			"--mouse\n",
			row->name);
	else
		return 0;
	return -EINVAL;
}

const struct launch_command_row *launch_client_command(
	const struct launch_options *o)
{
	char why[256];
	const struct launch_command_row *row =
		launch_command_find(o->command[0], why);

	if (!row)
		fprintf(stderr, "vinput-launch: %s\n", why);
	return row && !client_check_words(o, row) ? row : NULL;
}

/* Return: the request as JSON, or NULL. */
static json_t *client_make_request(const struct launch_options *o,
				   json_t *devices)
{
	json_t *request = json_pack("{s:s}", "command", o->command[0]);

	if (devices)
		json_object_set(request, "devices", devices);
	if (o->n_command > 1)
		json_object_set_new(request, "label",
				    json_string(o->command[1]));
	if (o->spec && !devices)
		json_object_set(request, "spec", o->spec);
	return request;
}

static int client_send_request(struct client *c,
			       const struct launch_command_row *row,
			       json_t *request, bool as_json)
{
	json_t *answer = client_exchange(c, request);
	int status;

	if (!answer)
		return EXIT_FAILURE;
	status = client_verdict(c, answer);
	if (as_json)
		fputs(c->text, stdout);
	else if (!status)
		row->print(answer);
	json_decref(answer);
	if (fflush(stdout) || ferror(stdout))
		status = EXIT_FAILURE;
	return status;
}

int launch_client_control(const struct launch_options *o,
			  const struct launch_command_row *row, json_t *devices)
{
	struct client c;
	int status = EXIT_FAILURE, r;

	client_init(&c, o);
	r = client_reach(&c);
	if (!r)
		status = client_send_request(
			&c, row, client_make_request(o, devices), o->json);
	else
		client_complain(&c, client_may_wait(r)
					    ? "no launcher is running"
					    : strerror(-r));
	client_disconnect(&c);
	return status;
}
