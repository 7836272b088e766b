/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/hot.h"
#include "input/serve/local-source.h"

static void local_status(void *arg, const struct vi_event *ev, size_t n)
{
	const struct local_source *ls = arg;

	ls->status(ls->arg, ev, n);
}

static bool local_resume(void *arg)
{
	struct local_source *ls = arg;
	size_t len;

	source_space(&ls->source.src, &len);
	if (ls->refused && len >= SOURCE_PACKET_MAX) {
		ls->refused = false;
		ls->resumed(ls->arg);
	}
	return !ls->refused;
}

int local_source_start(struct local_source *ls, struct server *s)
{
	int r = device_attach(s->dev, &ls->source, false);

	if (r)
		return r;
	ls->server = s;
	ls->refused = false;
	s->injectors.local = (struct injectors_local){ .status = local_status,
						       .resume = local_resume,
						       .arg = ls };
	return 0;
}

void local_source_fini(struct local_source *ls)
{
	if (!ls->server)
		return;
	ls->server->injectors.local = (struct injectors_local){ 0 };
	device_abandon(ls->server->dev, &ls->source);
	ls->server = NULL;
}

void local_source_flush(struct local_source *ls)
{
	pump_queue_now(&ls->server->pump, EVENTQ);
}

/* What was not passed waits: if a part was, there is space for the rest. */
HOT bool local_source_pass(struct local_source *ls, const struct vi_event *ev,
			   size_t n, bool *quiet)
{
	size_t done = 0;

	*quiet = false;
	if (device_can_pass(ls->server->dev, &ls->source))
		done = pump_pass(&ls->server->pump, &ls->source, ev, n, quiet);
	return done == n || local_source_send(ls, ev + done, n - done);
}

void local_source_fold(struct local_source *ls)
{
	device_stalled(ls->server->dev);
	local_source_flush(ls);
}

bool local_source_send(struct local_source *ls, const struct vi_event *ev,
		       size_t n)
{
	const size_t size = n * sizeof(*ev);
	size_t len;
	void *to = source_space(&ls->source.src, &len);

	ls->refused = len < size;
	if (ls->refused) {
		ls->server->injectors.any_paused = true;
		return false;
	}
	memcpy(to, ev, size);
	device_received(ls->server->dev, &ls->source, size);
	pump_soon(&ls->server->pump);
	return true;
}
