/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a device's capabilities through its configuration space as Linux's
 * driver does: select and subsel in two 1-byte writes, then size and payload
 * byte by byte.
 */
#ifndef VINPUT_FRONTEND_CONFIG_H
#define VINPUT_FRONTEND_CONFIG_H

#include "injector/frontend/frontend.h"
#include "input/spec/config-space.h"
#include "input/spec/spec.h"

/* Return: 0 and what the device has for (select, subsel) in *out; FE_E_*. */
int fe_config_select(struct frontend *fe, uint8_t select, uint8_t subsel,
		     struct config_space *out);

/* Return: 0; FE_E_DEVICE if there is no event in it; other FE_E_*. */
int fe_read_spec(struct frontend *fe, struct spec *spec);

#endif
