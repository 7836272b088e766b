/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's driver, as the server reports it. */
#include <errno.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject-status.h"

static bool driver_runs(const struct vinject *v, uint32_t what)
{
	(void)what;
	return v->control.driver == VINJECT_DRIVER_RUNNING;
}

int vinject_watch_driver(struct vinject *v, vinject_driver_fn driver, void *arg)
{
	struct vinject_control *c = &v->control;
	const int r = vinject_need_hello(v);

	if (r)
		return r;
	c->driver_fn = driver;
	c->driver_arg = arg;
	c->watching = driver;
	/* The callback is due, even if the state is known. */
	c->driver = VINJECT_DRIVER_UNKNOWN;
	return vinject_request(v, CONTROL_WATCH);
}

enum vinject_driver vinject_driver(const struct vinject *v)
{
	return v->control.driver;
}

int vinject_wait_driver(struct vinject *v, int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	struct vinject_control *c = &v->control;
	const int r = vinject_need_hello_to_wait(v);

	if (r)
		return r;
	if (!c->watching) {
		c->watching = true;
		vinject_control_request(c, CONTROL_WATCH);
	}
	return vinject_dispatch_until(v, driver_runs, 0, until_ms);
}
