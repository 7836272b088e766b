/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The straight way of a frame whose source is the only one with something to
 * do, while nothing is kept, folded or left: device_pass() in device-pass.h.
 */
#include <string.h>

#include "input/base/hot.h"
#include "input/device/device-pass.h"
#include "input/device/merge-run.h"

/* Events that are put together: they stay in the cache. */
#define TOGETHER_MAX 512

/*
 * Return: the length of the first frame; 0 if it is not whole, or has events
 * that are not merged one by one: requests, and contacts without slots.
 */
static inline size_t plain_frame(const struct vi_event *ev, size_t n)
{
	size_t i = 0;

	/* One comparison for both ends: EV_SYN is 0. */
	while (i < n && (uint16_t)(vi_type(&ev[i]) - 1) < CONTROL_FIRST - 1)
		i++;
	return i < n && vi_is_syn_report(&ev[i]) ? i + 1 : 0;
}

/* Behind the frames in view.out. Return: how many of its events are merged. */
static inline size_t pass_frame(struct device *dev, struct device_source *src,
				const struct vi_event *ev, size_t n)
{
	const size_t done = merge_frame_behind(&dev->merge, &src->src.held, ev,
					       n, &dev->view.out);

	dev->count.events_in += done;
	if (done == n)
		dev->count.frames_in++;
	return done;
}

/*
 * As deliver_out(), of so many frames. show: let the guest have them, and only
 * then note that it does. Return: whether nothing is left.
 */
static inline bool pass_out(struct device *dev, size_t frames, bool show)
{
	struct guest_view *view = &dev->view;
	const size_t left = guest_view_left(view);
	size_t n = 0;

	if (left)
		n = dev->sink.put(dev->sink.arg, guest_view_next(view), left);
	if (show || n < left)
		dev->sink.show(dev->sink.arg);
	if (!left)
		return true;
	guest_view_delivered(view, n);
	dev->count.events_out += n;
	if (n < left)
		return false;
	dev->count.frames_out += frames;
	return !guest_view_left(view);
}

/*
 * Frames are put together as long as there is room for all of them: a frame of
 * which the guest has a part is always the only one on its way. Return: how
 * many events may be.
 */
static size_t room_for_frames(const struct device *dev)
{
	size_t room = 0;

	if (!dev->merge.mt && dev->sink.room)
		room = dev->sink.room(dev->sink.arg);
	return room < TOGETHER_MAX ? room : TOGETHER_MAX;
}

/* len: of the first frame. Not inline: usually there is only that. */
static WARM __attribute__((noinline)) size_t pass_frames(
	struct device *dev, struct device_source *src,
	const struct vi_event *ev, size_t n, size_t len)
{
	const struct frame *out = &dev->view.out;
	size_t at = 0, frames = 0, room = len ? room_for_frames(dev) : 0;

	while (len) {
		const size_t before = out->n;
		const size_t done = pass_frame(dev, src, &ev[at], len);

		at += done;
		frames += out->n > before;
		len = done == len ? plain_frame(&ev[at], n - at) : 0;
		if (len && out->n + len <= room)
			continue;
		if (!pass_out(dev, frames, !len))
			break;
		frames = 0;
		room = len ? room_for_frames(dev) : 0;
	}
	return at;
}

/* --- frames that pass as they are: without view.out, see merge-run.h --- */

/*
 * The guest has only a part: the rest is on its way, as if all had been merged.
 * Return: false.
 */
static __attribute__((noinline, cold)) bool keep_rest(struct device *dev,
						      const struct vi_event *ev,
						      size_t n, size_t taken)
{
	struct guest_view *view = &dev->view;

	memcpy(view->out.ev, ev, n * sizeof(*ev));
	view->out.n = n;
	guest_view_delivered(view, taken);
	return false;
}

/* Return: whether the guest has all of the run. */
static inline bool note_run(struct device *dev, const struct merge_run *run,
			    size_t taken)
{
	dev->count.events_in += run->n;
	dev->count.frames_in += run->frames;
	dev->count.events_out += taken;
	if (taken < run->n)
		return keep_rest(dev, run->ev, run->n, taken);
	dev->count.frames_out += run->frames;
	return true;
}

/* Return: whether the guest has all of the frame. */
static inline bool put_frame(struct device *dev, const struct vi_event *ev,
			     size_t n)
{
	const struct merge_run run = { .ev = ev, .n = n, .frames = 1 };
	const size_t taken = dev->sink.put(dev->sink.arg, ev, n);

	dev->sink.show(dev->sink.arg);
	return note_run(dev, &run, taken);
}

