/* SPDX-License-Identifier: Apache-2.0 */
/* The counters that a server serves at --stats-path. */
#ifndef VINPUT_TESTS_STATS_H
#define VINPUT_TESTS_STATS_H

#include "tests/lib/rig.h"

#define STATS_TEXT_MAX 4096

/* --stats-path= in the rig's directory. Before the start. */
void stats_serve(struct rig *rig);
/* The line of JSON, as it comes. */
void stats_read(struct rig *rig, char text[STATS_TEXT_MAX]);
/* The same of another program, at a path. */
void stats_read_at(const char *path, char text[STATS_TEXT_MAX]);
/* Return: the counter of this name in such a line. */
unsigned long long stats_in(const char *text, const char *name);
/* Both. */
unsigned long long stats_now(struct rig *rig, const char *name);
/* Wait until the counter has this value. */
void stats_wait(struct rig *rig, const char *name, unsigned long long value);

#endif
