/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DEV in a group: its device, which may be unplugged and return while what
 * the guest has of it stays. Loop thread only.
 *
 *	waiting --found, opened--> present --unplugged, revoked--> waiting
 *
 * While it waits, it looks for its device when it is told to by
 * pass_member_look(), and some times in a row after a node could not be opened:
 * a node that has just come or gone may refuse.
 */
#ifndef VINPUT_PASS_MEMBER_H
#define VINPUT_PASS_MEMBER_H

#include <sys/queue.h>
#include "injector/passthrough/pass-device.h"
#include "injector/passthrough/pass-options.h"
#include "injector/passthrough/pass-plug.h"
#include "injector/passthrough/pass-shipped.h"
#include "input/base/device-word.h"

TAILQ_HEAD(pass_members, pass_member);

struct pass_member {
	TAILQ_ENTRY(pass_member) link;
	const struct pass_options *o; /* borrowed */
	enum pass_grab grab;
	bool has_grab; /* somebody has chosen it */
	enum pass_unplug on_unplug;
	const struct pass_shipped *shipped; /* borrowed; of --via=libinput */
	struct pass_keep *keep;	  /* borrowed; NULL: no keys are kept */
	struct pass_guard *guard; /* borrowed */
	unsigned int number;	  /* no other member's */
	/*
	 * Its device has come: before it is used, so that outlets can be set;
	 * and gone.
	 */
	void (*came)(struct pass_member *m);
	void (*left)(struct pass_member *m);
	/* Its spec has changed. Return: whether its guests are told. */
	bool (*changed)(struct pass_member *m);
	/* A launcher does not add it. */
	void (*refused)(struct pass_member *m);
	/* A chord was played. MAY stop the member. */
	void (*played)(struct pass_member *m, enum pass_command command);
	/* It will not return. error: why, -errno. MAY free the member. */
	void (*ended)(struct pass_member *m, int error);
	void *arg; /* the owner's */

	struct pass_plug plug;
	struct pass_device device;
	struct spec spec; /* as the guests have it */
	bool untold;	  /* no guest has it, and what it is may change */
	bool from_file;	  /* the spec is a file's, not the device's */
	/* What it is sent through, for each guest. NULL: that has not got it.
	 */
	struct pass_outlet *outlet[PASS_GUESTS_MAX];
	void *way[PASS_GUESTS_MAX];	       /* the owner's */
	char label[DEVICE_WORD_LABEL_MAX + 1]; /* the owner's */
	bool to_guest;			       /* who is to have it */
	unsigned int guest;
	bool running, present;
	unsigned int tries;  /* in a row */
	double present_at_s; /* since when, see clock.h */
	ev_timer again;
	struct fault said; /* the last complaint */
};

/* word: DEV. The members above the blank line are set, and all others 0. */
void pass_member_init(struct pass_member *m, struct ev_loop *loop,
		      const char *word);
/*
 * Learn what the device is: from the device; or from spec_path, if that is not
 * NULL, and it may come later. Return: 0; -errno after logging why.
 */
int pass_member_open(struct pass_member *m, const char *spec_path);
void pass_member_start(struct pass_member *m);
/* The host or this guest is to have it. */
void pass_member_give(struct pass_member *m, bool to_guest, unsigned int guest);
/* outlet: borrowed, NULL: none any more. */
void pass_member_set_outlet(struct pass_member *m, unsigned int guest,
			    struct pass_outlet *outlet);
/* Devices may have come: these are there. */
void pass_member_look(struct pass_member *m, const struct pass_seen *seen);
/*
 * These have been there for a while: find out what tells it from others. One
 * that was just pulled may still be there when it is back at another place.
 */
void pass_member_compare(struct pass_member *m, const struct pass_seen *seen);
/* Release what it holds, and let the host have it. */
void pass_member_stop(struct pass_member *m);
void pass_member_fini(struct pass_member *m);

/* Return: the first of the chord's keys that it lacks; -1: none. */
int pass_member_lacks(const struct pass_member *m, const struct pass_chord *c);

#endif
