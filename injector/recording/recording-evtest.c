/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-evtest.h"

/* Take " type 1 (EV_KEY)" with the key "type". Return: 0 or -EINVAL. */
static int lines_take_field(const char **text, const char *key, long *out)
{
	size_t len = strlen(key);
	char *end;

	*text += strspn(*text, ", ");
	if (strncmp(*text, key, len) != 0)
		return -EINVAL;
	errno = 0;
	*out = strtol(*text + len, &end, 10);
	if (errno || end == *text + len)
		return -EINVAL;
	*text = end;
	end += strspn(end, " ");
	if (*end == '(')
		*text = end + strcspn(end, ",");
	return 0;
}

static int read_evtest_fields(struct recording *rec, int64_t time_us,
			      const char *text, struct fault *f)
{
	long number[3];

	if (lines_take_field(&text, "type ", &number[0]))
		return fault_set(f, "no valid type after the time");
	if (lines_take_field(&text, "code ", &number[1]))
		return fault_set(f, "no valid code after the type");
	if (lines_take_field(&text, "value ", &number[2]))
		return fault_set(f, "no valid value after the code");
	/* evtest writes scan codes in hex; they are not needed. */
	if (*text && (number[0] != EV_MSC || number[1] != MSC_SCAN))
		return fault_set(f, "unexpected %.40s after the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

int recording_evtest_line(struct recording_lines *l, char *line,
			  struct fault *f)
{
	static const char begin[] = "Event: time ";
	const char *text;
	int64_t time_us;

	/* Lines before the events describe the device. */
	if (strncmp(line, begin, strlen(begin)) != 0)
		return 0;
	text = line + strlen(begin);
	if (recording_time(text, &text, &time_us) || *text != ',')
		return fault_set(f, "no valid time after Event: time");
	if (!strstr(text, "-----"))
		return read_evtest_fields(l->rec, time_us, text, f);
	if (!strstr(text, "SYN_REPORT"))
		return 0;
	return recording_end_frame(l->rec, time_us, f);
}
