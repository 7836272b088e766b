/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For functions that each frame runs through. The linker puts them side by
 * side, into few pages: when a process has slept, fetching its code takes
 * longer than executing it.
 */
#ifndef VINPUT_HOT_H
#define VINPUT_HOT_H

#define HOT __attribute__((hot))

/*
 * For static variables that each frame uses: the linker puts them at the end of
 * .data, which is small, and so into one page.
 */
#define HOT_DATA __attribute__((section(".data.hot")))

#endif
