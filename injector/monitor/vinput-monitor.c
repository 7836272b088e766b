/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-monitor(1): stands in for VMM and guest, so that a user without a VM
 * sees what device servers do.
 *
 *	each device: connect → negotiate → read the config space → start
 *	then all of them in one poll until a limit, a signal or the end
 *
 * One thread. Signals are blocked and read from a signalfd, which every wait
 * of unknown length includes. A device that goes away ends the monitor only
 * when it was the last.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "injector/frontend/frontend-session.h"
#include "injector/monitor/monitor-device.h"
#include "injector/monitor/monitor-options.h"

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE   2
#define EXIT_TIMEOUT 3

#define RETRY_MS 50

struct monitor {
	struct monitor_options opt;
	struct monitor_device *device; /* opt.n_sockets of them */
	int signal_fd;
	int64_t deadline_ms;  /* CLOCK_MONOTONIC, -1: none */
	uint64_t frames_left; /* to be printed, 0: no limit */
	bool all_there;	      /* every device has been started */
};

/* Why the monitor ends; a negative errno or FE_E_* is a failure. */
enum end {
	END_NOT_YET = 0,
	END_DONE = 100, /* --count reached */
	END_SIGNAL,
	END_TIMEOUT,
	END_TOLD, /* a failure, already told */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

/* Return: ms until the deadline, not more than most (-1: no limit). */
static int ms_left(const struct monitor *m, int most)
{
	if (m->deadline_ms < 0)
		return most;
	int64_t left = m->deadline_ms - now_ms();
	if (left < 0)
		left = 0;
	if (most >= 0 && left > most)
		return most;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

static bool time_is_up(const struct monitor *m)
{
	return m->deadline_ms >= 0 && now_ms() >= m->deadline_ms;
}

static void complain(const struct monitor_device *d, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "vinput-monitor: %s: %s\n", d->socket, what);
}

/* A device that is not there yet, or has another front-end. */
static bool worth_waiting_for(int rc)
{
	return rc == -ENOENT || rc == -ECONNREFUSED || rc == -ETIMEDOUT ||
	       rc == FE_E_CLOSED;
}

/* Return: enum end, FE_E_* or a negative errno. */
static int connect_device(struct monitor *m, struct monitor_device *d)
{
	struct pollfd sig = { .fd = m->signal_fd, .events = POLLIN };

	for (;;) {
		int rc = monitor_device_connect(d);

		if (!m->opt.wait || !worth_waiting_for(rc))
			return rc;
		if (poll(&sig, 1, ms_left(m, RETRY_MS)) > 0)
			return END_SIGNAL;
		if (time_is_up(m))
			return END_TIMEOUT;
	}
}

static void complain_of_start(const struct monitor_device *d, int rc)
{
	char text[128];

	if (!d->uinput_error) {
		complain(d, fe_strerror(rc));
		return;
	}
	snprintf(text, sizeof(text), "cannot be made real by /dev/uinput: %s",
		 strerror(-d->uinput_error));
	complain(d, text);
}

static int start_device(struct monitor *m, struct monitor_device *d)
{
	int rc = connect_device(m, d);

	if (!rc)
		rc = monitor_device_start(d);
	if (rc == END_TIMEOUT)
		complain(d, "no device in the time given");
	if (!rc || rc >= END_DONE)
		return rc;
	complain_of_start(d, rc);
	return END_TOLD;
}

static int set_leds(struct monitor_device *d)
{
	int rc = monitor_device_set_leds(d);

	if (!rc)
		return 0;
	complain(d, rc == FE_E_REFUSED ? "the device has no such LED"
				       : fe_strerror(rc));
	return END_TOLD;
}

static int record(struct monitor *m)
{
	struct monitor_device *d = &m->device[0];
	int rc = m->opt.record ? monitor_device_record(d, m->opt.record) : 0;

	if (!rc)
		return 0;
	fprintf(stderr, "vinput-monitor: %s: cannot be written: %s\n",
		m->opt.record, strerror(-rc));
	return END_TOLD;
}

static int start_all(struct monitor *m)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < m->opt.n_sockets; i++)
		rc = start_device(m, &m->device[i]);
	if (rc)
		return rc;
	rc = record(m);
	if (rc)
		return rc;
	m->all_there = true;
	if (!m->opt.json)
		printf("Testing ... (interrupt to exit)\n");
	fflush(stdout);
	for (size_t i = 0; !rc && i < m->opt.n_sockets; i++)
		rc = set_leds(&m->device[i]);
	return rc;
}

/* Each device has these in the poll set, then comes the signal's. */
enum {
	POLL_CALL,
	POLL_SOCKET,
	POLL_UINPUT,
	POLLS,
};

static void fill_polls(const struct monitor_device *d, struct pollfd *p)
{
	int uinput = d->uinput ? libevdev_uinput_get_fd(d->uinput) : -1;

	for (int i = 0; i < POLLS; i++)
		p[i] = (struct pollfd){ .fd = -1 };
	if (!d->running)
		return;
	p[POLL_CALL].fd = d->fe.ring[0].call;
	p[POLL_CALL].events = POLLIN;
	p[POLL_SOCKET].fd = d->fe.fd;
	p[POLL_SOCKET].events = POLLRDHUP;
	p[POLL_UINPUT].fd = uinput;
	p[POLL_UINPUT].events = POLLIN;
}

