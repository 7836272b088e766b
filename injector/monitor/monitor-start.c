/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "injector/frontend/frontend-error.h"
#include "injector/monitor/monitor-start.h"

#define RETRY_MS 50
/* What is waited for is printed after this long. */
#define NOTE_MS 1000

/* Whether the device may not exist yet, or has just ended. */
static bool is_temporary(int rc)
{
	return rc == -ENOENT || rc == -ECONNREFUSED || rc == -ETIMEDOUT ||
	       rc == FE_E_CLOSED;
}

/* The connection is kept meanwhile: a VMM that connects later comes later. */
static int wait_for_answer(struct monitor *m, struct monitor_device *d)
{
	struct pollfd p[] = {
		{ .fd = m->signal_fd, .events = POLLIN },
		{ .fd = d->fe.fd, .events = POLLIN },
	};
	int rc = monitor_device_ask(d);

	if (rc)
		return rc;
	if (!poll(p, 2, monitor_ms_left(m, NOTE_MS)) &&
	    !monitor_is_overdue(m)) {
		monitor_complain(d, "connected, but not answered: waiting for "
				    "the end of another front-end, such as a "
				    "VMM");
		poll(p, 2, monitor_ms_left(m, -1));
	}
	if (p[0].revents)
		return MONITOR_END_SIGNAL;
	return p[1].revents ? monitor_device_take_answer(d)
			    : MONITOR_END_TIMEOUT;
}

static int connect_once(struct monitor *m, struct monitor_device *d)
{
	int rc = monitor_device_connect(d);

	if (!rc && m->opt.wait)
		rc = wait_for_answer(m, d);
	return rc ? rc : monitor_device_negotiate(d);
}

/* Return: 0, a reason to end, FE_E_* or a negative errno. */
static int connect_device(struct monitor *m, struct monitor_device *d)
{
	struct pollfd sig = { .fd = m->signal_fd, .events = POLLIN };

	for (int tries = 1;; tries++) {
		int rc = connect_once(m, d);

		if (!m->opt.wait || !is_temporary(rc))
			return rc;
		if (tries == NOTE_MS / RETRY_MS)
			monitor_complain(d,
					 "waiting for a device to listen here");
		if (poll(&sig, 1, monitor_ms_left(m, RETRY_MS)) > 0)
			return MONITOR_END_SIGNAL;
		if (monitor_is_overdue(m))
			return MONITOR_END_TIMEOUT;
	}
}

static void report_start_failure(const struct monitor_device *d, int rc)
{
	char text[128];

	if (!d->uinput_error) {
		monitor_complain(d, fe_strerror(rc));
		return;
	}
	snprintf(text, sizeof(text), "cannot create it through /dev/uinput: %s",
		 strerror(-d->uinput_error));
	monitor_complain(d, text);
}

static int start_device(struct monitor *m, struct monitor_device *d)
{
	int rc = connect_device(m, d);

	if (!rc)
		rc = monitor_device_start(d);
	if (rc == MONITOR_END_TIMEOUT)
		monitor_complain(d, "timeout before the device was available");
	if (!rc || rc >= MONITOR_END_DONE)
		return rc;
	report_start_failure(d, rc);
	return MONITOR_END_REPORTED;
}

static int set_leds(struct monitor_device *d)
{
	int rc = monitor_device_set_leds(d);

	if (!rc)
		return 0;
	monitor_complain(d, rc == FE_E_REFUSED ? "the device has no such LED"
					       : fe_strerror(rc));
	return MONITOR_END_REPORTED;
}

static int start_record(struct monitor *m)
{
	struct monitor_device *d = &m->device[0];
	int rc = m->opt.record ? monitor_device_record(d, m->opt.record) : 0;

	if (!rc)
		return 0;
	fprintf(stderr, "vinput-monitor: cannot write %s: %s\n", m->opt.record,
		strerror(-rc));
	return MONITOR_END_REPORTED;
}

int monitor_start(struct monitor *m)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < m->opt.n_sockets; i++)
		rc = start_device(m, &m->device[i]);
	if (rc)
		return rc;
	rc = start_record(m);
	if (rc)
		return rc;
	m->all_started = true;
	if (!m->opt.json)
		printf("Testing ... (interrupt to exit)\n");
	fflush(stdout);
	for (size_t i = 0; !rc && i < m->opt.n_sockets; i++)
		rc = set_leds(&m->device[i]);
	return rc;
}
