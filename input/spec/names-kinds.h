/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of numbers that have names. */
#ifndef VINPUT_NAMES_KINDS_H
#define VINPUT_NAMES_KINDS_H

#include <linux/input.h>

/* Below these are event types, whose codes are meant. */
enum {
	NAMES_TYPES = EV_CNT,
	NAMES_PROPS,
	NAMES_KINDS,
};

#endif
