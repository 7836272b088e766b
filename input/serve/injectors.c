/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/serve/injector-offer.h"
#include "input/serve/injector.h"
#include "input/serve/injectors.h"

void injectors_resume_paused(struct injectors *inj)
{
	struct injector *in = TAILQ_FIRST(&inj->paused), *next;
	bool local = inj->local.resume && !inj->local.resume(inj->local.arg);

	for (; in; in = next) {
		size_t len;

		next = TAILQ_NEXT(in, paused_link);
		source_space(&in->source.src, &len);
		/* The bytes may have moved. */
		if (in->source.persistent)
			persistent_source_commit(in->source.persistent);
		if (len < sizeof(struct vi_event))
			continue;
		TAILQ_REMOVE(&inj->paused, in, paused_link);
		in->paused = false;
		injector_watch(in);
	}
	inj->any_paused = local || !TAILQ_EMPTY(&inj->paused);
}

void injectors_released(struct device_source *source)
{
	struct injector *in = container_of(source, struct injector, source);

	TAILQ_REMOVE(&in->owner->list, in, link);
	in->owner->n--;
	free(in);
}

/*
 * An injector has no fds to pass, but to offer a ring. Linux 6.16 and later do
 * not let it send any; before, they are closed when they arrive, and an fd
 * whose close() blocks does so for as long as the watchdog allows.
 */
static void refuse_fds(int socket)
{
	injector_offer_pass_fds(socket, false);
}

