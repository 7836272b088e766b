/* SPDX-License-Identifier: Apache-2.0 */
#include "eventq.h"

int eventq_put(struct vring *vr, const struct vi_event *ev, size_t n,
	       size_t *taken)
{
	int avail = vring_avail(vr);

	*taken = 0;
	if (avail < 0)
		return -avail;
	if ((size_t)avail < n)
		n = (size_t)avail;
	for (; *taken < n; ++*taken) {
		int r = vring_write(vr, &ev[*taken], sizeof(*ev));

		if (r)
			return r;
	}
	return 0;
}
