/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device as bytes, for snapshots and migration (vhost-user: "Migrating
 * back-end state"): what the driver has selected, what its guest has been sent,
 * the rest of the frame on its way, switches and axes. It has nothing of what
 * the injectors hold: those of the process that loads it are others. Pure.
 */
#ifndef VINPUT_SNAPSHOT_H
#define VINPUT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/device.h"

/* More bytes than any snapshot has. */
#define SNAPSHOT_MAX (128 * 1024)

struct snapshot {
	uint8_t select, subsel; /* of the configuration space */
	bool had_driver;	/* else the guest may believe anything */
	struct guest_view view;
	/* Of merge.now, merge.mt_axes and merge.next_id. */
	uint8_t sw[(SW_CNT + 7) / 8];
	uint64_t abs_known;
	int32_t abs[ABS_CNT];
	uint16_t mt_axes, next_id;
};

/* buf: SNAPSHOT_MAX bytes. Return: how many of them were written. */
size_t snapshot_write(const struct device *dev, uint8_t select, uint8_t subsel,
		      uint8_t *buf);

/*
 * Read what snapshot_write() wrote for a device of the same spec. The bytes may
 * be anything.
 * Return: NULL; or what is wrong, as in "the state <text>", *st is then
 * undefined.
 */
const char *snapshot_read(struct snapshot *st, const struct spec *spec,
			  const uint8_t *buf, size_t len);

/*
 * Make the device the one that was saved. Its driver MUST NOT be running; the
 * device resumes with it. Keys, contacts and axes are as the injectors of this
 * device hold them; axes and switches that none of them has set, also before a
 * crash (persistent.h), are as saved.
 */
void snapshot_load(struct device *dev, const struct snapshot *st);

#endif
