/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-monitor(1) stands in for a VMM and its guest, so that a user without a
 * VM sees what device servers send.
 *
 *	monitor-start	each device: connect → negotiate → read the
 *			configuration space → start the driver
 *	monitor-follow	all of them in one poll loop, until a limit, a signal
 *			or the last device's end
 *	monitor-device	one device: its front-end, and where its events go:
 *			-print, -touch, -uinput or a recording
 *
 * One thread. Signals are blocked and read from a signalfd, which every wait
 * of unknown length includes.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "injector/monitor/monitor-follow.h"
#include "injector/monitor/monitor-start.h"
#include "injector/monitor/monitor.h"
#include "input/base/fd.h"

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE   2
#define EXIT_TIMEOUT 3

static int start_and_follow(struct monitor *m)
{
	int rc = monitor_start(m);

	if (!rc)
		rc = monitor_follow(m);
	for (size_t i = 0; rc >= MONITOR_END_DONE && i < m->opt.n_sockets; i++)
		monitor_device_stop(&m->device[i]);
	return rc;
}

static int exit_status(const struct monitor *m, int rc)
{
	if (rc == MONITOR_END_REPORTED)
		return EXIT_FAILURE;
	if (rc == MONITOR_END_TIMEOUT && !m->all_started)
		return EXIT_TIMEOUT;
	if (rc == MONITOR_END_TIMEOUT && m->opt.frames) {
		monitor_complain(&m->device[0],
				 "timeout before all frames arrived");
		return EXIT_TIMEOUT;
	}
	if (rc < 0) {
		monitor_complain(&m->device[0], strerror(-rc));
		return EXIT_FAILURE;
	}
	if (monitor_device_end_record(&m->device[0])) {
		fprintf(stderr, "vinput-monitor: cannot write all of %s\n",
			m->opt.record);
		return EXIT_FAILURE;
	}
	if (fflush(stdout) || ferror(stdout)) {
		monitor_complain(&m->device[0], "cannot write the output");
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

/* Return: exit status. */
static int run_monitor(struct monitor *m)
{
	size_t n = m->opt.n_sockets;
	int status;

	m->frames_left = m->opt.frames;
	m->signal_fd = open_signal_fd();
	monitor_set_timeout(m, m->opt.timeout_ms);
	m->device = calloc(n, sizeof(*m->device));
	if (!m->device || m->signal_fd < 0) {
		fprintf(stderr, "vinput-monitor: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		monitor_device_init(&m->device[i], &m->opt, m->opt.sockets[i]);
	status = exit_status(m, start_and_follow(m));
	for (size_t i = 0; i < n; i++)
		monitor_device_fini(&m->device[i]);
	free(m->device);
	close(m->signal_fd);
	return status;
}

int main(int argc, char **argv)
{
	struct monitor m = { .signal_fd = -1 };
	char why[256];

	fd_fill_standard();
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
		return run_monitor(&m);
	}
	return EXIT_FAILURE;
}
