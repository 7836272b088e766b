/* SPDX-License-Identifier: Apache-2.0 */
#include "input/serve/statusq.h"

static size_t keep_status(struct vi_event *ev, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (vi_type(&ev[i]) == EV_LED || vi_type(&ev[i]) == EV_SND)
			ev[kept++] = ev[i];
	return kept;
}

static int take_one(struct vring *vr, statusq_fn *fn, void *arg)
{
	struct vi_event ev[STATUSQ_EVENTS_MAX];
	uint32_t len;
	size_t n;
	int r = vring_read(vr, ev, sizeof(ev), &len);

	if (r)
		return r;
	n = keep_status(ev, len / sizeof(*ev));
	if (n)
		fn(arg, ev, n);
	return 0;
}

int statusq_take(struct vring *vr, statusq_fn *fn, void *arg)
{
	for (unsigned int i = 0; i < STATUSQ_BUFFERS_MAX; i++) {
		int r = vring_ready(vr);

		if (r != VRING_READY)
			return r;
		r = take_one(vr, fn, arg);
		if (r)
			return r;
	}
	return 0;
}
