/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device across the death of a process (persistent-ledger.h). The successor
 * begins with what the last ledger says, and merges nothing while the driver of
 * its predecessor may come back. When the eventq is found again, it shows
 * whether the last batch was published: if not, the ledger before it is the one
 * to continue with. In both cases the guest gets what it lacks, and no more:
 * its contacts keep their slots and tracking IDs, and the frame that was on its
 * way is completed.
 */
#ifndef VINPUT_DEVICE_LEDGER_H
#define VINPUT_DEVICE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/device-types.h"

/* dev->persistent was set. */
void device_ledger_load(struct device *dev);
/*
 * The source was set up with n events of what it holds, in dev->converted:
 * merge them. Which source moved an axis last is lost; the values of the axes
 * are not.
 */
void device_ledger_resume(struct device *dev, struct persistent_source *ps,
			  size_t n);
/* At the end of a batch, before it is published. */
void device_ledger_save(struct device *dev);

/*
 * As device_driver_returned(), which says more. Return: whether it is the same
 * driver; if so, what the guest has been sent is known.
 */
bool device_ledger_returned(struct device *dev, uint32_t at, bool used);
/*
 * Wait for it, or its buffers, no longer, but continue with it if the last
 * batch was published.
 */
void device_ledger_assume(struct device *dev);
/* It will not come back: what is on its way for it does not count. */
void device_ledger_drop(struct device *dev);

#endif
