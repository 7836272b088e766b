/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "input/base/cmdline.h"
#include "input/base/near.h"

#define HELP_WIDTH 79

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
	for (int id = 1; id < c->n_ids; id++)
		c->table[id - 1] =
			(struct option){ c->rows[id].name,
					 has_arg(&c->rows[id]), NULL, id };
	c->table[c->n_ids - 1] = (struct option){ 0 };
	memset(c->given, 0, sizeof(c->given));
	opterr = 0;
	optind = 0; /* glibc: parse again from the start, in tests */
}

/* The word that getopt has just rejected: among "-abc" it is the current one.
 */
static const char *rejected_word(const struct cmdline *c)
{
	const char *word = c->argv[optind - 1];

	if (optopt < c->n_ids || optind >= c->argc ||
	    (word[0] == '-' && strchr(word, optopt)))
		return word;
	return c->argv[optind];
}

static int bad_option(struct cmdline *c, int got)
{
	c->culprit = rejected_word(c);
	if (got == ':')
		return cmdline_refuse(c->why, "%s needs a value", c->culprit);
	/* optopt is an id where a value was given to an option without one. */
	if (optopt > 0 && optopt < c->n_ids)
		return cmdline_refuse(c->why, "--%s takes no value",
				      c->rows[optopt].name);
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
	int id = getopt_long(c->argc, c->argv, c->stop_at_word ? "+:h" : ":h",
			     c->table, NULL);

	if (id == -1)
		return 0;
	if (id == 'h')
		id = row_by_name(c, "help");
	if (id >= c->n_ids)
		return bad_option(c, id);
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

const char *cmdline_given(const struct cmdline *c, const char *name)
{
	return c->given[row_by_name(c, name)];
}

const char *cmdline_near(const struct option *table, const char *wrong)
{
	const char *names[CMDLINE_IDS_MAX];
	char name[48];
	size_t n = 0;

	for (; table[n].name; n++)
		names[n] = table[n].name;
	names[n] = NULL;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(wrong, "="), wrong);
	return near_word(names, name);
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
