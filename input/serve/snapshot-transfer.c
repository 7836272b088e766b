/* SPDX-License-Identifier: Apache-2.0 */
/*
 *           save                                load
 *   none ─────────► saves ─► done       none ─────────► loads ─► done
 *                     └────► failed                       └────► failed
 *
 * A snapshot to save is made when the pipe is first writable: by then the pump
 * has merged what had arrived before. A snapshot that is loaded becomes the
 * device's state at the end of the data, if it is valid, and never in part.
 *
 * The fd is usually a pipe or a socket. A file works too: it is always ready,
 * and it ends. Devices are rejected: reading or writing one may do anything.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/base/fd.h"
#include "input/base/loop.h"
#include "input/device/snapshot.h"
#include "input/serve/snapshot-transfer.h"

/* One byte more than a snapshot can have shows that it is too long. */
#define BUF_LEN (SNAPSHOT_MAX + 1)

static void snapshot_transfer_stop(struct snapshot_transfer *t,
				   enum snapshot_transfer_step step)
{
	ev_io_stop(t->loop, &t->io);
	loop_forget(t->fd);
	t->fd = close_fd(t->fd);
	free(t->buf);
	t->buf = NULL;
	t->step = step;
}

static void snapshot_transfer_fail(struct snapshot_transfer *t, const char *why)
{
	log_limited(&t->limit, LOG_WARNING, CULPRIT_FRONTEND,
		    t->step == SNAPSHOT_TRANSFER_SAVES
			    ? "cannot save the snapshot: %s"
			    : "cannot load the snapshot: it %s; the device is "
			      "unchanged",
		    why);
	snapshot_transfer_stop(t, SNAPSHOT_TRANSFER_FAILED);
}

/* EINTR: the other side cleared O_NONBLOCK (watchdog.h). */
static const char *why_failed(void)
{
	return errno == EINTR ? "its fd blocks" : strerror(errno);
}

static void make_snapshot(struct snapshot_transfer *t)
{
	if (!t->len)
		t->len = snapshot_write(t->dev, t->config->select,
					t->config->subsel, t->buf);
}

/* A writable pipe takes this much without blocking. */
static void snapshot_transfer_write_some(struct snapshot_transfer *t)
{
	ssize_t n;

	make_snapshot(t);
	n = write(t->fd, t->buf + t->done,
		  t->len - t->done < PIPE_BUF ? t->len - t->done : PIPE_BUF);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		snapshot_transfer_fail(t, n ? why_failed()
					    : "its fd takes no more");
		return;
	}
	t->done += (size_t)n;
	if (t->done == t->len)
		snapshot_transfer_stop(t, SNAPSHOT_TRANSFER_DONE);
}

static void snapshot_transfer_apply(struct snapshot_transfer *t)
{
	struct snapshot *st = calloc(1, sizeof(*st));
	const char *wrong = st ? snapshot_read(st, t->dev->spec, t->buf, t->len)
			       : "does not fit into memory";

	if (wrong) {
		snapshot_transfer_fail(t, wrong);
	} else {
		snapshot_load(t->dev, st);
		config_space_fill(t->config, t->dev->spec, st->select,
				  st->subsel);
		t->loaded = st->had_driver;
		snapshot_transfer_stop(t, SNAPSHOT_TRANSFER_DONE);
	}
	free(st);
}

/* Return: whether there may be more to read now. */
static bool snapshot_transfer_read_some(struct snapshot_transfer *t)
{
	ssize_t n = read(t->fd, t->buf + t->len, BUF_LEN - t->len);

	if (n < 0) {
		if (errno != EAGAIN)
			snapshot_transfer_fail(t, "cannot be read");
		return false;
	}
	if (n == 0) {
		snapshot_transfer_apply(t);
		return false;
	}
	t->len += (size_t)n;
	if (t->len < BUF_LEN)
		return true;
	snapshot_transfer_fail(t, "is too long");
	return false;
}

static void on_fd(struct ev_loop *loop, ev_io *io, int events)
{
	struct snapshot_transfer *t = io->data;

	if (t->step == SNAPSHOT_TRANSFER_SAVES)
		snapshot_transfer_write_some(t);
	else
		snapshot_transfer_read_some(t);
}

static const char *begin(struct snapshot_transfer *t, int fd)
{
	struct stat st;
	_cleanup_close_ int taken = fd;

	snapshot_transfer_stop(t, SNAPSHOT_TRANSFER_FAILED);
	if (fstat(taken, &st) < 0 ||
	    !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
	      S_ISREG(st.st_mode)))
		return "its fd is not a pipe, socket or file";
	if (fd_set_nonblock(taken) < 0)
		return "its fd cannot be made non-blocking";
	t->buf = malloc(BUF_LEN);
	if (!t->buf)
		return strerror(ENOMEM);
	t->len = 0;
	t->done = 0;
	t->fd = steal_fd(&taken);
	return NULL;
}

static void snapshot_transfer_watch(struct snapshot_transfer *t,
				    enum snapshot_transfer_step step,
				    int events)
{
	t->step = step;
	ev_io_set(&t->io, t->fd, events);
	ev_io_start(t->loop, &t->io);
}

const char *snapshot_transfer_save(struct snapshot_transfer *t, int fd)
{
	const char *wrong = begin(t, fd);

	if (!wrong)
		snapshot_transfer_watch(t, SNAPSHOT_TRANSFER_SAVES, EV_WRITE);
	return wrong;
}

const char *snapshot_transfer_load(struct snapshot_transfer *t, int fd)
{
	const char *wrong = begin(t, fd);

	if (!wrong)
		snapshot_transfer_watch(t, SNAPSHOT_TRANSFER_LOADS, EV_READ);
	return wrong;
}

bool snapshot_transfer_check(struct snapshot_transfer *t)
{
	snapshot_transfer_finish(t);
	if (t->step == SNAPSHOT_TRANSFER_SAVES)
		snapshot_transfer_fail(t, "it was not read to its end");
	return t->step == SNAPSHOT_TRANSFER_DONE;
}

void snapshot_transfer_finish(struct snapshot_transfer *t)
{
	if (t->step == SNAPSHOT_TRANSFER_SAVES)
		make_snapshot(t);
	while (t->step == SNAPSHOT_TRANSFER_LOADS &&
	       snapshot_transfer_read_some(t))
		;
	if (t->step == SNAPSHOT_TRANSFER_LOADS)
		snapshot_transfer_fail(t, "has not arrived to its end");
}

bool snapshot_transfer_resumes(struct snapshot_transfer *t)
{
	bool loaded = t->loaded;

	t->loaded = false;
	return loaded;
}

void snapshot_transfer_cancel(struct snapshot_transfer *t)
{
	t->loaded = false;
	snapshot_transfer_stop(t, SNAPSHOT_TRANSFER_NONE);
}

void snapshot_transfer_init(struct snapshot_transfer *t, struct ev_loop *loop,
			    struct device *dev, struct config_space *config)
{
	memset(t, 0, sizeof(*t));
	t->loop = loop;
	t->dev = dev;
	t->config = config;
	t->fd = -1;
	ev_init(&t->io, on_fd);
	t->io.data = t;
}
