/* SPDX-License-Identifier: Apache-2.0 */
/* The stack of the main thread. */
#ifndef VINPUT_STACK_H
#define VINPUT_STACK_H

/*
 * Return to the kernel what only deeper calls have used, such as those of the
 * start: with many servers it adds up.
 */
void stack_return_unused(void);

#endif
