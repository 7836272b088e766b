/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: the events of an evdev node, or 8-byte events from standard input as
 * an injector writes them, which get the time at which they arrive. It ends
 * with its input, on SIGINT or SIGTERM, or at a limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "injector/inject/inject-command.h"
#include "input/base/clock.h"
#include "input/base/fd.h"

/* The recording is complete. */
#define FINISHED 1

struct recorder {
	struct recording_writer writer;
	FILE *out;
	const char *path;	/* NODE, or a name of standard input */
	int fd;			/* owned, unless it is stdin */
	int signal_fd;		/* owned, -1: none */
	struct libevdev *evdev; /* NULL: 8-byte events */
	int64_t deadline_ns;	/* -1: none */
	long frames_left;	/* -1: no limit */
	struct fault *fault;
};

/* Return: 0, FINISHED, -EIO: the output cannot be written. */
static int record_event(struct recorder *rec, int64_t time_us,
			const struct vi_event *ev)
{
	recording_write(&rec->writer, time_us, ev);
	if (!vi_is_syn_report(ev))
		return 0;
	if (fflush(rec->out))
		return -EIO;
	if (rec->frames_left > 0)
		rec->frames_left--;
	return rec->frames_left ? 0 : FINISHED;
}

static int record_evdev(struct recorder *rec)
{
	unsigned int flag = LIBEVDEV_READ_FLAG_NORMAL;
	struct input_event in;
	int r, result = 0;

	while (!result) {
		r = libevdev_next_event(rec->evdev, flag, &in);
		if (r == -EAGAIN && flag == LIBEVDEV_READ_FLAG_NORMAL)
			return 0;
		/* The kernel dropped events: read those that make up for it. */
		flag = r == LIBEVDEV_READ_STATUS_SYNC
			       ? LIBEVDEV_READ_FLAG_SYNC
			       : LIBEVDEV_READ_FLAG_NORMAL;
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return r == -ENODEV ? FINISHED : r;
		const struct vi_event ev = vi_event(in.type, in.code, in.value);
		if (in.type == EV_SYN && in.code != SYN_REPORT &&
		    in.code != SYN_MT_REPORT)
			continue;
		result = record_event(rec,
				      in.input_event_sec * INT64_C(1000000) +
					      in.input_event_usec,
				      &ev);
	}
	return result;
}

/* A pipe may deliver an event in pieces. */
static int record_bytes(struct recorder *rec)
{
	uint8_t bytes[sizeof(struct vi_event)] = { 0 };
	struct vi_event ev;
	size_t len = 0;

	while (len < sizeof(bytes)) {
		ssize_t n = read(rec->fd, bytes + len, sizeof(bytes) - len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n && !len)
			return FINISHED;
		if (!n)
			return fault_errno(rec->fault, -EPROTO,
					   "%s ends in the middle of "
					   "an event",
					   rec->path);
		if (n > 0)
			len += (size_t)n;
	}
	memcpy(&ev, bytes, sizeof(ev));
	return record_event(rec, clock_ns() / 1000, &ev);
}

/* Return: ms until the deadline, -1: none. */
static int record_ms_left(const struct recorder *rec)
{
	int64_t left;

	if (rec->deadline_ns < 0)
		return -1;
	left = (rec->deadline_ns - clock_ns() + INJECT_MS - 1) / INJECT_MS;
	if (left > INT32_MAX)
		return INT32_MAX;
	return left < 0 ? 0 : (int)left;
}

static int record_until_finished(struct recorder *rec)
{
	int r = 0;

	while (!r) {
		struct pollfd p[] = {
			{ .fd = rec->fd, .events = POLLIN },
			{ .fd = rec->signal_fd, .events = POLLIN },
		};

		r = poll(p, 2, record_ms_left(rec));
		if (r < 0)
			return -errno;
		if (!r || p[1].revents)
			return FINISHED;
		r = rec->evdev ? record_evdev(rec) : record_bytes(rec);
	}
	return r;
}

static int open_evdev(struct recorder *rec)
{
	int r;

	rec->fd = open(rec->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (rec->fd < 0)
		return -errno;
	r = libevdev_new_from_fd(rec->fd, &rec->evdev);
	if (r == -ENOTTY || r == -EINVAL)
		return fault_errno(rec->fault, r, "%s is not an evdev device",
				   rec->path);
	if (!r)
		r = libevdev_set_clock_id(rec->evdev, CLOCK_MONOTONIC);
	return r;
}

static int open_output(struct recorder *rec, const char *path)
{
	rec->out = path ? fopen(path, "we") : stdout;
	if (rec->out)
		return 0;
	return fault_errno(rec->fault, -errno, "%s: %s", path, strerror(errno));
}

static int open_signals(struct recorder *rec, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, before);
	rec->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return rec->signal_fd < 0 ? -errno : 0;
}

static int open_source(struct recorder *rec, const char *node)
{
	rec->path = node ? node : "standard input";
	if (node)
		return open_evdev(rec);
	rec->fd = STDIN_FILENO;
	return 0;
}

static int write_recording(struct recorder *rec)
{
	int r;

	recording_write_begin(&rec->writer, rec->out,
			      rec->evdev ? libevdev_get_name(rec->evdev)
					 : NULL);
	r = fflush(rec->out) ? -EIO : record_until_finished(rec);
	/* An unfinished last frame is a line, too. */
	if (rec->writer.in_frame)
		fputc('\n', rec->out);
	return fflush(rec->out) || ferror(rec->out) ? -EIO : r;
}

static void close_recorder(struct recorder *rec)
{
	libevdev_free(rec->evdev);
	if (rec->fd != STDIN_FILENO)
		close_fd(rec->fd);
	close_fd(rec->signal_fd);
	if (rec->out && rec->out != stdout)
		fclose(rec->out);
}

static int run_record(const struct inject_command *c, struct inject_run *run)
{
	struct recorder rec = { .fd = -1,
				.signal_fd = -1,
				.deadline_ns = -1,
				.frames_left = c->set.count,
				.fault = &run->fault };
	const char *node = c->n ? c->operand[0] : "-";
	sigset_t before;
	int r;

	if (run->mode != INJECT_MODE_REAL)
		return 0;
	run->fault.text[0] = '\0';
	if (c->set.duration >= 0)
		rec.deadline_ns = clock_ns() + c->set.duration;
	r = open_signals(&rec, &before);
	if (!r)
		r = open_source(&rec, strcmp(node, "-") ? node : NULL);
	if (!r)
		r = open_output(&rec, c->set.output);
	if (!r)
		r = write_recording(&rec);
	close_recorder(&rec);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (r < 0 && !run->fault.text[0])
		fault_set(&run->fault, "%s: %s",
			  r == -EIO ? "the recording" : rec.path, strerror(-r));
	return r < 0 ? r : 0;
}

static int prepare_record(struct inject_command *c, struct inject_context *ctx,
			  struct fault *f)
{
	if (c->n && strcmp(c->operand[0], "-") != 0)
		return 0;
	return inject_command_claim_stdin(c, ctx, f);
}

const struct inject_verb inject_verb_record = {
	.name = "record",
	.usage = "[NODE|-] [--output=FILE] [--count=FRAMES] [--duration=TIME]",
	.local = true,
	.max = 1,
	.options =
		INJECT_OPT(OUTPUT) | INJECT_OPT(COUNT) | INJECT_OPT(DURATION),
	.defaults = { .count = -1, .duration = -1 },
	.prepare = prepare_record,
	.run = run_record,
};
