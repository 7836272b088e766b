/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-commands.h"
#include "input/base/near.h"

#define VERB_ROW(name) &INJECT_VERB(name)
const struct inject_verb *const inject_verbs[] = { INJECT_VERBS(VERB_ROW),
						   NULL };

#define VERBS (sizeof(inject_verbs) / sizeof(inject_verbs[0]))

/* word: of a command, or NULL. Return: its verb, NULL with the fault. */
static const struct inject_verb *read_verb(const char *word, struct fault *f)
{
	const char *names[VERBS];

	if (!word || strcmp(word, "then") == 0) {
		fault_set(f, "missing command%s", word ? " before then" : "");
		return NULL;
	}
	for (size_t i = 0; inject_verbs[i]; i++) {
		if (strcmp(inject_verbs[i]->name, word) == 0)
			return inject_verbs[i];
		names[i] = inject_verbs[i]->name;
	}
	names[VERBS - 1] = NULL;
	fault_set(f, "unknown command %.40s%s", word,
		  fault_hint(near_word(names, word)));
	return NULL;
}

static int check_operands(const struct inject_command *c, struct fault *f)
{
	const struct inject_verb *v = c->verb;

	if (c->n >= v->min && c->n <= v->max)
		return 0;
	return fault_set(f, "%s: too %s operands; usage: %s %s", v->name,
			 c->n < v->min ? "few" : "many", v->name, v->usage);
}

/* Options, operands and "then". Return: the number of words, or -EINVAL. */
static int read_words(struct inject_command *c, char **word, struct fault *f)
{
	bool options_end = false;
	size_t i = 0;

	while (word[i]) {
		int taken = 1;

		c->goes_on = !options_end && strcmp(word[i], "then") == 0;
		if (c->goes_on)
			return (int)i + 1;
		if (!options_end && strcmp(word[i], "--") == 0)
			options_end = true;
		else if (!options_end && strncmp(word[i], "--", 2) == 0)
			taken = inject_settings_take(&c->set, c->verb->options,
						     &word[i], f);
		else
			c->operand[c->n++] = word[i];
		if (taken < 0)
			return taken;
		i += (size_t)taken;
	}
	return (int)i;
}

/* Return: the number of words, or a negative errno with the fault. */
static int read_command(struct inject_command *c, char **word, struct fault *f)
{
	size_t first = 0, n;
	int r;

	if (word[0] && word[0][0] == '@') {
		c->address = &word[0][1];
		first = 1;
		if (!*c->address) {
			fault_set(f, "missing address after @");
			return -EINVAL;
		}
	}
	c->verb = read_verb(word[first], f);
	if (!c->verb)
		return -EINVAL;
	c->set = c->verb->defaults;
	for (n = ++first; word[n];)
		n++;
	/* With room for NULL behind the operands. */
	c->operand = calloc(n - first + 1, sizeof(*c->operand));
	if (!c->operand)
		return fault_no_memory(f);
	r = read_words(c, word + first, f);
	if (r < 0 || check_operands(c, f))
		return r < 0 ? r : -EINVAL;
	return (int)first + r;
}

static void command_fini(struct inject_command *c)
{
	if (c->plan && c->verb->fini)
		c->verb->fini(c->plan);
	free(c->plan);
	free(c->operand);
}

/* Return: one more, NULL: no memory. */
static struct inject_command *append_command(struct inject_commands *list)
{
	struct inject_command *grown =
		realloc(list->command, (list->n + 1) * sizeof(*list->command));
	struct inject_command *c;

	if (!grown)
		return NULL;
	list->command = grown;
	c = &list->command[list->n++];
	*c = (struct inject_command){ .verb = NULL };
	return c;
}

int inject_commands_read(struct inject_commands *list, char **word,
			 struct inject_context *ctx, struct fault *f)
{
	struct inject_command *c;
	int r;

	*list = INJECT_COMMANDS_NULL;
	do {
		c = append_command(list);
		if (!c)
			return fault_no_memory(f);
		r = read_command(c, word, f);
		if (r < 0)
			return r;
		word += r;
		r = c->verb->prepare ? c->verb->prepare(c, ctx, f) : 0;
	} while (!r && c->goes_on);
	return r;
}

void inject_commands_fini(struct inject_commands *list)
{
	for (size_t i = 0; i < list->n; i++)
		command_fini(&list->command[i]);
	free(list->command);
}

/* --- running --- */

/* An address holds for the following commands, too. */
static int select_device(const struct inject_command *c, struct inject_run *run,
			 const char **to)
{
	const char *name = c->address ? c->address : *to;
	int r;

	if (c->verb->local)
		return 0;
	if (c->own_devices)
		return c->verb->open(c, run);
	if (!name)
		name = c->verb->label;
	/* A verb for any device uses that of the command before. */
	if (!name && run->to)
		return 0;
	if (!name && run->mode == INJECT_MODE_REAL)
		return fault_set(&run->fault,
				 "%s requires a device: use --to=ADDRESS or "
				 "@ADDRESS",
				 c->verb->name);
	r = inject_run_to(run, name ? name : "");
	if (!r && c->address)
		*to = run->to->name;
	return r;
}

/* What the command wants of the guest. */
static void set_rules(const struct inject_command *c,
		      struct inject_rules *rules)
{
	const uint64_t pressure = INJECT_OPT(PRESSURE);

	rules->now_lenient = rules->lenient || c->set.lenient;
	rules->lasting = c->verb->lasting;
	rules->pressure =
		c->verb->options & pressure && !(c->set.given & pressure);
}

static int prepare_device(const struct inject_command *c,
			  struct inject_run *run, const char **to)
{
	int r;

	set_rules(c, &run->rules);
	r = select_device(c, run, to);
	if (r || c->verb->local || c->own_devices)
		return r;
	return inject_run_need_guest(run);
}

static int run_command(const struct inject_command *c, struct inject_run *run)
{
	int r;

	inject_run_begin(run);
	r = c->verb->run(c, run);
	return r ? r : inject_run_settle(run);
}

int inject_commands_run(const struct inject_commands *list,
			struct inject_run *run, const char **to)
{
	struct inject_device *before = run->to;
	const char *at = *to;
	int r = 0;

	for (size_t i = 0; !r && i < list->n; i++)
		r = prepare_device(&list->command[i], run, &at);
	run->to = before;
	for (size_t i = 0; !r && i < list->n; i++) {
		const struct inject_command *c = &list->command[i];

		r = prepare_device(c, run, to);
		if (!r)
			r = run_command(c, run);
	}
	return r;
}