/* What merge_key_passes(). */
static inline size_t pass_key(struct device *dev, struct device_source *src,
			      const struct vi_event ev[2])
{
	const bool all = put_frame(dev, ev, 2);

	merge_pass_key(&dev->merge, &src->src.held, ev);
	if (all)
		bit_assign(dev->view.state.key, vi_code(ev), vi_value(ev));
	return 2;
}

/* Return: the length of the whole frames among the first so many events. */
static inline size_t whole_frames(const struct vi_event *ev, size_t n)
{
	while (n && !vi_is_syn_report(&ev[n - 1]))
		n--;
	return n;
}

static inline size_t room_for_run(const struct device *dev, size_t n)
{
	const size_t room = dev->sink.room ? dev->sink.room(dev->sink.arg) : 0;

	return n < room ? n : room;
}

/*
 * The first frames of a source that can run. show: the guest is shown them if
 * nothing follows, or it takes no more. Return: how many events were merged.
 */
static inline size_t pass_run(struct device *dev, struct device_source *src,
			      struct merge_run run, bool show)
{
	struct merge_source *held = &src->src.held;
	const size_t n = run.n;
	size_t taken;

	run.n = whole_frames(run.ev, room_for_run(dev, n));
	merge_run_begin(&dev->merge, held, &run);
	if (!run.n)
		return 0;
	taken = dev->sink.put(dev->sink.arg, run.ev, run.n);
	if (show && (run.n == n || taken < run.n))
		dev->sink.show(dev->sink.arg);
	merge_run_end(&dev->merge, held, &run);
	if (note_run(dev, &run, taken))
		memcpy(dev->view.state.key, dev->merge.now.key,
		       sizeof(dev->view.state.key));
	return run.n;
}

static WARM __attribute__((noinline)) size_t pass_runs(
	struct device *dev, struct device_source *src,
	const struct vi_event *ev, size_t n)
{
	const struct merge_run run = { .ev = ev, .n = n };
	size_t done = pass_run(dev, src, run, true);
	size_t len;

	if (done == n || guest_view_left(&dev->view))
		return done;
	len = plain_frame(ev + done, n - done);
	if (len)
		return done + pass_frames(dev, src, ev + done, n - done, len);
	if (done)
		dev->sink.show(dev->sink.arg);
	return done;
}

/* A frame that was put with others may end up in view.out. */
static inline struct merge_run waiting_run(const struct source *src)
{
	const size_t n = (src->tail - src->head) / sizeof(struct vi_event);

	return (struct merge_run){
		.ev = (const void *)(src->buf + src->head),
		.n = n < FRAME_OUT_MAX ? n : FRAME_OUT_MAX,
	};
}

WARM bool device_pass_waiting(struct device *dev, struct device_source *src)
{
	const struct merge_run run = waiting_run(&src->src);
	const struct vi_event *ev;
	size_t done;

	if (TAILQ_NEXT(src, link) || dev->persistent ||
	    !LIST_EMPTY(&dev->askers) || run.n < 2 ||
	    !merge_can_run(&dev->merge, &src->src.held, run.ev))
		return false;
	done = pass_run(dev, src, run, false);
	if (!done)
		return false;
	source_consume(&src->src, done);
	if (!src->gone && !source_frame(&src->src, &ev)) {
		TAILQ_REMOVE(&dev->waiting, src, link);
		src->waiting = false;
	}
	return true;
}

HOT size_t device_pass(struct device *dev, struct device_source *src,
		       const struct vi_event *ev, size_t n)
{
	size_t len;

	if (n * sizeof(*ev) > dev->count.queue_longest)
		dev->count.queue_longest = n * sizeof(*ev);
	if (n == 2 && merge_key_passes(&dev->merge, &src->src.held, ev))
		return pass_key(dev, src, ev);
	if (n >= 2 && merge_motion_passes(&dev->merge, &src->src.held, ev, n)) {
		put_frame(dev, ev, n);
		return n;
	}
	if (n > 2 && merge_can_run(&dev->merge, &src->src.held, ev))
		return pass_runs(dev, src, ev, n);
	len = plain_frame(ev, n);
	if (!len || len < n)
		return pass_frames(dev, src, ev, n, len);
	n = pass_frame(dev, src, ev, n);
	pass_out(dev, 1, true);
	return n;
}
