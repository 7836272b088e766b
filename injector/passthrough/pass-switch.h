/* SPDX-License-Identifier: Apache-2.0 */
/* --on-switch: the user's command when devices go to somebody else. */
#ifndef VINPUT_PASS_SWITCH_H
#define VINPUT_PASS_SWITCH_H

/*
 * Run the command by sh, with VINPUT_TARGET=target in its environment. It is
 * not waited for, and its end is of no interest. Logs what fails.
 */
void pass_switch_run(const char *command, const char *target);

#endif
