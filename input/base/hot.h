/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a process has slept, fetching its code takes longer than executing it.
 * So the linker puts the functions that a frame runs through side by side, into
 * few pages: those of the straight way (device-pass.c), which are HOT, and
 * behind them those of other frames, which are WARM.
 */
#ifndef VINPUT_HOT_H
#define VINPUT_HOT_H

#define HOT  __attribute__((hot))
#define WARM __attribute__((hot, section(".text.sorted.warm")))

/*
 * For static variables that each frame uses: the linker puts them at the end of
 * .data, which is small, and so into one page.
 */
#define HOT_DATA __attribute__((section(".data.hot")))

#endif
