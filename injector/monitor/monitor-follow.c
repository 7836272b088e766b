/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "injector/frontend/frontend-error.h"
#include "injector/monitor/monitor-follow.h"

/* The poll set holds these of each device, then the signalfd. */
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
	p[POLL_CALL].fd = d->fe.ring[FE_EVENTQ].call;
	p[POLL_CALL].events = POLLIN;
	p[POLL_SOCKET].fd = d->fe.fd;
	p[POLL_SOCKET].events = POLLRDHUP;
	p[POLL_UINPUT].fd = uinput;
	p[POLL_UINPUT].events = POLLIN;
}

/* p: of this device. Return: 0, FE_E_* or a negative errno. */
static int serve_device(struct monitor *m, struct monitor_device *d,
			const struct pollfd *p)
{
	eventfd_t calls;
	int rc;

	/* How many does not matter: the ring says what there is. */
	if (p[POLL_CALL].revents)
		eventfd_read(p[POLL_CALL].fd, &calls);
	rc = monitor_device_take(d, &m->frames_left);
	if (!rc && p[POLL_UINPUT].revents)
		rc = monitor_device_status(d);
	if (!rc && p[POLL_SOCKET].revents && !p[POLL_CALL].revents)
		rc = FE_E_CLOSED;
	return rc;
}

/* Return: 0, or MONITOR_END_REPORTED after the last. */
static int drop_device(struct monitor *m, struct monitor_device *d, int rc)
{
	monitor_complain(d, fe_strerror(rc));
	monitor_device_fini(d);
	for (size_t i = 0; i < m->opt.n_sockets; i++)
		if (m->device[i].running)
			return 0;
	return MONITOR_END_REPORTED;
}

static int serve_all(struct monitor *m, const struct pollfd *p)
{
	int end = 0;

	for (size_t i = 0; !end && i < m->opt.n_sockets; i++) {
		struct monitor_device *d = &m->device[i];
		int rc = d->running ? serve_device(m, d, &p[i * POLLS]) : 0;

		if (m->opt.frames && !m->frames_left)
			return MONITOR_END_DONE;
		if (rc)
			end = drop_device(m, d, rc);
	}
	return end;
}

int monitor_follow(struct monitor *m)
{
	struct pollfd p[MONITOR_DEVICES_MAX * POLLS + 1] = { 0 };
	size_t n = m->opt.n_sockets * POLLS;
	int rc;

	/* Before the first poll: events may have arrived already. */
	while (!(rc = serve_all(m, p))) {
		for (size_t i = 0; i < m->opt.n_sockets; i++)
			fill_polls(&m->device[i], &p[i * POLLS]);
		p[n] = (struct pollfd){ .fd = m->signal_fd, .events = POLLIN };
		if (poll(p, n + 1, monitor_ms_left(m, -1)) < 0)
			return -errno;
		if (p[n].revents)
			return MONITOR_END_SIGNAL;
		if (monitor_is_overdue(m))
			return MONITOR_END_TIMEOUT;
	}
	return rc;
}
