/* SPDX-License-Identifier: Apache-2.0 */
#include "eventq.h"

int eventq_put(struct vring *vr, const struct vi_event *ev, size_t n,
	       size_t *taken)
{
	for (*taken = 0; *taken < n; ++*taken) {
		int r = vring_ready(vr);

		if (r <= 0)
			return -r;
		r = vring_write(vr, &ev[*taken], sizeof(*ev));
		if (r)
			return r;
	}
	return 0;
}
