/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LEDs as the guest's driver has set them last, for injectors that connect
 * later. Pure.
 */
#ifndef VINPUT_LED_STATE_H
#define VINPUT_LED_STATE_H

#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"

/* Bits of LED_ codes; all 0: the driver has set none. */
struct led_state {
	uint32_t known, on;
};

/* The driver has sent these events. */
void led_state_note(struct led_state *st, const struct vi_event *ev, size_t n);
/*
 * Write the LEDs that the driver has set, on or off. ev: LED_CNT events.
 * Return: how many were written.
 */
size_t led_state_events(const struct led_state *st, struct vi_event *ev);

#endif
