/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/device/device-control.h"
#include "input/ring/vring.h"
#include "input/serve/session.h"

/* --- queues --- */

/*
 * The first driver of this process whose ring has been used was served by
 * another process, of which we know only what it left in a snapshot.
 */
static void session_driver_started(struct session *s, struct vring *eventq,
				   bool resumed)
{
	bool loaded = snapshot_transfer_resumes(&s->transfer);
	bool used = vring_has_history(eventq);
	/* One that has used nothing may as well have come after a reboot. */
	const struct spec *spec = loaded || (resumed && used)
					  ? NULL
					  : spec_change_start(&s->spec);
	bool knows = loaded || (resumed && !spec);

	if (spec)
		device_change_spec(s->dev, spec);
	spec_change_settle(&s->spec);
	if (knows) {
		device_driver_resumed(s->dev);
		return;
	}
	/* Behind an IOMMU the position of a ring is not known yet. */
	if (!spec && eventq->desc &&
	    device_driver_returned(s->dev, vring_position(eventq), used))
		return;
	if (!s->dev->had_driver && used)
		device_suspect_all(s->dev);
	device_driver_started(s->dev);
}

static void session_queue_started(void *arg, unsigned int queue, bool resumed)
{
	struct session *s = arg;
	struct vring *ring = vu_backend_ring(s->be, queue);

	log_line(LOG_DEBUG, CULPRIT_GUEST, "%s %s, %u entries",
		 pump_queue_name(queue), resumed ? "resumes" : "starts",
		 ring->num);
	kicks_start(&s->kicks, queue);
	snapshot_transfer_finish(&s->transfer);
	if (queue == EVENTQ)
		session_driver_started(s, ring, resumed);
	/* One that was used may be the same driver's, which knows its LEDs. */
	else if (!vring_has_history(ring))
		injectors_forget_leds(s->pump->injectors);
	pump_queue_started(s->pump, queue, ring);
	if (queue == EVENTQ)
		device_note_driver(s->dev);
}

static void session_queue_stopped(void *arg, unsigned int queue)
{
	struct session *s = arg;

	kicks_stop(&s->kicks, queue);
	if (queue == EVENTQ)
		device_driver_stopped(s->dev);
	pump_queue_stopped(s->pump, queue);
}

static void session_queue_kick_fd(void *arg, unsigned int queue)
{
	struct session *s = arg;

	kicks_watch(&s->kicks, queue);
}

static void session_queue_look(void *arg, unsigned int queue)
{
	struct session *s = arg;

	pump_look(s->pump, queue);
}

static void session_queue_failed(void *arg, unsigned int queue, int error)
{
	struct session *s = arg;

	pump_queue_failed(s->pump, queue, error);
}

static void session_queue_kicked(void *arg, unsigned int queue)
{
	struct session *s = arg;

	pump_queue_now(s->pump, queue);
}

/* --- the configuration space --- */

static bool any_queue_runs(struct session *s)
{
	bool runs = false;

	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++)
		runs |= vu_backend_ring(s->be, i) != NULL;
	return runs;
}

/*
 * Only select and subsel can be written; a VMM that always writes the whole
 * space brings its stale copy of the rest along.
 */
static void session_config_write(void *arg, uint32_t offset,
				 const uint8_t *data, uint32_t len)
{
	struct session *s = arg;
	uint8_t select = s->config.select, subsel = s->config.subsel;

	if (offset > 1)
		return;
	if (offset == 0)
		select = data[0];
	if (offset + len > 1)
		subsel = data[1 - offset];
	config_space_fill(&s->config,
			  spec_change_look(&s->spec, any_queue_runs(s)), select,
			  subsel);
}

static void session_config_read(void *arg, uint32_t offset, uint8_t *data,
				uint32_t len)
{
	struct session *s = arg;

	memcpy(data, (const uint8_t *)&s->config + offset, len);
}

static void session_reset(void *arg)
{
	struct session *s = arg;

	if (s->dev)
		device_driver_gone(s->dev);
	pump_soon(s->pump);
	snapshot_transfer_cancel(&s->transfer);
	spec_change_reset(&s->spec);
	injectors_forget_leds(s->pump->injectors);
	config_space_fill(&s->config, s->spec.now, CONFIG_UNSET, 0);
}

/* --- the snapshot --- */

/* Return: NULL, or what is wrong. */
static const char *transfer(struct session *s,
			    const struct vu_device_state *what, int fd)
{
	_cleanup_close_ int taken = fd;

	if (what->phase != VU_PHASE_STOPPED)
		return "unknown phase";
	if (any_queue_runs(s))
		return "a queue is running";
	switch (what->direction) {
	case VU_STATE_SAVE:
		return snapshot_transfer_save(&s->transfer, steal_fd(&taken));
	case VU_STATE_LOAD:
		return snapshot_transfer_load(&s->transfer, steal_fd(&taken));
	}
	return "unknown direction";
}

static bool begin_transfer(void *arg, const struct vu_device_state *what,
			   int fd)
{
	struct session *s = arg;
	const char *wrong = transfer(s, what, fd);

	if (wrong)
		log_limited(&s->transfer.limit, LOG_WARNING, CULPRIT_FRONTEND,
			    "SET_DEVICE_STATE_FD: %s", wrong);
	return !wrong;
}

static bool check_transfer(void *arg)
{
	struct session *s = arg;

	return snapshot_transfer_check(&s->transfer);
}

const struct vu_ops session_ops = {
	.queue_started = session_queue_started,
	.queue_stopped = session_queue_stopped,
	.queue_kick_fd = session_queue_kick_fd,
	.queue_look = session_queue_look,
	.queue_failed = session_queue_failed,
	.queue_kicked = session_queue_kicked,
	.config_write = session_config_write,
	.config_read = session_config_read,
	.reset = session_reset,
	.state_transfer = begin_transfer,
	.state_check = check_transfer,
};

/* --- life --- */

int session_reload(struct session *s)
{
	int r = spec_change_read(&s->spec);

	if (r < 0) {
		log_line(LOG_ERROR, CULPRIT_NONE, "the device is unchanged");
	} else if (r) {
		log_line(LOG_INFO, CULPRIT_NONE,
			 "the next driver gets the changed device");
		vu_backend_config_changed(s->be);
	}
	return r < 0 ? r : 0;
}

void session_init(struct session *s, const struct spec *spec)
{
	spec_change_init(&s->spec, spec);
	config_space_fill(&s->config, spec, CONFIG_UNSET, 0);
	snapshot_transfer_init(&s->transfer, s->loop, s->dev, &s->config);
	kicks_init(&s->kicks, s->loop, s->be, pump_look, s->pump);
}

void session_fini(struct session *s)
{
	snapshot_transfer_cancel(&s->transfer);
	kicks_fini(&s->kicks);
	spec_change_fini(&s->spec);
	s->dev = NULL;
}
