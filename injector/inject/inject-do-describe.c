/* SPDX-License-Identifier: Apache-2.0 */
/* describe: a recording's device, or any spec, as a spec in our form. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-command.h"
#include "input/spec/spec-file.h"
#include "input/spec/spec-write.h"

static int prepare_describe(struct inject_command *c,
			    struct inject_context *ctx, struct fault *f)
{
	struct spec *spec = inject_command_plan(c, 1, sizeof(*spec), f);

	if (!spec)
		return -ENOMEM;
	if (spec_file_load(spec, c->operand[0], NULL, 0))
		return fault_set(f, "describe: %s does not describe a device",
				 c->operand[0]);
	return 0;
}

static int run_describe(const struct inject_command *c, struct inject_run *run)
{
	char *text;
	int r = 0;

	if (run->mode == INJECT_MODE_REHEARSE)
		return 0;
	text = spec_write(c->plan);
	if (!text)
		return fault_no_memory(&run->fault);
	if (puts(text) == EOF || fflush(stdout))
		r = fault_errno(&run->fault, -errno, "describe: %s",
				strerror(errno));
	free(text);
	return r;
}

const struct inject_verb inject_verb_describe = {
	.name = "describe",
	.usage = "FILE",
	.local = true,
	.min = 1,
	.max = 1,
	.prepare = prepare_describe,
	.run = run_describe,
};
