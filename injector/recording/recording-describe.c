/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/recording/recording-describe.h"
#include "input/spec/spec-recording.h"

static const char *next_line(const char *line, const char *end)
{
	const char *nl = memchr(line, '\n', (size_t)(end - line));

	return nl ? nl + 1 : end;
}

static bool begins_device(const char *line, const char *end)
{
	static const char begin[] = "- node:";
	const size_t len = strlen(begin);

	while (line < end && *line == ' ')
		line++;
	return (size_t)(end - line) >= len && memcmp(line, begin, len) == 0;
}

/*
 * Of several devices, which only libinput record describes, find the n-th.
 * Return: where it begins; the text, if there is none.
 */
static const char *find_device(const char *text, const char *end,
			       unsigned int n)
{
	for (const char *line = text; line < end; line = next_line(line, end))
		if (begins_device(line, end) && --n == 0)
			return line;
	return text;
}

static unsigned int line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int recording_describe(struct recording_device *dev, const char *text,
		       size_t len, unsigned int device,
		       struct recording_fault *f)
{
	const char *end = text + len;
	const char *begin = find_device(text, end, device);
	struct template_fault wrong;
	struct spec spec;

	*dev = (struct recording_device){ .spec = NULL };
	if (spec_recording_read(&spec, begin, (size_t)(end - begin), &wrong)) {
		f->line = line_of(text, wrong.at);
		return fault_set(&f->why, "%s", wrong.text);
	}
	for (unsigned int code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *abs = &spec.abs[code];

		dev->abs[code].known = abs->min < abs->max;
		dev->abs[code].min = abs->min;
		dev->abs[code].max = abs->max;
	}
	return 0;
}
