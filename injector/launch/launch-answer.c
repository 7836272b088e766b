/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include "injector/launch/launch-answer.h"
#include "injector/process/launch-child.h"

/* A character that was cut is not UTF-8: then '?' stands for non-ASCII. */
static json_t *answer_text(char *text)
{
	json_t *json = json_string(text);

	if (json)
		return json;
	for (char *c = text; *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	return json_string(text);
}

json_t *launch_answer_error(const char *fmt, ...)
{
	char text[LAUNCH_WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_pack("{s:b, s:o}", "ok", 0, "error", answer_text(text));
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
