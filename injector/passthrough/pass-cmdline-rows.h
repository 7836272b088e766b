/* SPDX-License-Identifier: Apache-2.0 */
/* The options of vinput-passthrough: a row each, and what it does. */
#ifndef VINPUT_PASS_CMDLINE_ROWS_H
#define VINPUT_PASS_CMDLINE_ROWS_H

#include "injector/passthrough/pass-options.h"
#include "input/base/cmdline.h"

/* The rows' functions find o by line. */
struct pass_parser {
	struct pass_options *o;
	struct cmdline line;
};

extern const struct cmdline_option pass_cmdline_rows[];
extern const int pass_cmdline_n_rows;

/* Return: an option about serving that was given, or NULL. */
const char *pass_cmdline_given_service(const struct pass_parser *p);

#endif
