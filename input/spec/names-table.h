/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libevdev's names of numbers, and the numbers of names, as tables that are
 * made with the program: nothing to load, to relocate, or to keep in memory of
 * one's own. For spec-names.h. Pure; returned strings are static.
 */
#ifndef VINPUT_NAMES_TABLE_H
#define VINPUT_NAMES_TABLE_H

#include "input/spec/names-kinds.h"

/* Return: the name, also of a limit (KEY_MAX); NULL if there is none. */
const char *names_table_name(unsigned int kind, unsigned int number);
/* Return: the number, or -1. Some numbers have several names. */
int names_table_find(unsigned int kind, const char *name);
/* Return: the largest number, -1 if the kind has none. */
int names_table_max(unsigned int kind);

#endif
