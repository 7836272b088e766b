/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line of long options, one table row for each: its index is its ID,
 * and row 0 is unused. A row holds what --help prints and how its value is
 * taken: by a CMDLINE_* macro into a member of the program's options, or by a
 * handler of its own. So a new option is one row. There MUST be a row "help",
 * which -h stands for. Not reentrant, because getopt_long(3) is not.
 */
#ifndef VINPUT_CMDLINE_H
#define VINPUT_CMDLINE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_IDS_MAX 64

struct cmdline;

struct cmdline_option {
	/* value: its name; "[TIME]": it can be left out; NULL: none */
	const char *name, *value;
	const char *help;
	/*
	 * value: "" for none. Return: 0; 1: take no more, as for --help;
	 * -EINVAL with c->why.
	 */
	int (*take)(struct cmdline *c, char *value);
	/* For the handlers of this file: a member of *c->options; to what. */
	size_t at;
	int to;
};

/* --- rows whose value goes to a member of TYPE, the program's options --- */

/* The member's offset; does not compile if it has another type. */
#define CMDLINE_AT(TYPE, MEMBER, ...) \
	(offsetof(TYPE, MEMBER) + _Generic(((TYPE *)0)->MEMBER, __VA_ARGS__))
/* The text, borrowed from argv. */
#define CMDLINE_TEXT(TYPE, MEMBER) \
	cmdline_take_text,         \
		CMDLINE_AT(TYPE, MEMBER, char * : 0, const char * : 0)
/* true */
#define CMDLINE_FLAG(TYPE, MEMBER) \
	cmdline_take_flag, CMDLINE_AT(TYPE, MEMBER, bool : 0)
/* TO, of an enum; the second one takes no more options. */
#define CMDLINE_ENUM(TYPE, MEMBER, TO) \
	cmdline_take_enum, CMDLINE_AT(TYPE, MEMBER, unsigned int : 0), TO
#define CMDLINE_LAST(TYPE, MEMBER, TO) \
	cmdline_take_last, CMDLINE_AT(TYPE, MEMBER, unsigned int : 0), TO

struct cmdline {
	const struct cmdline_option *rows;
	int n_ids; /* row 0 counts */
	int argc;
	char **argv;
	bool stop_at_word; /* the first word ends the options */
	char *why;	   /* 256 bytes */
	void *options;	   /* the program's, for handlers */

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

/* For handlers: the member that the row of the option names. */
void *cmdline_member(const struct cmdline *c);

int cmdline_take_text(struct cmdline *c, char *value);
int cmdline_take_flag(struct cmdline *c, char *value);
int cmdline_take_enum(struct cmdline *c, char *value);
int cmdline_take_last(struct cmdline *c, char *value);

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
