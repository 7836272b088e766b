/* SPDX-License-Identifier: Apache-2.0 */
/* The chords that the options have, and the devices that can play them. */
#ifndef VINPUT_PASS_CHORDS_H
#define VINPUT_PASS_CHORDS_H

#include "injector/passthrough/pass-member.h"

/*
 * Chords that were asked for MUST be possible, but with --all a keyboard may
 * come later. Return: 0; -EINVAL after logging why.
 */
int pass_chords_check(const struct pass_options *o,
		      const struct pass_members *members);
/* A grabbed keyboard is no use to the host: say how to get it back. */
void pass_chords_say(const struct pass_options *o,
		     const struct pass_members *members);

#endif
