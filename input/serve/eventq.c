/* SPDX-License-Identifier: Apache-2.0 */
#include "input/serve/eventq.h"

int eventq_put(struct vring *vr, const struct vi_event *ev, size_t n,
	       size_t *taken)
{
	return vring_write_each(vr, ev, sizeof(*ev), n, taken);
}
