/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest is sent of a node's events. Pure: events of the node and its
 * state come in, whole frames come out.
 *
 * While it is on, each frame of the node is passed on as it is, without the
 * kernel's repeats of keys (EV_KEY with value 2), since the guest repeats by
 * itself, and without LEDs and sounds, which the node echoes. Turned off, it
 * releases everything that the guest was sent: keys, contacts, sticks,
 * pressure. Contacts without slots get some (type-a.h). A key that was already
 * down when it was turned on belongs to whoever had the device before, and is
 * not passed on until it is up.
 */
#ifndef VINPUT_PASS_FORWARD_H
#define VINPUT_PASS_FORWARD_H

#include <linux/input.h>
#include <stdbool.h>
#include "input/device/event.h"
#include "input/device/frame.h"
#include "input/device/state.h"
#include "input/device/type-a.h"
#include "input/spec/spec.h"

/* Where frames go. */
struct pass_sink {
	/*
	 * A whole frame, SYN_REPORT last. Return: whether there was space; if
	 * not, what follows is handled as if the kernel had dropped it.
	 */
	bool (*send)(void *arg, const struct vi_event *ev, size_t n);
	/*
	 * Some whole frames in a loop_shortcut: let the guest have them at
	 * once. Return: as send(); *quiet: it has them, and the loop can sleep.
	 * NULL: send() does all that.
	 */
	bool (*pass)(void *arg, const struct vi_event *ev, size_t n,
		     bool *quiet);
	/* What comes next MUST find space. NULL: there always is. */
	void (*make_space)(void *arg);
	void *arg;
};

/* What a plain frame needs is together, behind most of the state. */
struct pass_forward {
	struct state sent; /* what the guest was sent */

	const struct spec *spec; /* borrowed */
	bool type_a; /* the node's contacts have no slots, the spec's do */
	struct pass_sink sink;
	const uint8_t *kept; /* keys that no guest gets; borrowed; NULL: none */
	/* Who gets them. NULL: nobody. */
	void (*keep)(void *arg, uint16_t key, bool down);
	void *keep_arg;

	bool on;
	bool dropped;  /* events were lost: see pass_forward_resync() */
	bool repeated; /* a repeat was left out of the frame */
	uint8_t others[KEY_CNT / 8]; /* keys down since before it was on */
	int64_t rel[REL_CNT]; /* motion behind the loss, in case of dropped */
	struct frame frame;   /* of the node, not complete yet */
	struct frame out;     /* to be sent */
	struct type_a touches;
};

/* Off. The members between the blank lines MUST be set. */
void pass_forward_init(struct pass_forward *f);

/*
 * now: the node's state. others: the keys that were down when the node became
 * ours. Send what else differs from a device at rest.
 */
void pass_forward_start(struct pass_forward *f, const struct state *now,
			const uint8_t others[KEY_CNT / 8]);
/* Release what the guest was sent. */
void pass_forward_stop(struct pass_forward *f);

/* The node's next events. */
void pass_forward_events(struct pass_forward *f, const struct input_event *ev,
			 size_t n);

/*
 * The same in two steps for events that pass as they are, so that the guest can
 * have them in between. Write n events to out, whole frames. Return: whether
 * they are such.
 */
bool pass_forward_plain(const struct pass_forward *f,
			const struct input_event *ev, size_t n,
			struct vi_event *out);
/* They were sent. */
void pass_forward_sent(struct pass_forward *f, const struct vi_event *ev,
		       size_t n);

/*
 * While f->dropped, only relative motion is taken from events, and added up.
 * The caller MUST read all that is queued, then ask the node for its state,
 * now, and call this: it sends the way there, and the motion.
 */
void pass_forward_resync(struct pass_forward *f, const struct state *now);

#endif