/* Return: 0, or -errno if events cannot be read from fd. */
static int check_readable(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fd_sockopt(fd, SO_ACCEPTCONN) > 0)
		return -EINVAL;
	/* Its peer's end cannot be noticed: what that held would stay stuck. */
	if (fd_sockopt(fd, SO_TYPE) == SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if ((flags & O_ACCMODE) == O_WRONLY)
		return -EBADF;
	return S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

static struct injector *injector_new(struct injectors *inj, int fd,
				     int status_fd)
{
	struct injector *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->owner = inj;
	in->fd = fd;
	in->socket = fd_sockopt(fd, SO_TYPE) >= 0;
	if (in->socket)
		refuse_fds(fd);
	in->status_fd = status_fd >= 0 ? status_fd : in->socket ? fd : -1;
	injector_init(in);
	return in;
}

bool injectors_answer(struct device_source *source, const struct vi_event *ev,
		      size_t n)
{
	return injector_send(container_of(source, struct injector, source), ev,
			     n);
}

void injectors_asked_for_ring(struct device_source *source)
{
	injector_offer_asked(container_of(source, struct injector, source));
}

static void injectors_start(struct injector *in)
{
	struct injectors *inj = in->owner;
	struct vi_event led[LED_CNT];
	const size_t n_leds = led_state_events(&inj->leds, led);

	injector_watch(in);
	TAILQ_INSERT_TAIL(&inj->list, in, link);
	inj->n++;
	inj->total++;
	if (n_leds)
		injector_send(in, led, n_leds);
}

static bool keeps_packets(int fd)
{
	return fd_sockopt(fd, SO_TYPE) == SOCK_SEQPACKET;
}

/* accepted: it is a connection, which ends with this process. */
static int add_injector(struct injectors *inj, int fd, int status_fd,
			bool accepted)
{
	int r = check_readable(fd);
	struct injector *in = r ? NULL : injector_new(inj, fd, status_fd);

	if (!in)
		return r ? r : -ENOMEM;
	in->accepted = accepted;
	r = device_attach(inj->dev, &in->source, keeps_packets(fd));
	if (r) {
		free(in);
		return r;
	}
	in->may_be_vmm = true;
	injectors_start(in);
	return 0;
}

int injectors_add(struct injectors *inj, int fd, int status_fd)
{
	return add_injector(inj, fd, status_fd, false);
}

int injectors_add_persistent(struct injectors *inj, int fd, int status_fd,
			     unsigned int i)
{
	struct stat st = { 0 };
	int r = check_readable(fd);
	struct injector *in = r ? NULL : injector_new(inj, fd, status_fd);

	if (!in)
		return r ? r : -ENOMEM;
	/* No other socket has that number while any process has this one. */
	fstat(fd, &st);
	inj->dev->persistent->source[i].socket = (uint32_t)st.st_ino;
	device_attach_persistent(inj->dev, &in->source, keeps_packets(fd), i);
	injectors_start(in);
	inj->changed(inj->arg);
	return 0;
}

/* A denied peer takes no place, and is not counted as refused. */
static bool is_denied(struct injectors *inj, int fd)
{
	struct ucred peer;

	if (peer_allow_check(inj->allow, fd, &peer))
		return false;
	inj->denied++;
	log_limited(&inj->denied_limit, LOG_WARNING, CULPRIT_INJECTOR,
		    "denied: process %d, user %u, group %u: not among those "
		    "of --inject-allow-uid and --inject-allow-gid",
		    (int)peer.pid, peer.uid, peer.gid);
	return true;
}

static void injectors_accepted(void *arg, int fd)
{
	struct injectors *inj = arg;
	_cleanup_close_ int taken = fd;
	int r;

	if (is_denied(inj, fd))
		return;
	if (inj->n >= INJECTORS_MAX) {
		inj->refused++;
		log_limited(&inj->refused_limit, LOG_WARNING, CULPRIT_INJECTOR,
			    "refused: %d injectors are already connected",
			    INJECTORS_MAX);
		return;
	}
	r = add_injector(inj, fd, -1, true);
	if (r)
		log_limited(&inj->refused_limit, LOG_ERROR, CULPRIT_HOST,
			    "cannot add an injector: %s", strerror(-r));
	else
		steal_fd(&taken);
}

int injectors_listen(struct injectors *inj, int fd,
		     const struct peer_allow *allow)
{
	refuse_fds(fd);
	inj->allow = allow;
	return listener_start(&inj->listener, fd);
}

void injectors_status(struct injectors *inj, const struct vi_event *ev,
		      size_t n)
{
	struct injector *in;

	inj->status_events += n;
	led_state_note(&inj->leds, ev, n);
	if (inj->local.status)
		inj->local.status(inj->local.arg, ev, n);
	TAILQ_FOREACH (in, &inj->list, link)
		injector_send(in, ev, n);
}

void injectors_forget_leds(struct injectors *inj)
{
	inj->leds = (struct led_state){ 0 };
}

void injectors_count(const struct injectors *inj, struct counters *c)
{
	c->sources = inj->n;
	c->sources_total = inj->total;
	c->sources_refused = inj->refused;
	c->sources_denied = inj->denied;
	c->sources_dropped = inj->dropped;
	c->shared_rings = inj->n_rings;
	c->shared_rings_total = inj->rings_total;
	c->shared_rings_refused = inj->rings_refused;
	c->unfinished = inj->unfinished;
	c->status_events = inj->status_events;
}

void injectors_init(struct injectors *inj, struct ev_loop *loop,
		    struct device *dev, void (*changed)(void *arg), void *arg)
{
	memset(inj, 0, sizeof(*inj));
	inj->loop = loop;
	inj->dev = dev;
	inj->changed = changed;
	inj->arg = arg;
	TAILQ_INIT(&inj->list);
	TAILQ_INIT(&inj->paused);
	listener_init(&inj->listener, loop, "an injector", injectors_accepted,
		      inj);
	/* See loop_waits(); otherwise they are read with MSG_DONTWAIT. */
	inj->listener.blocks = true;
}

void injectors_fini(struct injectors *inj)
{
	struct injector *in;

	listener_fini(&inj->listener);
	while ((in = TAILQ_FIRST(&inj->list))) {
		injector_unwatch(in);
		injector_offer_end_ring(in);
		close_fd(in->fd);
		device_abandon(inj->dev, &in->source);
		injectors_released(&in->source);
	}
}
