/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chords of a node: which of them are played by its events, whoever has the
 * node. For pass-device.c only.
 */
#ifndef VINPUT_PASS_DEVICE_CHORDS_H
#define VINPUT_PASS_DEVICE_CHORDS_H

#include "injector/passthrough/pass-device-types.h"

/* Before the first event: note which chords there are. */
void pass_device_note_chords(struct pass_device *d);
/* Events that were read, if there are any chords. */
void pass_device_watch(struct pass_device *d, const struct input_event *ev,
		       size_t n);
/* The keys that are down: some of their events were not read. */
void pass_device_sync_chords(struct pass_device *d,
			     const uint8_t down[KEY_CNT / 8]);
/* Look which keys are down if a chord depends on it. Return: 0 or -errno. */
int pass_device_look(struct pass_device *d);
/* Let the kernel drop what nobody needs, as d->to_guest says. */
void pass_device_mask(struct pass_device *d);
/* d->played is not 0: tell the owner. Afterwards d may be closed. */
void pass_device_report(struct pass_device *d);

#endif
