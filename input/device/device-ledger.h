/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relative motion across the death of a process. A successor takes frames again
 * that the guest may have been shown, which for a key or a position changes
 * nothing; a motion would be doubled. So the ledger (persistent.h) says with
 * each batch which motion the guest lacks once the eventq is at a position, and
 * the successor, when it finds the eventq of that driver again, knows what it
 * was shown. Until then it keeps frames as for a guest that takes nothing.
 */
#ifndef VINPUT_DEVICE_LEDGER_H
#define VINPUT_DEVICE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/device-types.h"

/* dev->persistent was set. */
void device_ledger_load(struct device *dev);
/* At the end of a batch, before it is published. */
void device_ledger_save(struct device *dev);

/*
 * n events of a source were merged, of which the first ps->unsure bytes may
 * have been shown to the guest by the previous process.
 */
void device_ledger_again(struct device *dev, struct persistent_source *ps,
			 const struct vi_event *ev, size_t n);

/*
 * Return: whether the eventq at this position is that of the previous process'
 * driver. *shown: with it, the guest has been shown the unsure bytes.
 */
bool device_ledger_knows(const struct device *dev, uint32_t at, bool *shown);
/* It is: the guest gets the motion that it lacks. */
void device_ledger_settle(struct device *dev, bool shown);
/* It is not, or will not be: what the previous process left does not count. */
void device_ledger_drop(struct device *dev);

#endif
