/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration space as a pure function from (select, subsel) to the 136
 * bytes of struct virtio_input_config (virtio 1.3 §5.8.4, §5.8.5.2): size is 0
 * for what the device does not have.
 */
#ifndef VINPUT_CONFIG_SPACE_H
#define VINPUT_CONFIG_SPACE_H

#include <stdint.h>
#include "input/spec/spec.h"

enum config_select {
	CONFIG_UNSET = 0x00,
	CONFIG_ID_NAME = 0x01,
	CONFIG_ID_SERIAL = 0x02,
	CONFIG_ID_DEVIDS = 0x03,
	CONFIG_PROP_BITS = 0x10,
	CONFIG_EV_BITS = 0x11,
	CONFIG_ABS_INFO = 0x12,
};

struct config_space {
	uint8_t select;
	uint8_t subsel;
	uint8_t size;
	uint8_t reserved[5];
	uint8_t u[128]; /* string, bitmap, abs (5 × le32) or ids (4 × le16) */
};

_Static_assert(sizeof(struct config_space) == 136, "virtio 1.3 §5.8.4");

void config_space_fill(struct config_space *out, const struct spec *spec,
		       uint8_t select, uint8_t subsel);

#endif
