/* SPDX-License-Identifier: Apache-2.0 */
#include "input/base/hot.h"
#include "input/serve/eventq.h"

HOT int eventq_put(struct vring *vr, const struct vi_event *ev, size_t n,
		   size_t *taken)
{
	return vring_write_each(vr, ev, sizeof(*ev), n, taken);
}
