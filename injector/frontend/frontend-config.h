/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's capabilities, read from its configuration space as Linux's driver
 * reads them: select and subsel in two 1-byte writes, then size and payload
 * byte by byte.
 */
#ifndef VINPUT_FRONTEND_CONFIG_H
#define VINPUT_FRONTEND_CONFIG_H

#include <stdint.h>
#include "injector/frontend/frontend.h"
#include "input/spec/config-space.h"
#include "input/spec/spec.h"

/* GET_CONFIG, SET_CONFIG. Return: also FE_E_REFUSED. */
int fe_config_read(struct frontend *fe, uint32_t offset, void *buf,
		   uint32_t len);
int fe_config_write(struct frontend *fe, uint32_t offset, const void *buf,
		    uint32_t len);

/* Select, and read size and payload into *out. */
int fe_config_select(struct frontend *fe, uint8_t select, uint8_t subsel,
		     struct config_space *out);

/* Return: also FE_E_DEVICE: the device declares no event. */
int fe_read_spec(struct frontend *fe, struct spec *spec);

#endif
