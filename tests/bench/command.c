/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/bench/command.h"

#define PLACEHOLDERS 5

struct placeholder {
	const char *name, *value;
	size_t len; /* of the value */
};

bool command_takes(const char *line, const char *placeholder)
{
	return strstr(line, placeholder);
}

/* Append a letter of *from, or the value of its placeholder. */
static char *expand(const struct placeholder *all, const char **from, char *to)
{
	for (const struct placeholder *p = all; p < all + PLACEHOLDERS; p++) {
		if (strncmp(*from, p->name, strlen(p->name)) != 0)
			continue;
		*from += strlen(p->name);
		memcpy(to, p->value, p->len);
		return to + p->len;
	}
	*to = *(*from)++;
	return to + 1;
}

/* The variables that the line sets, after those that it leaves alone. */
static int make_env(struct command *c, char **set, size_t n_set)
{
	size_t n = 0;

	for (char **var = environ; *var; var++) {
		size_t len = strcspn(*var, "=") + 1, i = 0;

		while (i < n_set && strncmp(*var, set[i], len) != 0)
			i++;
		if (i < n_set)
			continue;
		if (n + n_set == COMMAND_ENV_MAX)
			return -E2BIG;
		c->env[n++] = *var;
	}
	memcpy(c->env + n, set, n_set * sizeof(*set));
	c->env[n + n_set] = NULL;
	return 0;
}

/* It sets a variable: there is no '/' before '='. */
static bool is_variable(const char *word)
{
	return word[strcspn(word, "/=")] == '=';
}

static int split(struct command *c)
{
	char *set[COMMAND_ARGS_MAX];
	size_t n = 0, n_set = 0;

	for (char *word = strtok(c->text, " "); word; word = strtok(NULL, " "))
		if (n + n_set == COMMAND_ARGS_MAX)
			return -E2BIG;
		else if (!n && is_variable(word))
			set[n_set++] = word;
		else
			c->argv[n++] = word;
	c->argv[n] = NULL;
	return n ? make_env(c, set, n_set) : -EINVAL;
}

int command_make(struct command *c, const char *line,
		 const struct sockaddr_un *front_end,
		 const struct sockaddr_un *inject)
{
	const struct placeholder all[PLACEHOLDERS] = {
		{ "{fd}", "3", 1 },
		{ "{inject-fd}", "4", 1 },
		{ "{socket}", front_end->sun_path,
		  strlen(front_end->sun_path) },
		{ "{socket-}", front_end->sun_path,
		  strlen(front_end->sun_path) - 1 },
		{ "{inject}", inject->sun_path, strlen(inject->sun_path) },
	};
	char *to = c->text;
	const char *end =
		c->text + sizeof(c->text) - sizeof(front_end->sun_path);

	while (*line) {
		if (to >= end)
			return -E2BIG;
		to = expand(all, &line, to);
	}
	*to = '\0';
	return split(c);
}
