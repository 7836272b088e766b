/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the filters of sandbox-filters.h as C, when the program is built:
 *
 *	make-filters >FILE
 *
 * The only instruction that differs between two processes compares with the
 * process's ID; where it stands is found by making each filter for two.
 */
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "input/sandbox/sandbox-filters.h"
#include "input/sandbox/sandbox-rules.h"

#define ONE_PID	  0x71717171
#define OTHER_PID 0x72727272

static const unsigned int all_calls[] = { SANDBOX_ASKED };
static const struct {
	enum sandbox_mode mode;
	const char *name;
} modes[] = {
	{ SANDBOX_ON, "SANDBOX_ON" },
	{ SANDBOX_LOG, "SANDBOX_LOG" },
};

#define N_MODES	  (sizeof(modes) / sizeof(modes[0]))
#define N_FILTERS (N_MODES * sizeof(all_calls) / sizeof(all_calls[0]))

struct code {
	struct sock_filter at[SANDBOX_CODE_MAX];
	size_t n;
};

static void die(const char *what)
{
	fprintf(stderr, "make-filters: %s\n", what);
	exit(EXIT_FAILURE);
}

static void make_code(struct code *code, size_t which, pid_t pid)
{
	const enum sandbox_mode mode = modes[which % N_MODES].mode;
	const unsigned int calls = all_calls[which / N_MODES];
	FILE *file = tmpfile();
	scmp_filter_ctx ctx = NULL;

	if (!file || sandbox_rules(&ctx, mode, calls, pid))
		die("libseccomp makes no filter");
	if (seccomp_export_bpf(ctx, fileno(file)))
		die("libseccomp exports no filter");
	seccomp_release(ctx);
	rewind(file);
	code->n = fread(code->at, sizeof(code->at[0]), SANDBOX_CODE_MAX, file);
	if (!code->n || code->n == SANDBOX_CODE_MAX)
		die("a filter is too long");
	fclose(file);
}

/* Return: the index of the only instruction that differs, by its k. */
static size_t find_pid(const struct code *one, const struct code *other)
{
	size_t found = SANDBOX_CODE_MAX;

	if (one->n != other->n)
		die("filters of two processes differ in length");
	for (size_t i = 0; i < one->n; i++) {
		const struct sock_filter *a = &one->at[i], *b = &other->at[i];

		if (a->code != b->code || a->jt != b->jt || a->jf != b->jf)
			die("filters of two processes differ");
		if (a->k == b->k)
			continue;
		if (found < SANDBOX_CODE_MAX || a->k != ONE_PID ||
		    b->k != OTHER_PID)
			die("filters of two processes differ by more than an "
			    "ID");
		found = i;
	}
	if (found == SANDBOX_CODE_MAX)
		die("no process ID in a filter");
	return found;
}

static void print_code(const struct code *code)
{
	for (size_t i = 0; i < code->n; i++)
		printf("\t{ 0x%x, %u, %u, 0x%x },\n", code->at[i].code,
		       code->at[i].jt, code->at[i].jf, code->at[i].k);
}

int main(void)
{
	static struct code one, other;
	size_t pid_at[N_FILTERS], n[N_FILTERS], first = 0;

	printf("#define SANDBOX_FILTERS_MADE\n"
	       "static const struct sock_filter codes[] = {\n");
	for (size_t i = 0; i < N_FILTERS; i++) {
		make_code(&one, i, ONE_PID);
		make_code(&other, i, OTHER_PID);
		pid_at[i] = find_pid(&one, &other);
		n[i] = one.n;
		print_code(&one);
	}
	printf("};\n");
	printf("static const struct sandbox_filter filters[] = {\n");
	for (size_t i = 0; i < N_FILTERS; i++) {
		printf("\t{ %s, %u, %zu, %zu, %zu },\n",
		       modes[i % N_MODES].name, all_calls[i / N_MODES], first,
		       n[i], pid_at[i]);
		first += n[i];
	}
	printf("};\n");
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
