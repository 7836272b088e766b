/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line of long options, one table row for each: its index is its ID,
 * and row 0 is unused. A row holds what --help prints and the option's handler,
 * so that a new option is one row and its code. There MUST be a row "help",
 * which -h stands for. Not reentrant, because getopt_long(3) is not.
 */
#ifndef VINPUT_CMDLINE_H
#define VINPUT_CMDLINE_H

#include <getopt.h>
#include <stdbool.h>

#define CMDLINE_IDS_MAX 64

struct cmdline;

struct cmdline_option {
	/* value: its name; "[TIME]": it can be left out; NULL: none */
	const char *name, *value;
	const char *help;
	/*
	 * value: "" for none. MAY find its surroundings by container_of(c).
	 * Return: 0; 1: take no more, as for --help; -EINVAL with c->why.
	 */
	int (*take)(struct cmdline *c, char *value);
};

struct cmdline {
	const struct cmdline_option *rows;
	int n_ids; /* row 0 counts */
	int argc;
	char **argv;
	bool stop_at_word; /* the first word ends the options */
	char *why;	   /* 256 bytes */

	struct option table[CMDLINE_IDS_MAX]; /* rows, for getopt */
	const char *given[CMDLINE_IDS_MAX];   /* value, "" for none, or NULL */
	const char *culprit;
	const struct cmdline_option *taken; /* by cmdline_take() */
};

/* Start to parse. The members above the blank line MUST be set. */
void cmdline_start(struct cmdline *c);

/*
 * Parse the next option; its value is in optarg.
 * Return: its ID; 0: no more options, optind is at the first other word;
 * -EINVAL, with c->why; -ENOENT: c->culprit is not an option.
 */
int cmdline_next(struct cmdline *c);

/*
 * Let each option's handler take it.
 * Return: 0: no more options; 1: a handler stopped; -EINVAL, with c->why.
 */
int cmdline_take(struct cmdline *c);

/* Return: the value given for an option; NULL if it was not given. */
const char *cmdline_given(const struct cmdline *c, const char *name);

/* Write why. Return: -EINVAL. */
__attribute__((format(printf, 2, 3))) int cmdline_refuse(char why[256],
							 const char *fmt, ...);

/* The same from a handler, with "--NAME=VALUE: " before it. */
#define cmdline_refuse_value(c, value, fmt, ...)                              \
	cmdline_refuse((c)->why, "--%s=%.80s: " fmt, (c)->taken->name, value, \
		       ##__VA_ARGS__)

/*
 * wrong: an unknown option, without its dashes, perhaps with a value.
 * Return: the option of the table that was probably meant, or NULL.
 */
const char *cmdline_near(const struct option *table, const char *wrong);

/* Print all rows. column: where the help texts begin. */
void cmdline_help(const struct cmdline_option *rows, int n_ids, int column);
/* The same of a text that follows at characters, no word of it too long. */
void cmdline_help_text(const char *text, int at, int column);

#endif
