/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reader made, when the program was built, of the shipped specs that
 * need no --set: to parse one takes two thirds of a server's start. Pure.
 */
#ifndef VINPUT_SPEC_SHIPPED_H
#define VINPUT_SPEC_SHIPPED_H

#include <stddef.h>
#include "input/spec/spec.h"

/*
 * Return: the spec of exactly this text, a constant of the program; NULL: the
 * text is not one of these.
 */
const struct spec *spec_shipped_find(const char *text, size_t len);

#endif
