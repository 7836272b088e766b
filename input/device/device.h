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
 *	            merge-touch: their contacts
 *	state       keys, switches, axes and contacts; the events from one state
 *	            to another
 *	guest-view  what the guest has been sent, and the frame on its way
 *	receipts    what an injector that asks is owed; device-control serves
 *	            it, control.h has its events
 *	snapshot    a device as bytes, for migration
 *	persistent  what outlives the process
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
#include <sys/queue.h>
#include "input/device/control.h"
#include "input/device/guest-view.h"
#include "input/device/merge.h"
#include "input/device/persistent.h"
#include "input/device/receipts.h"
#include "input/device/source.h"
#include "input/device/type-a.h"

struct device_source {
	struct source src;
	struct persistent_source *persistent; /* NULL: ends with the process */
	bool waiting;			      /* in device.waiting */
	bool gone;    /* release what it holds after its last whole frame */
	bool partial; /* of an asker: a part of its next frame was merged */
	TAILQ_ENTRY(device_source) link;
	struct receipts *receipts; /* owned; NULL: it has not said HELLO */
	LIST_ENTRY(device_source) asker;
};

struct device_counters {
	uint64_t frames_in, events_in;
	uint64_t frames_out, events_out;
	uint64_t folded; /* frames that a resync frame replaced */
	uint64_t resyncs, stalls, releases;
	uint64_t queue_longest; /* most bytes that waited in one source */
	uint64_t receipts, receipts_lost; /* asked for; not answered */
};

/* Where events go. */
struct device_sink {
	/* Return: how many of the n events were taken. */
	size_t (*put)(void *arg, const struct vi_event *ev, size_t n);
	/* Return: whether put() would take at least one. */
	bool (*ready)(void *arg);
	/*
	 * All that a gone source held has been released: it may be freed.
	 * Called from device_pump().
	 */
	void (*released)(void *arg, struct device_source *src);
	/*
	 * Send control events to this injector. Return: whether all were. NULL:
	 * no injector can ask for anything.
	 */
	bool (*answer)(void *arg, struct device_source *src,
		       const struct vi_event *ev, size_t n);
	void *arg;
};

/* What happens to frames for which the guest has no buffers. */
enum device_overflow {
	DEVICE_FOLD,  /* after a stall, into the state: injectors continue */
	DEVICE_BLOCK, /* wait: for replay */
};

struct device {
	const struct spec *spec; /* borrowed */
	struct device_sink sink;
	enum device_overflow overflow;
	bool guest;	 /* the driver is running, and so is its eventq */
	bool had_driver; /* there was one: view is about its guest */
	TAILQ_HEAD(device_waiting, device_source) waiting; /* next one first */
	struct persistent *persistent;	    /* borrowed, or NULL */
	struct persistent_source *retained; /* see device.c */
	struct merge merge;
	struct guest_view view;
	struct device_counters count;
	enum control_driver driver; /* as told to those that WATCH */
	LIST_HEAD(device_askers, device_source) askers;
	unsigned int owed;		 /* receipts */
	uint64_t unreturned;		 /* see device_answer() */
	struct device_source *out_asker; /* whose frame view.out may be */
	struct frame unseen;  /* merged while folding, not delivered */
	struct type_a type_a; /* of the source whose frame is converted */
	struct vi_event converted[FRAME_EVENTS_MAX + 1 + TYPE_A_EXTRA];
	size_t converted_n;  /* 0: none is being merged */
	size_t converted_at; /* events of it that were merged */
};

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
 * Answer receipts. MUST be called after device_pump() if dev->owed, when what
 * was put into the sink was published. unreturned: how many of those events are
 * in buffers that the driver has not returned; without a driver
 * dev->unreturned.
 */
void device_answer(struct device *dev, uint64_t unreturned);
/* The driver has gone for good, not only been suspended. */
void device_driver_gone(struct device *dev);
/* Tell those who WATCH, if they do not know. MUST be called after a change. */
void device_set_driver(struct device *dev, enum control_driver driver);
/*
 * Frames that wait for a limited time (LOSSLESS) are folded by the next
 * device_pump() if it has passed. now_ms: of any clock that is not set, not 0.
 * Return: in how many ms to call this again, -1: when something has changed.
 */
int64_t device_limits(struct device *dev, uint64_t now_ms);

/*
 * The guest has been shown what was put into the sink: persistent sources need
 * not keep it. MUST be called after device_pump(), before bytes are received.
 */
void device_commit(struct device *dev);

#endif
