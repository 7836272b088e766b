/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device between its sources and the guest: takes one frame of each source
 * in turn, merges it, and hands its events to a sink. Pure: the sink is the
 * eventq in the server and an array in tests. Nothing is queued here but the
 * one frame on its way; what waits, waits in the sources' buffers.
 */
#ifndef VINPUT_DEVICE_H
#define VINPUT_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "input/device/persistent.h"
#include "input/device/merge.h"
#include "input/device/source.h"
#include "input/device/guest-view.h"

struct device_source {
	struct source src;
	struct persistent_source *persistent; /* NULL: ends with the process */
	bool waiting;			      /* in device.waiting */
	bool gone; /* release what it held after its last whole frame */
	TAILQ_ENTRY(device_source) link;
};

struct device_counters {
	uint64_t frames_in, events_in;
	uint64_t frames_out, events_out;
	uint64_t folded; /* frames that a resync frame stands for */
	uint64_t resyncs, stalls, releases;
	uint64_t queue_longest; /* bytes that waited in one source */
};

/* Where events go. */
struct device_sink {
	/* Return: how many of the n events were taken. */
	size_t (*put)(void *arg, const struct vi_event *ev, size_t n);
	/* Return: whether put() would take at least one. */
	bool (*ready)(void *arg);
	/*
	 * The last of a gone source has been released: it may be freed. Called
	 * from device_pump() and device_detach().
	 */
	void (*released)(void *arg, struct device_source *src);
	void *arg;
};

/* What becomes of frames that the guest does not take. */
enum device_overflow {
	DEVICE_FOLD,  /* into the state, after a stall: nobody is blocked */
	DEVICE_BLOCK, /* wait: for replay */
};

struct device {
	const struct spec *spec; /* borrowed */
	struct device_sink sink;
	enum device_overflow overflow;
	bool guest;	 /* a driver is there and its eventq runs */
	bool had_driver; /* of whose guest `view` says what it knows */
	TAILQ_HEAD(device_waiting, device_source) waiting; /* next one first */
	struct persistent *persistent; /* borrowed; NULL: nothing outlives us */
	struct persistent_source
		*telling; /* view.out is a frame of it, if set */
	struct merge merge;
	struct guest_view view;
	struct device_counters count;
	struct frame unseen; /* what folding merges and does not tell */
};

/* Return: the device on the heap (it is large), or NULL. */
struct device *device_new(const struct spec *spec,
			  const struct device_sink *sink);
void device_free(struct device *dev);

/*
 * Keep the state and some sources in a file that outlives the process; goes on
 * with the state that it finds there. persistent is borrowed.
 */
void device_keep(struct device *dev, struct persistent *persistent);

/* Return: 0 or -ENOMEM. The source is embedded in the caller's object. */
int device_attach(struct device *dev, struct device_source *src, bool packets);
/* The same for place i of dev->persistent; goes on with what it finds there. */
void device_attach_persistent(struct device *dev, struct device_source *src,
			      bool packets, unsigned int i);
/* Bytes have come in, see source_received() for n and the errors. */
int device_received(struct device *dev, struct device_source *src, size_t n);
/*
 * No more bytes will come. What it sent whole is still delivered, then what it
 * held is released, then sink.released() is called, from a later
 * device_pump().
 */
void device_detach(struct device *dev, struct device_source *src);

/*
 * The eventq runs again, and the driver is a new one, or a driver that was only
 * suspended and knows all it was told.
 */
void device_driver_started(struct device *dev);
void device_driver_resumed(struct device *dev);
/*
 * A driver that was there before this process may believe whatever it was told
 * by another: to be called before device_driver_started().
 */
void device_suspect_all(struct device *dev);
/*
 * The next driver will find another device: spec, borrowed; the one before may
 * be gone. Sources stay, with what they hold as far as the device has it. To be
 * called while no driver is there, before device_driver_started().
 */
void device_change_spec(struct device *dev, const struct spec *spec);
/* The eventq has stopped. */
void device_driver_stopped(struct device *dev);

/* The guest has taken nothing for long: fold what waits (not DEVICE_BLOCK). */
void device_stalled(struct device *dev);

/*
 * Move on all that can be moved on.
 * Return: whether something is left that the sink did not take, of which the
 * guest is to be told when it takes again.
 */
bool device_pump(struct device *dev);
/*
 * What was put into the sink is the guest's: what kept sources sent of it need
 * not be kept. To be called after device_pump(), before bytes are received.
 */
void device_commit(struct device *dev);

#endif
