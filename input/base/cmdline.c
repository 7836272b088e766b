/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/base/cmdline.h"
#include "input/base/near.h"

#define HELP_WIDTH 79
/* getopt's values of our options; those below are letters. */
#define FIRST_VALUE 256

int cmdline_refuse(char why[256], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 256, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* An optional value has to follow a '='. */
static bool value_is_optional(const struct cmdline_option *row)
{
	return row->value && row->value[0] == '[';
}

static int has_arg(const struct cmdline_option *row)
{
	if (value_is_optional(row))
		return optional_argument;
	return row->value ? required_argument : no_argument;
}

void cmdline_start(struct cmdline *c)
{
	assert(c->n_ids <= CMDLINE_IDS_MAX);
	c->table[c->n_ids - 1] = (struct option){ 0 };
	for (int id = 1; id < c->n_ids; id++)
		c->table[id - 1] = (struct option){ c->rows[id].name,
						    has_arg(&c->rows[id]), NULL,
						    FIRST_VALUE + id };
	memset(c->given, 0, sizeof(c->given));
	opterr = 0;
	optind = 0; /* glibc: parse again from the start, in tests */
}

/* The word that getopt has just rejected. */
static const char *rejected_word(const struct cmdline *c)
{
	const char *word = c->argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	/*
	 * After the first of several letters it is still the current one.
	 * A letter is a char, so it may be negative; 0: a word was rejected.
	 */
	if (optopt && optopt < FIRST_VALUE && optind < c->argc &&
	    strcmp(word, letter))
		return c->argv[optind];
	return word;
}

static int bad_option(struct cmdline *c, int got)
{
	c->culprit = rejected_word(c);
	if (got == ':')
		return cmdline_refuse(c->why, "%s needs a value", c->culprit);
	/* A value was given to an option without one. */
	if (optopt > FIRST_VALUE)
		return cmdline_refuse(c->why, "--%s takes no value",
				      c->rows[optopt - FIRST_VALUE].name);
	return -ENOENT;
}

static int row_by_name(const struct cmdline *c, const char *name)
{
	int id = 1;

	while (strcmp(c->rows[id].name, name)) {
		id++;
		assert(id < c->n_ids);
	}
	return id;
}

int cmdline_next(struct cmdline *c)
{
	const int got =
		getopt_long(c->argc, c->argv, c->stop_at_word ? "+:h" : ":h",
			    c->table, NULL);
	int id = got - FIRST_VALUE;

	if (got == -1)
		return 0;
	if (got == 'h')
		id = row_by_name(c, "help");
	if (id < 0)
		return bad_option(c, got);
	c->given[id] = optarg ? optarg : "";
	return id;
}

static int unknown_option(struct cmdline *c)
{
	const char *wrong = c->culprit, *near = NULL;
	int len = (int)strcspn(wrong, "=");

	/* "-to", too. */
	if (len > 2)
		near = cmdline_near(c->table, wrong + strspn(wrong, "-"));
	return cmdline_refuse(c->why, "unknown option %.*s%s%s%s",
			      len < 40 ? len : 39, wrong,
			      near ? "; did you mean --" : "; see --help",
			      near ? near : "", near ? "?" : "");
}

int cmdline_take(struct cmdline *c)
{
	static char no_value[1];
	int id;

	while ((id = cmdline_next(c)) > 0) {
		int r;

		c->taken = &c->rows[id];
		r = c->taken->take(c, optarg ? optarg : no_value);
		if (r)
			return r;
	}
	return id == -ENOENT ? unknown_option(c) : id;
}

void *cmdline_member(const struct cmdline *c)
{
	return (char *)c->options + c->taken->at;
}

int cmdline_take_text(struct cmdline *c, char *value)
{
	memcpy(cmdline_member(c), &value, sizeof(value));
	return 0;
}

int cmdline_take_flag(struct cmdline *c, char *value)
{
	*(bool *)cmdline_member(c) = true;
	return 0;
}

int cmdline_take_enum(struct cmdline *c, char *value)
{
	*(unsigned int *)cmdline_member(c) = (unsigned int)c->taken->to;
	return 0;
}

int cmdline_take_last(struct cmdline *c, char *value)
{
	cmdline_take_enum(c, value);
	return 1;
}

const char *cmdline_given(const struct cmdline *c, const char *name)
{
	return c->given[row_by_name(c, name)];
}

const char *cmdline_near(const struct option *table, const char *wrong)
{
	struct near near;
	char name[48];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(wrong, "="), wrong);
	near_init(&near, name);
	for (; table->name; table++)
		near_try(&near, table->name);
	return near.best;
}

void cmdline_help_text(const char *text, int at, int column)
{
	const int gap = at < column ? column - at : 2;

	printf("%*s", gap, "");
	at += gap;
	while (strlen(text) > (size_t)(HELP_WIDTH - at)) {
		const char *end = text + HELP_WIDTH - at;

		while (*end != ' ')
			end--;
		printf("%.*s\n%*s", (int)(end - text), text, column, "");
		text = end + 1;
		at = column;
	}
	puts(text);
}

void cmdline_help(const struct cmdline_option *rows, int n_ids, int column)
{
	for (int id = 1; id < n_ids; id++) {
		const struct cmdline_option *o = &rows[id];
		const bool optional = value_is_optional(o);
		int len = printf("  --%s%s%s%s", o->name,
				 optional   ? "[="
				 : o->value ? "="
					    : "",
				 o->value ? o->value + optional : "",
				 strcmp(o->name, "help") ? "" : ", -h");

		cmdline_help_text(o->help, len, column);
	}
}
