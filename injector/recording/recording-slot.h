/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slot of a recording's first contact. A kernel reports a slot only when it
 * changes, so a recording may begin without naming it. Pure.
 */
#ifndef VINPUT_RECORDING_SLOT_H
#define VINPUT_RECORDING_SLOT_H

#include <stdbool.h>
#include "injector/recording/recording.h"

/* What a recording's head says of ABS_MT_SLOT. */
struct recording_slot {
	bool here; /* the line before names it */
	bool known;
	long value;
};

/*
 * Look at a line of the description that evtest prints and that newer versions
 * of evemu-record write as a comment.
 */
void recording_slot_line(struct recording_slot *slot, const char *line);

/*
 * Find out whether the recording is plain, if it does not say so; otherwise
 * name the slot where that is missing, by what the head says or else by what
 * follows. Return: 0, -EINVAL or -ENOMEM with the fault.
 */
int recording_slot_name(struct recording *rec,
			const struct recording_slot *head, struct fault *f);

/*
 * For a recording that is not plain. Return: 0, or -EINVAL with the first event
 * that selects a slot that does not exist.
 */
int recording_slot_check(const struct recording *rec,
			 struct recording_fault *f);

#endif
