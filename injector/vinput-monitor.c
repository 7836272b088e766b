/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-monitor(1): stands in for VMM and guest, so that a user without a VM
 * sees what a device server does.
 *
 *	connect → negotiate → read the config space → rings, buffers
 *	→ print the device, then events until a limit, a signal or the end
 *
 * One thread. Signals are blocked and read from a signalfd, which every wait
 * of unknown length includes.
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
#include "frontend-config.h"
#include "frontend-driver.h"
#include "monitor-options.h"
#include "monitor-print.h"

/* Besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE   2
#define EXIT_TIMEOUT 3

#define RETRY_MS 50

struct monitor {
	struct monitor_options opt;
	struct monitor_print print;
	struct frontend fe;
	int signal_fd;
	int64_t deadline_ms; /* CLOCK_MONOTONIC, -1: none */
	uint64_t frames;     /* printed */
};

/* Why the monitor ends; a negative errno or FE_E_* is a failure. */
enum end {
	END_NOT_YET = 0,
	END_DONE = 100, /* --count reached */
	END_SIGNAL,
	END_TIMEOUT,
	END_NO_LED, /* already told */
};

static const char help[] =
	"Usage: vinput-monitor [OPTIONS] SOCKET\n"
	"Show a vhost-user input device and the events it sends.\n"
	"\n"
	"  --count=N          end after N frames (SYN_REPORTs)\n"
	"  --timeout=SECONDS  end after this time\n"
	"  --wait             wait for the device to be there and free\n"
	"  --json             print one JSON object a line, the device first\n"
	"  --led=NAME=on|off  set a LED at start; may be given more than once\n"
	"  --ring-size=N      descriptors in each queue, a power of two; 64\n"
	"  --help, --version  print this, or the version, and exit\n";

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

static void complain(const struct monitor *m, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "vinput-monitor: %s: %s\n", m->opt.socket, what);
}

/* A device that is not there yet, or has another front-end. */
static bool worth_waiting_for(int rc)
{
	return rc == -ENOENT || rc == -ECONNREFUSED || rc == -ETIMEDOUT ||
	       rc == FE_E_CLOSED;
}

static int connect_once(struct monitor *m)
{
	int rc = fe_connect(&m->fe, m->opt.socket);

	return rc ? rc : fe_negotiate(&m->fe);
}

/* Return: enum end, FE_E_* or a negative errno. */
static int connect_device(struct monitor *m)
{
	struct pollfd sig = { .fd = m->signal_fd, .events = POLLIN };

	for (;;) {
		int rc = connect_once(m);

		if (!m->opt.wait || !worth_waiting_for(rc))
			return rc;
		if (poll(&sig, 1, ms_left(m, RETRY_MS)) > 0)
			return END_SIGNAL;
		if (time_is_up(m))
			return END_TIMEOUT;
	}
}

static int read_device(struct monitor *m, struct spec *spec)
{
	int rc = fe_read_spec(&m->fe, spec);

	return rc == FE_E_REFUSED ? FE_E_DEVICE : rc;
}

/* Only once the driver runs: who waits for it can inject and miss nothing. */
static void print_device(const struct monitor *m, const struct spec *spec)
{
	monitor_print_device(&m->print, spec);
	if (!m->opt.json)
		fprintf(m->print.out, "Testing ... (interrupt to exit)\n");
	fflush(m->print.out);
}

static int start_driver(struct monitor *m)
{
	int rc = fe_make_rings(&m->fe, m->opt.ring_size);

	if (rc)
		return rc;
	/* Buffers first: a device may have to tell at once what is true. */
	fe_post_buffers(&m->fe, FE_BUFFERS_MAX);
	rc = fe_start(&m->fe);
	if (rc)
		return rc;
	fe_ring_kick(&m->fe.ring[FE_EVENTQ]);
	return 0;
}

