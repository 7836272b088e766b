/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line and environment that /proc, and so ps(1), shows of a process
 * that was forked with another one's. Best effort: the kernel may not have it.
 */
#ifndef VINPUT_TEMPLATE_TITLE_H
#define VINPUT_TEMPLATE_TITLE_H

#include <linux/prctl.h>
#include <stdbool.h>

/* Where the memory of this process is, from the kernel's point of view. */
struct template_title {
	struct prctl_mm_map map;
	bool known;
};

/* In a parent, since it takes a while. */
void template_title_init(struct template_title *t);
/* In a child. The strings of each list are one after the other, and stay. */
void template_title_set(struct template_title *t, char *const *argv,
			char *const *env);

#endif
