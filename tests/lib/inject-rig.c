/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <stdlib.h>
#include "injector/inject/inject-words.h"
#include "tests/lib/inject-rig.h"

int both_setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));
	void *rig = NULL;

	assert_non_null(b);
	rig_setup(&rig);
	b->rig = rig;
	process_init(&b->inject, "vinput-inject");
	process_capture(&b->inject);
	*state = b;
	return 0;
}

int both_teardown(void **state)
{
	struct both *b = *state;
	void *rig = b->rig;

	process_fini(&b->inject);
	free(b);
	return rig_teardown(&rig);
}

void inject_add_words(struct process *p, const char *line)
{
	struct inject_words words;
	struct fault fault;

	assert_ok(inject_words_split(&words, line, &fault));
	for (size_t i = 0; i < words.n; i++)
		process_arg(p, "%s", words.word[i]);
	inject_words_fini(&words);
}

void both_start(struct both *b, const char *line)
{
	process_arg(&b->inject, "--to=%s", b->rig->inject_path);
	process_arg(&b->inject, "--wait=10s");
	inject_add_words(&b->inject, line);
	process_start(&b->inject);
}
