/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For functions that each frame runs through. The linker puts them side by
 * side, into few pages: when a process has slept, fetching its code takes
 * longer than executing it.
 */
#ifndef VINPUT_HOT_H
#define VINPUT_HOT_H

#define HOT __attribute__((hot))

#endif
