/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include "input/base/container.h"
#include "tests/lib/kept-device.h"

/* What was put and not published is in no ring. */
static bool position(void *arg, uint32_t *at)
{
	const struct kept_device *k =
		container_of(arg, struct kept_device, sink);

	*at = k->eventq + (uint32_t)k->sink.n;
	return true;
}

void kept_device_begin(struct kept_device *k)
{
	struct device_sink sink = guest_sink(&k->sink);

	sink.position = position;
	k->persistent = persistent_new(k->file, 1);
	assert_non_null(k->persistent);
	k->dev = device_new(&k->spec, &sink);
	assert_non_null(k->dev);
	device_set_persistent(k->dev, k->persistent);
	device_attach_persistent(k->dev, &k->src, false, 0);
}

void kept_device_end(struct kept_device *k)
{
	device_abandon(k->dev, &k->src);
	device_free(k->dev);
	persistent_free(k->persistent);
}

void kept_device_publish(struct kept_device *k)
{
	k->eventq += (uint32_t)k->sink.n;
	k->sink.n = 0;
}
