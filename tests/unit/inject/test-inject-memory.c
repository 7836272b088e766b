/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject's commands while memory runs out, at each of the places where
 * they allocate some: all say so, and sanitizers see that nothing is lost.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-words.h"
#include "tests/lib/check.h"

/* --- memory that runs out: libraries, which need not survive it, have some ---
 */

static unsigned int left; /* including the one that fails; 0: none does */
static bool failed;

/* Let the nth allocation of the program's own code from now on fail, from 1. */
static void scarce_memory_begin(unsigned int nth)
{
	left = nth;
	failed = false;
}

/* Return: whether that one has failed. From now on, none does. */
static bool scarce_memory_end(void)
{
	left = 0;
	return failed;
}

/* The linker's: where the program's own code is. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
extern const char __executable_start[], etext[];

static bool is_refused(const void *caller)
{
	const uintptr_t at = (uintptr_t)caller;

	if (!left || at < (uintptr_t)__executable_start ||
	    at >= (uintptr_t)etext || --left)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

#define IS_REFUSED() is_refused(__builtin_return_address(0))

/* --- in place of libc's --- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *calloc(size_t nmemb, size_t size)
{
	void *new = IS_REFUSED() ? NULL : malloc(nmemb * size);

	/* Of memset() the compiler would make a calloc(). */
	if (new)
		explicit_bzero(new, nmemb * size);
	return new;
}

void *realloc(void *old, size_t size)
{
	void *new = IS_REFUSED() ? NULL : malloc(size);
	const size_t had = malloc_usable_size(old);

	if (!new)
		return NULL;
	if (old)
		memcpy(new, old, had < size ? had : size);
	free(old);
	return new;
}

char *strdup(const char *s)
{
	const size_t size = strlen(s) + 1;
	char *new = IS_REFUSED() ? NULL : malloc(size);

	return new ? memcpy(new, s, size) : NULL;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* --- commands --- */

static const char *const lines[] = {
	"key a+b c then key ctrl --layout=de",
	"type a b --layout=us,ru --xkb-options=grp:caps_toggle",
	"type a --compose --locale=en_US.UTF-8",
	"click then click left right",
	"move 1 1 then moveto 1 1",
	"scroll down then scroll 1 2 then turn 1",
	"tap 1 2 then swipe 1 2 3 4 then pinch 1 2 3 4 then rotate 1 2 3",
	"pen 1 2",
	"pad a+b lstick=1,1",
	"switch lid on",
	"@x raw KEY_A=1 then release then sleep 1",
	"@x play tests/data/inject/two-keys.txt",
	"play tests/data/inject/two-keys.txt --map=1:a",
};

/* Return: as the part that fails does, else of a dry run. */
static int dry_run(const char *line, FILE *out, struct fault *f)
{
	struct inject_context ctx = { .line = 0 };
	struct inject_commands list = INJECT_COMMANDS_NULL;
	static struct inject_run run;
	struct inject_words words;
	const char *to = NULL;
	int r = inject_words_split(&words, line, f);

	if (!r)
		r = inject_commands_read(&list, words.word, &ctx, f);
	if (!r) {
		inject_run_init(&run, INJECT_MODE_DRY, out);
		r = inject_commands_run(&list, &run, &to);
		*f = run.fault;
		inject_run_fini(&run);
	}
	inject_commands_fini(&list);
	inject_words_fini(&words);
	return r;
}

static void short_memory_is_said_wherever_it_is(void **state)
{
	FILE *out = fopen("/dev/null", "we");
	struct fault none, fault;

	assert_non_null(out);
	fault_no_memory(&none);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		unsigned int n = 0;
		int r;

		do {
			fault = (struct fault){ "" };
			scarce_memory_begin(++n);
			r = dry_run(lines[i], out, &fault);
			if (scarce_memory_end() !=
			    (r == -ENOMEM && strstr(fault.text, none.text)))
				fail_msg("%s, at %u: %d %s", lines[i], n, r,
					 fault.text);
		} while (r);
		assert_true(n > 5);
	}
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_memory_is_said_wherever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
