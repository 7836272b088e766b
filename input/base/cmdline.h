/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line of long options, one table row an option: its index is its
 * id, and row 0 is none. Not reentrant: getopt_long(3) keeps its place.
 */
#ifndef VINPUT_CMDLINE_H
#define VINPUT_CMDLINE_H

#include <getopt.h>

#define CMDLINE_IDS_MAX 48

struct cmdline_option {
	const char *name, *value; /* value: NULL for none */
	const char *help;
};

struct cmdline {
	const struct cmdline_option *rows;
	int n_ids; /* row 0 counts */
	int argc;
	char **argv;
	const char *order; /* getopt's: "+:" stops at a word, ":" goes on */
	char *why;	   /* 256 bytes */

	struct option table[CMDLINE_IDS_MAX]; /* rows, for getopt */
	const char *given[CMDLINE_IDS_MAX];   /* value, "" for none, or NULL */
	const char *culprit;
};

/* Begin anew, with the members above the blank line set. */
void cmdline_start(struct cmdline *c);

/*
 * Its value is optarg; optind is at the first word that is none.
 * Return: the next option's id, 0: no more, -EINVAL: why, -ENOENT: there is no
 * option such as the culprit.
 */
int cmdline_next(struct cmdline *c);

/* Write why. Return: -EINVAL. */
__attribute__((format(printf, 2, 3))) int cmdline_refuse(char why[256],
							 const char *fmt, ...);

/*
 * The option that is probably meant by a wrong one, without its dashes, with
 * its value maybe. Return: a name of the table, NULL: none is near.
 */
const char *cmdline_near(const struct option *table, const char *wrong);

/* Print all rows. column: where the help begins. */
void cmdline_help(const struct cmdline_option *rows, int n_ids, int column);

#endif
