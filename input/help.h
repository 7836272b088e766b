/* SPDX-License-Identifier: Apache-2.0 */
/* An option as --help prints it, in lines of 79 columns. */
#ifndef VINPUT_HELP_H
#define VINPUT_HELP_H

/* value: NULL for none. column: where the help begins. */
void help_option(const char *name, const char *value, const char *help,
		 int column);

#endif