/* What poll() said of one device. Return: 0, FE_E_* or a negative errno. */
static int serve_device(struct monitor *m, struct monitor_device *d,
			const struct pollfd *p)
{
	uint64_t calls;
	int rc = 0;

	if (p[POLL_CALL].revents)
		rc = read(p[POLL_CALL].fd, &calls, sizeof(calls)) < 0 ? -errno
								      : 0;
	if (!rc || rc == -EAGAIN)
		rc = monitor_device_take(d, &m->frames_left);
	if (!rc && p[POLL_UINPUT].revents)
		rc = monitor_device_status(d);
	if (!rc && p[POLL_SOCKET].revents && !p[POLL_CALL].revents)
		rc = FE_E_CLOSED;
	return rc;
}

/* Return: END_NOT_YET, or END_TOLD when it was the last. */
static int lose_device(struct monitor *m, struct monitor_device *d, int rc)
{
	complain(d, fe_strerror(rc));
	monitor_device_fini(d);
	for (size_t i = 0; i < m->opt.n_sockets; i++)
		if (m->device[i].running)
			return END_NOT_YET;
	return END_TOLD;
}

static int serve_all(struct monitor *m, const struct pollfd *p)
{
	int end = END_NOT_YET;

	for (size_t i = 0; end == END_NOT_YET && i < m->opt.n_sockets; i++) {
		struct monitor_device *d = &m->device[i];
		int rc = d->running ? serve_device(m, d, &p[i * POLLS]) : 0;

		if (m->opt.frames && !m->frames_left)
			return END_DONE;
		if (rc)
			end = lose_device(m, d, rc);
	}
	return end;
}

static int follow(struct monitor *m)
{
	struct pollfd p[MONITOR_DEVICES_MAX * POLLS + 1];
	size_t n = m->opt.n_sockets * POLLS;
	int rc;

	for (size_t i = 0; i < m->opt.n_sockets; i++)
		fill_polls(&m->device[i], &p[i * POLLS]);
	/* What a device had to tell at once came before the first poll. */
	for (size_t i = 0; i <= n; i++)
		p[i].revents = 0;
	while (!(rc = serve_all(m, p))) {
		for (size_t i = 0; i < m->opt.n_sockets; i++)
			fill_polls(&m->device[i], &p[i * POLLS]);
		p[n] = (struct pollfd){ .fd = m->signal_fd, .events = POLLIN };
		if (poll(p, n + 1, ms_left(m, -1)) < 0)
			return -errno;
		if (p[n].revents)
			return END_SIGNAL;
		if (time_is_up(m))
			return END_TIMEOUT;
	}
	return rc;
}

static int run(struct monitor *m)
{
	int rc = start_all(m);

	if (!rc)
		rc = follow(m);
	for (size_t i = 0; rc >= END_DONE && i < m->opt.n_sockets; i++)
		if (m->device[i].running)
			fe_stop(&m->device[i].fe);
	return rc;
}

static int exit_status(const struct monitor *m, int rc)
{
	if (rc == END_TOLD)
		return EXIT_FAILURE;
	if (rc == END_TIMEOUT && !m->all_there)
		return EXIT_TIMEOUT;
	if (rc == END_TIMEOUT && m->opt.frames) {
		complain(&m->device[0],
			 "not all frames came in the time given");
		return EXIT_TIMEOUT;
	}
	if (rc < 0) {
		complain(&m->device[0], strerror(-rc));
		return EXIT_FAILURE;
	}
	if (monitor_device_end_record(&m->device[0])) {
		fprintf(stderr, "vinput-monitor: %s: not all was written\n",
			m->opt.record);
		return EXIT_FAILURE;
	}
	if (fflush(stdout) || ferror(stdout)) {
		complain(&m->device[0], "cannot write the output");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int open_signal_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* "keyboard" of "/run/vm/keyboard.sock". Return: to be freed, or NULL. */
static char *label_of(const char *socket)
{
	const char *slash = strrchr(socket, '/');
	char *label = strdup(slash ? slash + 1 : socket);
	char *dot = label ? strrchr(label, '.') : NULL;

	if (dot && dot > label)
		*dot = '\0';
	return label;
}

/* Return: exit status. */
static int monitor(struct monitor *m)
{
	size_t n = m->opt.n_sockets;
	int status = EXIT_FAILURE;

	m->device = calloc(n, sizeof(*m->device));
	if (!m->device) {
		fprintf(stderr, "vinput-monitor: %s\n", strerror(ENOMEM));
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		monitor_device_init(&m->device[i], &m->opt, m->opt.sockets[i],
				    n > 1 ? label_of(m->opt.sockets[i]) : NULL);
	status = exit_status(m, run(m));
	for (size_t i = 0; i < n; i++) {
		monitor_device_fini(&m->device[i]);
		free((char *)m->device[i].print.label);
	}
	free(m->device);
	return status;
}

int main(int argc, char **argv)
{
	struct monitor m = { .deadline_ms = -1 };
	char why[256];

	if (monitor_options_parse(&m.opt, argc, argv, why)) {
		fprintf(stderr, "vinput-monitor: %s\n", why);
		return EXIT_USAGE;
	}
	switch (m.opt.action) {
	case MONITOR_HELP:
		monitor_options_help();
		return EXIT_SUCCESS;
	case MONITOR_VERSION:
		puts("vinput-monitor " VERSION);
		return EXIT_SUCCESS;
	case MONITOR_RUN:
		break;
	}
	m.frames_left = m.opt.frames;
	m.signal_fd = open_signal_fd();
	if (m.opt.timeout_ms >= 0)
		m.deadline_ms = now_ms() + m.opt.timeout_ms;
	int status = monitor(&m);
	close(m.signal_fd);
	return status;
}
