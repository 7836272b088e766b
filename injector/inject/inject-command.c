/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/inject/inject-command.h"

int inject_command_points(const struct inject_command *c,
			  const struct inject_context *ctx,
			  struct inject_point *p, struct fault *f)
{
	int r = 0;

	if (c->n % 2)
		return fault_set(f, "%s: y is missing behind x %s",
				 c->verb->name, c->operand[c->n - 1]);
	for (size_t i = 0; !r && i < c->n; i += 2)
		r = inject_point_read(&p[i / 2], &c->operand[i], &ctx->screen,
				      f);
	return r;
}
