/* SPDX-License-Identifier: Apache-2.0 */
/* What inject-receipt.h knows, in lines for the user. */
#ifndef VINPUT_INJECT_REPORT_H
#define VINPUT_INJECT_REPORT_H

#include <stdio.h>
#include "injector/inject/inject-receipt.h"
#include "input/base/fault.h"

/* name: of the device, as the user gave it. */

/*
 * Whether the device can take what follows. Return: 0; -ETIMEDOUT: the guest
 * takes nothing; -ENODEV: its driver is gone; -ECONNRESET: the server was
 * replaced. The frames that the guest has not been sent are withdrawn, and the
 * fault says which it has.
 */
int inject_report_check(struct inject_receipt *x, const char *name,
			struct fault *f);
/* What to say after a lost connection: how much the guest took, or "". */
void inject_report_rest(const struct inject_receipt *x, char text[160]);
/* Return: r, of inject_receipt_need_guest(), with the fault. */
int inject_report_no_guest(const struct inject_receipt *x, const char *name,
			   int r, struct fault *f);

enum inject_note {
	INJECT_NOTE_NONE,
	INJECT_NOTE_WARNING, /* does not matter for the exit status */
	INJECT_NOTE_FAILURE,
};

/*
 * Take the next line about what has arrived otherwise than it was sent. Each
 * undeclared event is named once.
 */
enum inject_note inject_report_note(struct inject_receipt *x, const char *name,
				    struct fault *line);
/*
 * Write a line "SENT TAKEN NAME" for each frame that was measured, the times in
 * ns of CLOCK_MONOTONIC. Before inject_report_latency(), which sorts them.
 * Return: 0 or -errno.
 */
int inject_report_times(const struct inject_receipt *x, const char *name,
			FILE *out);
/* Return: whether there are figures, which are written to *line. */
bool inject_report_latency(struct inject_receipt *x, const char *name,
			   struct fault *line);

#endif
