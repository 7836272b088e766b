/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The straight way of a frame whose source is the only one with something to
 * do, while nothing is kept, folded or left: device_pass() in device.h.
 */
#include "input/base/hot.h"
#include "input/device/device.h"

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

/*
 * Keys are merged faster in a loop of their own. *frames: grows by those that
 * are put into view.out. Return: how many events were merged.
 */
static inline size_t pass_keys(struct device *dev, struct device_source *src,
			       struct merge_run *run, size_t *frames)
{
	size_t done;

	if (dev->merge.mt)
		return 0;
	done = merge_key_frames(&dev->merge, &src->src.held, run,
				&dev->view.out);
	dev->count.events_in += done;
	dev->count.frames_in += run->frames;
	*frames += run->sent;
	return done;
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
		if (done == len) {
			struct merge_run run = { .ev = &ev[at],
						 .n = n - at,
						 .room = room };

			at += pass_keys(dev, src, &run, &frames);
		}
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

HOT size_t device_pass(struct device *dev, struct device_source *src,
		       const struct vi_event *ev, size_t n)
{
	const size_t len = plain_frame(ev, n);

	if (n * sizeof(*ev) > dev->count.queue_longest)
		dev->count.queue_longest = n * sizeof(*ev);
	if (!len || len < n)
		return pass_frames(dev, src, ev, n, len);
	n = pass_frame(dev, src, ev, n);
	pass_out(dev, 1, true);
	return n;
}
