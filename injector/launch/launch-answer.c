/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/launch/launch-answer.h"
#include "injector/process/launch-child.h"

json_t *launch_answer_text(const char *text)
{
	json_t *json = json_string(text);
	char *ascii = json ? NULL : strdup(text);

	for (char *c = ascii; c && *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	if (ascii)
		json = json_string(ascii);
	free(ascii);
	return json;
}

json_t *launch_answer_error(const char *fmt, ...)
{
	char text[LAUNCH_WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_pack("{s:b, s:o}", "ok", 0, "error",
			 launch_answer_text(text));
}

json_t *launch_answer_ok(void)
{
	return json_pack("{s:b}", "ok", 1);
}

json_t *launch_answer_not_ready(void)
{
	return launch_answer_error("the launcher is not ready");
}

json_t *launch_answer_ending(void)
{
	return launch_answer_error("the launcher is ending");
}
