/* SPDX-License-Identifier: Apache-2.0 */
/* A device and its sources, for the files that it consists of: see device.h. */
#ifndef VINPUT_DEVICE_TYPES_H
#define VINPUT_DEVICE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "input/device/control.h"
#include "input/device/guest-view.h"
#include "input/device/merge.h"
#include "input/device/persistent-ledger.h"
#include "input/device/persistent.h"
#include "input/device/receipts.h"
#include "input/device/source.h"
#include "input/device/type-a.h"

struct device_source {
	struct persistent_source *persistent; /* NULL: ends with the process */
	bool waiting;			      /* in device.waiting */
	bool gone;     /* release what it holds after its last whole frame */
	bool partial;  /* of an asker: a part of its next frame was merged */
	size_t cancel; /* bytes from its next frame on that are dropped */
	TAILQ_ENTRY(device_source) link;
	struct receipts *receipts; /* owned; NULL: it has not said HELLO */
	LIST_ENTRY(device_source) asker;
	struct source src;
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
	/* Let the guest have what was put: for device_pass(). */
	void (*show)(void *arg);
	/*
	 * Return: how many events put() takes at least, unless the guest breaks
	 * its ring. NULL: unknown.
	 */
	size_t (*room)(void *arg);
	/* Return: whether put() would take at least one. */
	bool (*ready)(void *arg);
	/*
	 * Return: whether there is an eventq; *at: where it is when all that
	 * was put is published. NULL: nothing outlives the process.
	 */
	bool (*position)(void *arg, uint32_t *at);
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
	/*
	 * This injector asks whether it may offer a ring, perhaps again. NULL:
	 * there are no rings.
	 */
	void (*ask_ring)(void *arg, struct device_source *src);
	void *arg;
};

/* What happens to frames for which the guest has no buffers. */
enum device_overflow {
	DEVICE_FOLD,  /* after a stall, into the state: injectors continue */
	DEVICE_BLOCK, /* wait: for replay */
};

/* See device-ledger.h. */
struct device_ledger {
	/* The driver of the previous process may come back. */
	bool undecided;
	bool awaits; /* ... since it was running */
	bool keeps;  /* frames are kept for it, although the view is folded */
	bool closed; /* by device_leave() */
	struct persistent_place_of_ring last, before;
	int64_t motion[REL_CNT];  /* that the last batch has left */
	int64_t skipped[REL_CNT]; /* of unsure bytes */
};

/*
 * What each frame needs is on two pages: what it needs of merge is behind its
 * large tables, and so is what it needs of view.
 */
struct device {
	struct merge merge;
	struct device_sink sink;
	struct device_counters count;
	TAILQ_HEAD(device_waiting, device_source) waiting; /* next one first */
	struct persistent *persistent; /* borrowed, or NULL */
	LIST_HEAD(device_askers, device_source) askers;
	bool guest;	 /* the driver is running, and so is its eventq */
	bool had_driver; /* there was one: view is about its guest */
	enum device_overflow overflow;
	const struct spec *spec;	    /* borrowed */
	struct persistent_source *retained; /* see device-merge.c */
	enum control_driver driver;	    /* as told to those that WATCH */
	unsigned int owed;		    /* receipts */
	/* Position (receipts.h) up to which the driver is known to have taken
	 * events. */
	uint64_t taken;
	struct device_source *out_asker; /* whose frame view.out may be */
	/* count.events_out after a frame that counts as sent; or lower. */
	uint64_t out_promised;
	size_t converted_n;  /* 0: none is being merged */
	size_t converted_at; /* events of it that were merged */
	int converted_slot;  /* the one that they have selected */
	struct device_ledger ledger;
	struct guest_view view;
	/*
	 * The buffer at the end of the view, and those that follow: their pages
	 * cost nothing until used. All before is together on few.
	 */
	struct frame unseen;  /* merged while folding, not delivered */
	struct type_a type_a; /* of the source whose frame is converted */
	struct vi_event converted[FRAME_EVENTS_MAX + 1 + TYPE_A_EXTRA];
	struct vi_event control[FRAME_EVENTS_MAX]; /* of merge */
	struct guest_view view_before;		   /* of ledger.before */
};

#endif
