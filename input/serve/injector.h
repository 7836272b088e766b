/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one injector: its bytes go into its source, or past it by a shortcut,
 * until the source is full or the injector has ended. Loop thread only.
 */
#ifndef VINPUT_INJECTOR_H
#define VINPUT_INJECTOR_H

#include "input/serve/injector-types.h"

/* Its fd is set. */
void injector_init(struct injector *in);
/* Read it from now on. Its source is attached, and has space. */
void injector_watch(struct injector *in);
void injector_unwatch(struct injector *in);

#endif
