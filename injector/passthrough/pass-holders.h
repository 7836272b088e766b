/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes have a node open, as far as /proc shows it to us. */
#ifndef VINPUT_PASS_HOLDERS_H
#define VINPUT_PASS_HOLDERS_H

#include <stddef.h>

/*
 * Write their names and numbers, "Xorg (640), keyd (812)", to text; "" if none
 * can be seen. This process is left out.
 */
void pass_holders(const char *path, char *text, size_t size);

#endif
