/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that libevdev knows, in the form of names-table.h: for the tables
 * that are made with the program, and in their place where none could be made.
 */
#ifndef VINPUT_NAMES_EVDEV_H
#define VINPUT_NAMES_EVDEV_H

#include <libevdev/libevdev.h>
#include "input/spec/names-kinds.h"

static inline int evdev_max(unsigned int kind)
{
	if (kind == NAMES_TYPES)
		return EV_MAX;
	return kind == NAMES_PROPS ? INPUT_PROP_MAX
				   : libevdev_event_type_get_max(kind);
}

static inline const char *evdev_name(unsigned int kind, unsigned int number)
{
	if (kind == NAMES_TYPES)
		return libevdev_event_type_get_name(number);
	return kind == NAMES_PROPS ? libevdev_property_get_name(number)
				   : libevdev_event_code_get_name(kind, number);
}

static inline int evdev_find(unsigned int kind, const char *name)
{
	if (kind == NAMES_TYPES)
		return libevdev_event_type_from_name(name);
	return kind == NAMES_PROPS ? libevdev_property_from_name(name)
				   : libevdev_event_code_from_name(kind, name);
}

#endif
