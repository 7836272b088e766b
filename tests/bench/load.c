/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "tests/bench/load.h"

#define FRAME_MAX 9 /* events */

int load_patience_ms = 1000;

/* Each source has keys of its own, so that none hides another's. */
static struct vi_event *add_key(struct backend *be, unsigned int source,
				struct vi_event *ev)
{
	const uint64_t bit = UINT64_C(1) << source;

	be->pressed ^= bit;
	*ev++ = vi_event(EV_KEY, (uint16_t)(KEY_1 + source),
			 !!(be->pressed & bit));
	*ev++ = vi_event(EV_SYN, SYN_REPORT, 0);
	return ev;
}

/* Two fingers, put down in the first frame, move in each. */
static struct vi_event *add_touch(struct backend *be, struct vi_event *ev)
{
	const int32_t at = (int32_t)(be->moved % 1000);

	for (int slot = 0; slot < 2; slot++) {
		*ev++ = vi_event(EV_ABS, ABS_MT_SLOT, slot);
		if (!be->moved)
			*ev++ = vi_event(EV_ABS, ABS_MT_TRACKING_ID, slot);
		*ev++ = vi_event(EV_ABS, ABS_MT_POSITION_X, at + slot);
		*ev++ = vi_event(EV_ABS, ABS_MT_POSITION_Y, at + slot);
	}
	be->moved++;
	*ev++ = vi_event(EV_SYN, SYN_REPORT, 0);
	return ev;
}

static struct vi_event *add_rel(struct backend *be, struct vi_event *ev)
{
	const int32_t step = be->moved++ % 2 ? -3 : 3;

	*ev++ = vi_event(EV_REL, REL_X, step);
	*ev++ = vi_event(EV_REL, REL_Y, -step);
	*ev++ = vi_event(EV_SYN, SYN_REPORT, 0);
	return ev;
}

static struct vi_event *add_frame(struct backend *be, unsigned int source,
				  struct vi_event *ev)
{
	switch (be->subject->load) {
	case LOAD_KEYS:
		return add_key(be, source, ev);
	case LOAD_TOUCH:
		return add_touch(be, ev);
	case LOAD_REL:
		return add_rel(be, ev);
	}
	return ev;
}

int load_inject(struct backend *be, unsigned int source, unsigned int n)
{
	static struct vi_event ev[LOAD_FRAMES_MAX * FRAME_MAX];
	struct vi_event *end = ev;
	const uint8_t *from = (const uint8_t *)ev;

	while (n--)
		end = add_frame(be, source, end);
	while (from < (const uint8_t *)end) {
		size_t left = (size_t)((const uint8_t *)end - from);
		ssize_t sent = write(be->inject[source], from, left);

		if (sent < 0)
			return -errno;
		from += sent;
	}
	return 0;
}

static int wait_call(struct backend *be, int timeout_ms)
{
	struct pollfd p = { .fd = be->fe.ring[FE_EVENTQ].call,
			    .events = POLLIN };
	uint64_t count;

	if (poll(&p, 1, timeout_ms) < 1 ||
	    read(p.fd, &count, sizeof(count)) < 0)
		return LOAD_E_LOST;
	be->calls += count;
	return 0;
}

#define NOTHING -1
#define BROKEN	-2

/*
 * Take everything available and post the buffers again. At the end, enable
 * notifications for what comes next. Return: how many frames ended in it,
 * NOTHING, or BROKEN.
 */
static int take_batch(struct backend *be)
{
	struct fe_ring *ring = &be->fe.ring[FE_EVENTQ];
	struct vring_used_elem elem;
	int rc, frames = 0;
	bool any = false;

	while (!(rc = fe_ring_take(ring, &elem))) {
		frames += vi_is_syn_report(&ring->buf[elem.id]);
		fe_ring_post(ring, (uint16_t)elem.id);
		any = true;
	}
	if (rc != FE_E_EMPTY || !any)
		return rc == FE_E_EMPTY ? NOTHING : BROKEN;
	fe_ring_publish(ring);
	if (fe_ring_wants_kick(ring)) {
		fe_ring_kick(ring);
		be->kicks++;
	}
	return frames;
}

int load_take(struct backend *be, unsigned int n)
{
	int left = (int)n;

	be->lost = 0;
	for (;;) {
		int taken = take_batch(be);

		if (taken == BROKEN)
			return FE_E_RING;
		if (taken != NOTHING)
			left -= taken;
		else if (left <= 0)
			return 0;
		else if (wait_call(be, load_patience_ms)) {
			be->lost = (unsigned int)left;
			return LOAD_E_LOST;
		}
	}
}

int load_frame(struct backend *be, unsigned int source, int64_t *ns)
{
	int64_t start = now_ns();
	int taken = NOTHING, rc = load_inject(be, source, 1);

	/* A back-end may notify before the frame is complete. */
	while (!rc && taken < 1) {
		rc = wait_call(be, load_patience_ms);
		*ns = now_ns() - start;
		taken = rc ? NOTHING : take_batch(be);
		if (taken == BROKEN)
			return FE_E_RING;
	}
	return rc ? LOAD_E_LOST : load_take(be, 0);
}

int load_await(struct backend *be, int64_t *ns, int timeout_ms)
{
	int rc = wait_call(be, timeout_ms);

	*ns = now_ns();
	if (rc)
		return rc;
	return take_batch(be) == BROKEN ? FE_E_RING : 0;
}

int load_burst(struct backend *be, unsigned int n)
{
	int rc = load_inject(be, 0, n);

	return rc ? LOAD_E_LOST : load_take(be, n);
}

void load_drain(struct backend *be)
{
	do
		take_batch(be);
	while (!wait_call(be, 0));
	be->kicks = be->calls = 0;
}
