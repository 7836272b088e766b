/* SPDX-License-Identifier: Apache-2.0 */
/* What a user should know about how a recording was read. Pure. */
#ifndef VINPUT_RECORDING_NOTE_H
#define VINPUT_RECORDING_NOTE_H

#include <stdbool.h>
#include "injector/recording/recording.h"

/* i: which note, from 0. Return: whether there is one, and then the note. */
bool recording_note(const struct recording *rec, unsigned int i,
		    struct recording_fault *note);

#endif
