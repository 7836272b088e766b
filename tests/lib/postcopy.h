/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end whose guest's memory is still arriving: its contents are copied
 * aside, its pages removed from the shared file, and put back when the device
 * misses them, or never.
 *
 *	postcopy_advise() → postcopy_listen() → postcopy_share()
 *	→ postcopy_ack() → postcopy_serve() → queues start
 */
#ifndef VINPUT_TESTS_POSTCOPY_H
#define VINPUT_TESTS_POSTCOPY_H

#include <pthread.h>
#include <stdbool.h>
#include "tests/lib/rig.h"

struct postcopy {
	int uffd;	/* owned; -1: none */
	uint8_t *aside; /* what the memory contained, page for page */
	size_t size;
	int memory;	     /* borrowed: the shared file */
	uint64_t where;	     /* of its first byte in the device's process */
	bool *came;	     /* by page */
	unsigned int served; /* pages that the device has missed */
	bool serves;
	pthread_t thread;
	int stop; /* eventfd */
};

/* Return: whether this host has userfaultfd. */
bool postcopy_possible(void);

void postcopy_init(struct postcopy *pc);
void postcopy_fini(struct postcopy *pc); /* stops serving, closes */

/*
 * Run `srv` with --postcopy, connect, and make rings in memory of some pages.
 */
void postcopy_prepare(struct rig *rig);
void postcopy_advise(struct rig *rig, struct postcopy *pc);
void postcopy_listen(struct rig *rig);
/* Copy its memory aside, and share it empty. */
void postcopy_share(struct rig *rig, struct postcopy *pc);
void postcopy_ack(struct rig *rig);
void postcopy_end(struct rig *rig);
/* All of that except the end, and both queues started. */
void postcopy_run(struct rig *rig, struct postcopy *pc);

/* Serve pages that the device misses, from now on. */
void postcopy_serve(struct postcopy *pc);
/* All pages come: nothing is missed any more, nor served. */
void postcopy_complete(struct postcopy *pc);
/* Share it once more, as it is: the device may still use what it has. */
void postcopy_share_again(struct rig *rig, struct postcopy *pc);
/* The device must miss a page, or must not. */
void postcopy_expect_miss(struct postcopy *pc);
void postcopy_expect_no_miss(struct postcopy *pc);

#endif
