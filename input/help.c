/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "help.h"

#define WIDTH 79

static void print_wrapped(const char *text, int column)
{
	const size_t room = (size_t)(WIDTH - column);

	while (strlen(text) > room) {
		const char *end = text + room;

		while (*end != ' ')
			end--;
		printf("%.*s\n%*s", (int)(end - text), text, column, "");
		text = end + 1;
	}
	puts(text);
}

void help_option(const char *name, const char *value, const char *help,
		 int column)
{
	int len = printf("  --%s%s%s", name, value ? "=" : "",
			 value ? value : "");

	printf("%*s", len < column ? column - len : 2, "");
	print_wrapped(help, column);
}
