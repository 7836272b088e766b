/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "injector/fleet/launch-upgrade.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static void upgrade_set_state(struct launch_upgrade *u,
			      enum launch_upgrade_state state)
{
	u->state = state;
	u->setup->changed(u->setup->arg);
}

static void upgrade_close(struct launch_upgrade *u)
{
	launch_timer_stop(&u->timer);
	ev_io_stop(u->setup->loop, &u->io);
	u->standby_fd = close_fd(u->standby_fd);
	u->ready_fd = close_fd(u->ready_fd);
	launch_lines_end(&u->lines);
}

void launch_upgrade_fail(struct launch_upgrade *u, const char *fmt, ...)
{
	va_list ap;

	if (u->state != LAUNCH_UPGRADE_STARTING &&
	    u->state != LAUNCH_UPGRADE_PREPARED)
		return;
	upgrade_close(u);
	launch_process_signal(&u->process, SIGKILL);
	va_start(ap, fmt);
	vsnprintf(u->why, sizeof(u->why), fmt, ap);
	va_end(ap);
	launch_log_line(u->setup->log, LOG_ERROR,
			"%s is not upgraded: %.400s; the old process serves on",
			u->name, u->why);
	upgrade_set_state(u, u->process.pid ? LAUNCH_UPGRADE_FAILING
					    : LAUNCH_UPGRADE_FAILED);
}

static void on_upgrade_line(void *arg, const char *line)
{
	static const char prefix[] = "vhost-user-input: ";
	struct launch_upgrade *u = arg;

	if (!strncmp(line, prefix, strlen(prefix)))
		line += strlen(prefix);
	snprintf(u->last, sizeof(u->last), "%s", line);
}

static void on_upgrade_late(void *arg)
{
	struct launch_upgrade *u = arg;

	launch_upgrade_fail(u, "was not ready within %g s", u->setup->start_s);
}

static void on_upgrade_ended(void *arg, int status)
{
	struct launch_upgrade *u = arg;
	char how[64];

	if (u->state == LAUNCH_UPGRADE_STARTING)
		launch_lines_read(&u->lines);
	launch_process_strend(status, how);
	launch_upgrade_fail(u, "%s", *u->last ? u->last : how);
	upgrade_set_state(u, LAUNCH_UPGRADE_FAILED);
}

/* --- the one that waits --- */

/* Return: whether the VMM can go on with it. */
static bool upgrade_check_offer(struct launch_upgrade *u, const char *line)
{
	unsigned long long features, protocol;

	if (sscanf(line, "%llx %llx", &features, &protocol) != 2) {
		launch_upgrade_fail(u, "does not say what it offers");
		return false;
	}
	features = u->features & ~features;
	protocol = u->protocol & ~protocol;
	if (features || protocol) {
		launch_upgrade_fail(u,
				    "lacks %s bits 0x%llx, which the VMM uses",
				    features ? "feature" : "protocol feature",
				    features ? features : protocol);
		return false;
	}
	return true;
}

static void on_upgrade_standby(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_upgrade *u = container_of(io, struct launch_upgrade, io);
	char line[128] = "";
	ssize_t n = recv(u->standby_fd, line, sizeof(line) - 1, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	ev_io_stop(loop, io);
	/* At its end it says why, and on_upgrade_ended() follows. */
	if (n <= 0)
		return;
	if (!upgrade_check_offer(u, line))
		return;
	launch_timer_stop(&u->timer);
	upgrade_set_state(u, LAUNCH_UPGRADE_PREPARED);
	u->prepared(u->arg);
}

/* --- its life --- */

void launch_upgrade_init(struct launch_upgrade *u,
			 const struct launch_setup *setup, const char *name)
{
	*u = (struct launch_upgrade){
		.setup = setup, .name = name, .ready_fd = -1, .standby_fd = -1
	};
	u->process.ended = on_upgrade_ended;
	u->process.arg = u;
	ev_init(&u->io, on_upgrade_standby);
	launch_lines_init(&u->lines, setup->loop, on_upgrade_line, u);
	launch_timer_init(&u->timer, setup->loop, on_upgrade_late, u);
}

/* ours, its: the ends. Return: 0 or -errno. */
static int make_ends(int kind, int *ours, int *its)
{
	int fd[2];
	int r = kind ? socketpair(AF_UNIX, kind | SOCK_CLOEXEC, 0, fd)
		     : pipe2(fd, O_CLOEXEC);

	if (r < 0)
		return -errno;
	*ours = fd[0];
	*its = fd[1];
	return 0;
}

int launch_upgrade_begin(struct launch_upgrade *u,
			 struct launch_upgrade_fds *fds)
{
	int lines_fd = -1, r;

	*u->last = *u->why = '\0';
	upgrade_set_state(u, LAUNCH_UPGRADE_STARTING);
	r = make_ends(0, &lines_fd, &fds->said);
	if (!r)
		r = launch_lines_start(&u->lines, lines_fd);
	if (!r)
		r = make_ends(0, &u->ready_fd, &fds->ready);
	if (!r)
		r = fd_set_nonblock(u->ready_fd);
	if (!r)
		r = make_ends(SOCK_STREAM, &u->standby_fd, &fds->standby);
	return r;
}

void launch_upgrade_started(struct launch_upgrade *u, int r)
{
	if (r) {
		launch_upgrade_fail(u, "cannot start it: %s", strerror(-r));
		return;
	}
	ev_io_set(&u->io, u->standby_fd, EV_READ);
	ev_io_start(u->setup->loop, &u->io);
	launch_timer_start(&u->timer, u->setup->start_s);
}

void launch_upgrade_hand_over(struct launch_upgrade *u,
			      struct launch_process *p, int *lines_fd,
			      int *ready_fd)
{
	launch_process_move(u->setup->children, &u->process, p);
	launch_lines_read(&u->lines);
	*lines_fd = fcntl(u->lines.fd, F_DUPFD_CLOEXEC, 0);
	*ready_fd = steal_fd(&u->ready_fd);
}

void launch_upgrade_go(struct launch_upgrade *u)
{
	/* If it has ended, that is noticed anyway. */
	send(u->standby_fd, "\n", 1, MSG_NOSIGNAL);
	upgrade_close(u);
	upgrade_set_state(u, LAUNCH_UPGRADE_HANDED);
}

void launch_upgrade_done(struct launch_upgrade *u)
{
	if (u->state != LAUNCH_UPGRADE_HANDED)
		return;
	launch_log_line(u->setup->log, LOG_INFO, "%s is upgraded", u->name);
	upgrade_set_state(u, LAUNCH_UPGRADE_DONE);
}

void launch_upgrade_fini(struct launch_upgrade *u)
{
	upgrade_close(u);
}
