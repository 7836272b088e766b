/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's names of event types, codes, properties and buses, both ways.
 * Pure; returned strings are static.
 */
#ifndef VINPUT_SPEC_NAMES_H
#define VINPUT_SPEC_NAMES_H

#include <stdbool.h>

/* Return: the name, NULL if the number has none. */
const char *names_type(unsigned int type);
const char *names_code(unsigned int type, unsigned int code);
const char *names_prop(unsigned int prop);
const char *names_bus(unsigned int bus);

/* Whether a name is a limit's (KEY_MAX, EV_CNT, ...), not a code's. */
bool names_is_limit(const char *name);

/* Return: the number, or -1; names of limits are not accepted. */
int names_to_type(const char *name);
int names_to_code(unsigned int type, const char *name);
int names_to_prop(const char *name);
int names_to_bus(const char *name);

/* Return: the type's largest code (KEY_MAX, ...), -1 if it has no codes. */
int names_code_max(unsigned int type);

/*
 * Return: the valid name that a mistyped one probably means, or NULL.
 */
const char *names_near_type(const char *name);
const char *names_near_code(unsigned int type, const char *name);
const char *names_near_prop(const char *name);
const char *names_near_bus(const char *name);

#endif
