/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "injector/inject/inject-command.h"

void *inject_command_plan(struct inject_command *c, size_t n, size_t size,
			  struct fault *f)
{
	c->plan = calloc(n, size);
	if (!c->plan)
		fault_no_memory(f);
	return c->plan;
}

int inject_command_points(const struct inject_command *c,
			  const struct inject_context *ctx,
			  struct inject_point *p, struct fault *f)
{
	int r = 0;

	if (c->n % 2)
		return fault_set(f, "%s: missing y after x %s", c->verb->name,
				 c->operand[c->n - 1]);
	for (size_t i = 0; !r && i < c->n; i += 2)
		r = inject_point_read(&p[i / 2], &c->operand[i], &ctx->screen,
				      f);
	return r;
}

void inject_command_note(const struct inject_context *ctx, const char *text)
{
	fflush(stdout);
	fputs("vinput-inject: ", stderr);
	if (ctx->line)
		fprintf(stderr, "line %zu: ", ctx->line);
	fprintf(stderr, "%s\n", text);
}

int inject_command_claim_stdin(const struct inject_command *c,
			       struct inject_context *ctx, struct fault *f)
{
	if (ctx->stdin_used)
		return fault_set(f, "%s: standard input is already in use",
				 c->verb->name);
	ctx->stdin_used = true;
	return 0;
}