static int set_leds(struct monitor *m, const struct spec *spec)
{
	for (size_t i = 0; i < m->opt.n_leds; i++) {
		struct vi_event ev =
			vi_event(EV_LED, m->opt.led[i].code, m->opt.led[i].on);

		if (!spec_has(spec, EV_LED, vi_code(&ev))) {
			complain(m, "the device has no such LED");
			return END_NO_LED;
		}
		int rc = fe_send_status(&m->fe, &ev);
		if (rc)
			return rc;
	}
	return 0;
}

/* Print all that is there. Return: END_NOT_YET, END_DONE or FE_E_RING. */
static int print_events(struct monitor *m)
{
	struct fe_ring *ring = &m->fe.ring[FE_EVENTQ];
	struct timespec now;
	struct vi_event ev;
	int rc;

	clock_gettime(CLOCK_REALTIME, &now);
	while (!(rc = fe_recycle_event(&m->fe, &ev))) {
		monitor_print_event(&m->print, &now, &ev);
		if (vi_is_syn_report(&ev) && ++m->frames == m->opt.frames)
			return END_DONE;
	}
	if (ring->published != ring->avail_idx)
		fe_ring_publish_and_kick(ring);
	fflush(m->print.out);
	return rc == FE_E_EMPTY ? END_NOT_YET : rc;
}

/* Return: END_NOT_YET when events may be there, else why it ends. */
static int wait_for_events(struct monitor *m)
{
	struct pollfd p[] = {
		{ .fd = m->fe.ring[FE_EVENTQ].call, .events = POLLIN },
		{ .fd = m->fe.fd, .events = POLLRDHUP },
		{ .fd = m->signal_fd, .events = POLLIN },
	};
	uint64_t calls;
	int n = poll(p, 3, ms_left(m, -1));

	if (n < 0)
		return -errno;
	if (p[2].revents)
		return END_SIGNAL;
	if (p[0].revents && read(p[0].fd, &calls, sizeof(calls)) > 0)
		return END_NOT_YET;
	if (p[1].revents)
		return FE_E_CLOSED;
	return time_is_up(m) ? END_TIMEOUT : END_NOT_YET;
}

static int follow(struct monitor *m)
{
	for (;;) {
		int rc = print_events(m);

		if (rc == END_NOT_YET)
			rc = wait_for_events(m);
		if (rc != END_NOT_YET)
			return rc;
	}
}

static int run(struct monitor *m)
{
	struct spec spec;
	int rc = connect_device(m);

	if (!rc)
		rc = read_device(m, &spec);
	if (!rc)
		rc = start_driver(m);
	if (!rc)
		print_device(m, &spec);
	if (!rc)
		rc = set_leds(m, &spec);
	if (!rc)
		rc = follow(m);
	if (rc >= END_DONE)
		fe_stop(&m->fe);
	return rc;
}

static int exit_status(const struct monitor *m, int rc)
{
	if (rc == END_NO_LED)
		return EXIT_FAILURE;
	if (rc == END_TIMEOUT && m->fe.ring[0].num == 0) {
		complain(m, "no device in the time given");
		return EXIT_TIMEOUT;
	}
	if (rc == END_TIMEOUT && m->opt.frames) {
		complain(m, "not all frames came in the time given");
		return EXIT_TIMEOUT;
	}
	if (rc != END_DONE && rc != END_SIGNAL && rc != END_TIMEOUT) {
		complain(m, fe_strerror(rc));
		return EXIT_FAILURE;
	}
	if (fflush(stdout) || ferror(stdout)) {
		complain(m, "cannot write the output");
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
		fputs(help, stdout);
		return EXIT_SUCCESS;
	case MONITOR_VERSION:
		puts("vinput-monitor " VERSION);
		return EXIT_SUCCESS;
	case MONITOR_RUN:
		break;
	}
	m.print = (struct monitor_print){ stdout, m.opt.json };
	m.signal_fd = open_signal_fd();
	if (m.opt.timeout_ms >= 0)
		m.deadline_ms = now_ms() + m.opt.timeout_ms;
	fe_init(&m.fe);
	int status = exit_status(&m, run(&m));
	fe_fini(&m.fe);
	close(m.signal_fd);
	return status;
}
