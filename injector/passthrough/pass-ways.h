/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways of a member to its guests, as the options have them: --to,
 * --socket-path or each --dir. Loop thread only.
 */
#ifndef VINPUT_PASS_WAYS_H
#define VINPUT_PASS_WAYS_H

#include "injector/passthrough/pass-member.h"

/*
 * Open those that are not open; --dir's later, when the launcher has answered.
 * i: the number of its DEV, for --to. Return: 0; -errno after logging why.
 */
int pass_ways_open(struct pass_member *m, size_t i);
/* After it has stopped. */
void pass_ways_close(struct pass_member *m);
/* Return: what --on-switch is told of a guest. */
const char *pass_ways_guest(const struct pass_options *o, unsigned int guest);
/*
 * m->spec has changed. Return: whether guests are told; nobody can tell the
 * server of --to.
 */
bool pass_ways_changed(struct pass_member *m);

#endif
