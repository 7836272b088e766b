/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is true of a device according to merge.h, kept in a way that is slow
 * and simple: from what each source said, all of it looked at each time. Tests
 * compare it with the state that a guest (linux-guest.h) came to. Beside it,
 * random devices and random events for it to be told of.
 */
#ifndef VINPUT_TESTS_INPUT_MODEL_H
#define VINPUT_TESTS_INPUT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "input/device/event.h"
#include "input/spec/spec-read.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/random.h"

#define MODEL_SOURCES 4
#define MODEL_SLOTS   4 /* at most */

/* A contact of a source, whether the device has a slot for it or not. */
struct model_contact {
	int id;		   /* the source's, -1: none */
	int slot;	   /* the device's, -1: none */
	int axis[ABS_CNT]; /* by ABS_MT_ code */
	bool known[ABS_CNT];
	int age;
	int guest_id; /* -1: the guest has not seen it yet */
};

struct model_source {
	bool key[KEY_CNT];
	bool known[ABS_CNT];
	int abs[ABS_CNT];
	bool mt, sends_xy;
	int slot;
	struct model_contact contact[MODEL_SLOTS];
	int attached; /* when; 0: not */
};

struct model {
	const struct spec *spec; /* borrowed */
	int n_slots;
	struct model_source src[MODEL_SOURCES];
	int time;
	bool key[KEY_CNT]; /* said at last */
	bool sw[SW_CNT];
	int abs[ABS_CNT];
	int abs_owner[ABS_CNT]; /* source, -1: none */
	bool used[ABS_CNT];	/* MT axes that anyone ever sent */
	long rel[REL_CNT];	/* summed up */
	unsigned int avoid; /* bits of slots not to be given to new contacts */
	bool touched;
};

void model_init(struct model *m, const struct spec *spec);
/* n events of a source, without their SYN_REPORT. */
void model_frame(struct model *m, int who, const struct vi_event *ev, size_t n);
/* The source has left; another may take its number. */
void model_gone(struct model *m, int who);

/*
 * The process has died, and another goes on with what its sources held, told
 * again one by one, and with switches and axes as they were. Sources in lost
 * (bits) have gone with it.
 */
void model_reborn(struct model *m, unsigned int lost);

/* Return: the contact in this slot of the device, or NULL; *who: its source. */
struct model_contact *model_contact_in(struct model *m, int slot, int *who);

/*
 * Which slots contacts have depends on what the guest believed when frames
 * were folded; this looks at all else.
 * Return: whether the guest is as it should be; else why says what is not.
 */
bool model_matches(struct model *m, const struct linux_guest *g, char why[128]);
/* Return: whether the guest knows whole frames only, and nothing odd. */
bool model_guest_is_sane(const struct linux_guest *g, char why[128]);

/* A device that has some of everything; name, serial and ids are empty. */
void model_random_device(struct rnd *rnd, struct spec *spec);
/* The same as a file that the spec reader takes. */
void model_write_spec(const struct spec *spec, FILE *file);
/*
 * A random device with more (in the words of event-text.h), written to a file
 * that the server takes, and read back from there as it will.
 */
void model_random_spec_file(struct rnd *rnd, const char *more, const char *path,
			    struct spec *spec, spec_diag_fn *diag);
/* One event of a source, without SYN_REPORT; some make no sense. */
struct vi_event model_random_event(struct rnd *rnd, const struct spec *spec,
				   int who);

#endif
