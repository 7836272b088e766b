/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a spec in our form, as spec_read() reads it. Pure. */
#ifndef VINPUT_SPEC_WRITE_H
#define VINPUT_SPEC_WRITE_H

#include "input/spec/spec.h"

/* Return: the JSON text, to be freed, or NULL: out of memory, or not UTF-8. */
char *spec_write(const struct spec *spec);

#endif
