/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "input/base/fd.h"
#include "input/base/loop.h"
#include "input/base/outlet.h"
#include "input/device/control.h"
#include "input/serve/injector-offer.h"
#include "input/serve/injector-ring.h"

#define FDS 2 /* the memory, and the event fd */

void injector_offer_pass_fds(int socket, bool on)
{
	const int value = on;

	setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &value, sizeof(value));
}

bool injector_send(struct injector *in, const struct vi_event *ev, size_t n)
{
	ssize_t sent;

	if (in->status_fd < 0)
		return false;
	sent = outlet_write(in->status_fd, ev, n * sizeof(*ev));
	/* Half an event was sent: the rest would be misread. */
	if (sent > 0 && (size_t)sent % sizeof(*ev))
		in->status_fd = -1;
	return sent == (ssize_t)(n * sizeof(*ev));
}

static bool offer_answer(struct injector *in, enum control_ring code,
			 int32_t value)
{
	const struct vi_event ev = vi_event(CONTROL_RING, code, value);

	return injector_send(in, &ev, 1);
}

/*
 * An inherited socket outlives this process, and then its injector would not
 * notice that nobody reads its ring.
 */
static bool may_offer(const struct injector *in)
{
	return in->accepted && !in->owner->no_rings &&
	       in->owner->n_rings < INJECTOR_RINGS_MAX;
}

void injector_offer_asked(struct injector *in)
{
	const bool may = may_offer(in);

	if (in->offer != OFFER_UNASKED || in->fd < 0)
		return;
	if (may) {
		injector_offer_pass_fds(in->fd, true);
		/* It knows no fds, nor the ring that comes before the socket.
		 */
		loop_shortcut_stop(&in->shortcut);
	}
	in->offer = may ? OFFER_AWAITED : OFFER_SETTLED;
	in->owner->rings_refused += !may;
	offer_answer(in, CONTROL_RING_ASK, may ? RING_SIZE_MAX : 0);
}

static void offer_settle(struct injector *in, struct injector_ring *ring)
{
	struct injectors *inj = in->owner;

	in->offer = OFFER_SETTLED;
	injector_offer_pass_fds(in->fd, false);
	in->ring = ring;
	inj->n_rings += ring != NULL;
	inj->rings_total += ring != NULL;
	inj->rings_refused += !ring;
	offer_answer(in, CONTROL_RING_OFFER, ring != NULL);
	if (!ring && inj->pass)
		loop_shortcut_start(&in->shortcut);
}

/* fds are borrowed, but for the one that the ring takes. */
static void take_offer(struct injector *in, int *fd, size_t n)
{
	struct injector_ring *ring = NULL;
	const char *why = "it is not two fds";

	/* Others may have got theirs since it asked. */
	if (n == FDS && may_offer(in))
		ring = injector_ring_new(fd[0], fd[1], &why);
	else if (n == FDS)
		why = "16 rings are in use already";
	if (ring)
		fd[1] = -1;
	else
		log_limited(&in->owner->refused_limit, LOG_WARNING,
			    CULPRIT_INJECTOR, "its ring is rejected: %s", why);
	offer_settle(in, ring);
}

/* Return: how many; more than FDS: not all were received. */
static size_t offer_take_fds(struct msghdr *msg, int fd[FDS])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	size_t n;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(*fd);
	memcpy(fd, CMSG_DATA(c), n * sizeof(*fd));
	return msg->msg_flags & MSG_CTRUNC ? FDS + 1 : n;
}

ssize_t injector_offer_recv(struct injector *in, void *to, size_t len)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS * sizeof(int))];
	} control;
	struct iovec iov = { to, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int fd[FDS] = { -1, -1 };
	ssize_t n = recvmsg(in->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	size_t n_fds = n < 0 ? 0 : offer_take_fds(&msg, fd);

	if (n_fds)
		take_offer(in, fd, n_fds);
	for (size_t i = 0; i < FDS; i++)
		close_fd(fd[i]);
	if (n < 0 || !(msg.msg_flags & MSG_TRUNC))
		return n;
	errno = EMSGSIZE;
	return -1;
}

void injector_offer_end_ring(struct injector *in)
{
	if (!in->ring)
		return;
	in->owner->n_rings--;
	loop_forget(in->ring->event_fd);
	injector_ring_free(in->ring);
	in->ring = NULL;
}
