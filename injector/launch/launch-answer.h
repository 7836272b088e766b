/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of the control socket that need no more than a text:
 * {"ok": true} and {"ok": false, "error": "..."}; and a text in any of them.
 * Each is to be freed; NULL if there is no memory. Any thread.
 */
#ifndef VINPUT_LAUNCH_ANSWER_H
#define VINPUT_LAUNCH_ANSWER_H

#include <jansson.h>

/*
 * A path, or what was cut within a character, may not be UTF-8, which JSON must
 * be: then '?' stands for each byte that is not ASCII.
 */
json_t *launch_answer_text(const char *text);
json_t *launch_answer_ok(void);
/* A text is cut after LAUNCH_WHY_MAX bytes; it need not be UTF-8. */
json_t *launch_answer_error(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
json_t *launch_answer_not_ready(void);
json_t *launch_answer_ending(void);

#endif
