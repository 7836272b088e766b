/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names come from libevdev, by names-table.h. It does not know buses, and lacks
 * most second names of a code, such as BTN_MISC, which is the kernel's name of
 * the first in a group. It accepts KEY_MAX and the like as codes, which they
 * are not, while KEY_BRIGHTNESS_MAX is one: a type's limit has nothing between
 * the prefix and _MAX.
 *
 * A mistyped name is searched for among all names of its kind, which is slow (a
 * few ms for EV_KEY) and done once, before the program ends.
 */
#include <linux/input.h>
#include <stddef.h>
#include <string.h>
#include "input/base/near.h"
#include "input/spec/names-table.h"
#include "input/spec/spec-names.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	unsigned int bus;
	char name[24]; /* no pointer, which would have to be relocated */
} buses[] = {
	{ BUS_PCI, "BUS_PCI" },
	{ BUS_ISAPNP, "BUS_ISAPNP" },
	{ BUS_USB, "BUS_USB" },
	{ BUS_HIL, "BUS_HIL" },
	{ BUS_BLUETOOTH, "BUS_BLUETOOTH" },
	{ BUS_VIRTUAL, "BUS_VIRTUAL" },
	{ BUS_ISA, "BUS_ISA" },
	{ BUS_I8042, "BUS_I8042" },
	{ BUS_XTKBD, "BUS_XTKBD" },
	{ BUS_RS232, "BUS_RS232" },
	{ BUS_GAMEPORT, "BUS_GAMEPORT" },
	{ BUS_PARPORT, "BUS_PARPORT" },
	{ BUS_AMIGA, "BUS_AMIGA" },
	{ BUS_ADB, "BUS_ADB" },
	{ BUS_I2C, "BUS_I2C" },
	{ BUS_HOST, "BUS_HOST" },
	{ BUS_GSC, "BUS_GSC" },
	{ BUS_ATARI, "BUS_ATARI" },
	{ BUS_SPI, "BUS_SPI" },
	{ BUS_RMI, "BUS_RMI" },
	{ BUS_CEC, "BUS_CEC" },
	{ BUS_INTEL_ISHTP, "BUS_INTEL_ISHTP" },
};

#define ALIAS(type, code)         \
	{                         \
		type, code, #code \
	}

static const struct {
	unsigned int type;
	int code;
	char name[24];
} aliases[] = {
	ALIAS(EV_KEY, KEY_HANGUEL),
	ALIAS(EV_KEY, KEY_SCREENLOCK),
	ALIAS(EV_KEY, KEY_DIRECTION),
	ALIAS(EV_KEY, KEY_DASHBOARD),
	ALIAS(EV_KEY, KEY_BRIGHTNESS_ZERO),
	ALIAS(EV_KEY, KEY_WIMAX),
	ALIAS(EV_KEY, KEY_ZOOM),
	ALIAS(EV_KEY, KEY_SCREEN),
	ALIAS(EV_KEY, KEY_BRIGHTNESS_TOGGLE),
	ALIAS(EV_KEY, BTN_MISC),
	ALIAS(EV_KEY, BTN_MOUSE),
	ALIAS(EV_KEY, BTN_JOYSTICK),
	ALIAS(EV_KEY, BTN_GAMEPAD),
	ALIAS(EV_KEY, BTN_DIGI),
	ALIAS(EV_KEY, BTN_WHEEL),
	ALIAS(EV_KEY, BTN_TRIGGER_HAPPY),
	ALIAS(EV_SW, SW_RADIO),
};

const char *names_type(unsigned int type)
{
	return type < EV_MAX ? names_table_name(NAMES_TYPES, type) : NULL;
}

const char *names_code(unsigned int type, unsigned int code)
{
	return type < EV_CNT ? names_table_name(type, code) : NULL;
}

const char *names_prop(unsigned int prop)
{
	return prop < INPUT_PROP_MAX ? names_table_name(NAMES_PROPS, prop)
				     : NULL;
}

const char *names_bus(unsigned int bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (buses[i].bus == bus)
			return buses[i].name;
	return NULL;
}

/* True for KEY_MAX, false for KEY_BRIGHTNESS_MAX. */
bool names_is_limit(const char *name)
{
	const char *end;

	if (strncmp(name, "INPUT_PROP_", strlen("INPUT_PROP_")) == 0)
		name += strlen("INPUT_");
	end = strchr(name, '_');
	return end && (strcmp(end, "_MAX") == 0 || strcmp(end, "_CNT") == 0);
}

int names_to_type(const char *name)
{
	return names_is_limit(name) ? -1 : names_table_find(NAMES_TYPES, name);
}

int names_to_code(unsigned int type, const char *name)
{
	int code;

	if (type >= EV_CNT || names_is_limit(name))
		return -1;
	code = names_table_find(type, name);
	if (code >= 0)
		return code;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (aliases[i].type == type &&
		    strcmp(aliases[i].name, name) == 0)
			return aliases[i].code;
	return -1;
}

int names_to_prop(const char *name)
{
	return names_is_limit(name) ? -1 : names_table_find(NAMES_PROPS, name);
}

int names_to_bus(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (strcmp(buses[i].name, name) == 0)
			return (int)buses[i].bus;
	return -1;
}

int names_code_max(unsigned int type)
{
	return type < EV_CNT ? names_table_max(type) : -1;
}

/* name: NULL for a number without one. */
static void try_name(struct near *near, const char *name)
{
	if (name && !names_is_limit(name))
		near_try(near, name);
}

const char *names_near_type(const char *name)
{
	struct near near;

	near_init(&near, name);
	for (unsigned int type = 0; type < EV_MAX; type++)
		try_name(&near, names_type(type));
	return near.best;
}

const char *names_near_code(unsigned int type, const char *name)
{
	struct near near;

	near_init(&near, name);
	for (int code = 0; code <= names_code_max(type); code++)
		try_name(&near, names_code(type, (unsigned int)code));
	return near.best;
}

const char *names_near_prop(const char *name)
{
	struct near near;

	near_init(&near, name);
	for (unsigned int prop = 0; prop < INPUT_PROP_MAX; prop++)
		try_name(&near, names_prop(prop));
	return near.best;
}

const char *names_near_bus(const char *name)
{
	struct near near;

	near_init(&near, name);
	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		near_try(&near, buses[i].name);
	return near.best;
}
