/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base of the wire tests of vinput-passthrough: the program with a node
 * that the test plays (node-stand-in.c), beside a rig, whose front-end is
 * connected to the rig's server or to the program itself.
 */
#ifndef VINPUT_TESTS_PASS_RIG_H
#define VINPUT_TESTS_PASS_RIG_H

#include "tests/lib/fake-node.h"
#include "tests/lib/rig.h"

struct pass {
	struct rig *rig; /* its server is used with --to only */
	struct process program;
	struct fake_node *node;
	int fd; /* the test's end of the node */
};

/* cmocka fixtures: *state becomes a struct pass. */
int pass_rig_setup(void **state);
int pass_rig_teardown(void **state);

/* The node, a keyboard with REL_X. Skips the test where it is impossible. */
void pass_rig_node(struct pass *p);
/* The program with the arguments so far; the node's path is the last. */
void pass_rig_start(struct pass *p);
/* The program has taken the node. */
void pass_rig_expect_taken(struct pass *p);
/* The node is gone: no more events, and ENODEV. */
void pass_rig_unplug(struct pass *p);

/* Skip the case if the program was built, or is, without libinput. */
void pass_rig_need_libinput(void);

#endif
