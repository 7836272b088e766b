/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input/device: from what injectors send to what the guest gets.
 *
 *	bytes ─► source ─► merge ─► guest-view ─► sink (the eventq)
 *
 *	source      an injector's bytes as whole frames, and the queue of those
 *	            that wait
 *	frame       events up to SYN_REPORT; which of them the spec permits
 *	type-a      contacts in a frame without slots, given slots
 *	merge       several sources as one device; merge-held: what they hold,
 *	            merge-touch: their contacts; merge-run: keys and motion that
 *	            the guest gets as they are
 *	state       keys, switches, axes and contacts; the events from one state
 *	            to another
 *	guest-view  what the guest has been sent, and the frame on its way
 *	receipts    what an injector that asks is owed; device-control serves
 *	            it, control.h has its events
 *	snapshot    a device as bytes, for migration
 *	persistent  what outlives the process; persistent-ledger: what the guest
 *	            has; device-ledger: which of it counts
 *	device      joins them; device-change replaces the spec
 *
 * All of it is pure: no fd, no loop, no log. The sink is the eventq in the
 * server and an array in tests. Nothing is queued here but the one frame on its
 * way; what waits, waits in the sources' buffers.
 */
#ifndef VINPUT_DEVICE_H
#define VINPUT_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/device-pass.h"
#include "input/device/device-types.h"

/* Return: the device on the heap (it is large), or NULL. */
struct device *device_new(const struct spec *spec,
			  const struct device_sink *sink);
void device_free(struct device *dev);

/*
 * Keep the state, and some sources, in a file that outlives the process, and
 * resume the state that it has. persistent is borrowed.
 */
void device_set_persistent(struct device *dev, struct persistent *persistent);

/* Return: 0 or -ENOMEM. The source is embedded in the caller's object. */
int device_attach(struct device *dev, struct device_source *src, bool packets);
/* The same in place i of dev->persistent, with what that place has. */
void device_attach_persistent(struct device *dev, struct device_source *src,
			      bool packets, unsigned int i);
/* n bytes were received; errors are those of source_received(). */
int device_received(struct device *dev, struct device_source *src, size_t n);
/*
 * The source has ended. Its whole frames are still delivered, then what it held
 * is released and sink.released() is called, from a later device_pump().
 */
void device_detach(struct device *dev, struct device_source *src);

/*
 * At the end of the process: free what the source has. What it holds is not
 * released.
 */
void device_abandon(struct device *dev, struct device_source *src);

/*
 * The eventq runs again: with a driver that has started, or with one that was
 * only suspended and knows all that it was sent.
 */
void device_driver_started(struct device *dev);
void device_driver_resumed(struct device *dev);
/*
 * Before the front-end can know that the eventq runs, and when sink.position()
 * is about it: from then on a successor waits for this driver.
 */
void device_note_driver(struct device *dev);
/*
 * Try, before device_driver_started(), whether the eventq at this position is
 * that of the driver that the previous process served: then it misses nothing,
 * and gets nothing twice. used: by any process; otherwise only a driver that
 * was sent nothing can be the same. Return: whether it is, and has started.
 */
bool device_driver_returned(struct device *dev, uint32_t at, bool used);
/*
 * Return: whether that driver may come back, until device_stalled() or the
 * start of one; and whether frames are kept for it, also after it has come
 * back, until it has buffers.
 */
bool device_awaits(const struct device *dev);
bool device_keeps(const struct device *dev);
/*
 * A driver that ran before this process may believe anything that the previous
 * process sent. MUST be called before device_driver_started().
 */
void device_suspect_all(struct device *dev);
/*
 * Replace the spec, which is borrowed; the former one is not used after it.
 * Sources stay, with what they hold as far as the new spec has it. MUST be
 * called while no driver is running, before device_driver_started().
 */
void device_change_spec(struct device *dev, const struct spec *spec);
/*
 * The process is about to end, in order: what follows is not kept, so that its
 * successor continues as one that follows a crash.
 */
void device_leave(struct device *dev);
/* The eventq has stopped. */
void device_driver_stopped(struct device *dev);

/* The guest has had no buffers for long: fold what waits (DEVICE_FOLD). */
void device_stalled(struct device *dev);

/*
 * Deliver all that the sink takes.
 * Return: whether something is left, for which the eventq's notifications MUST
 * be enabled.
 */
bool device_pump(struct device *dev);
/*
 * The guest has been shown what was put into the sink: persistent sources need
 * not keep it. MUST be called after device_pump(), before bytes are received.
 */
void device_commit(struct device *dev);

#endif
