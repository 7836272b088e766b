/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-lines.h"

int recording_lines_number(const char **text, int base, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(*text, &end, base);
	if (errno || end == *text ||
	    (*end && !strchr(RECORDING_BLANKS "#", *end)))
		return -EINVAL;
	*text = end;
	return 0;
}

int recording_lines_wanted(struct recording_lines *l, const char *name,
			   size_t len, struct fault *f)
{
	int number;

	if (!len)
		return 1;
	number = recording_devices_number(l->devices, name, len, f);
	return number < 0 ? number
			  : recording_devices_want(l->devices,
						   (unsigned int)number);
}

/* Cut off white space at both ends, with the CR of a DOS file. */
static char *trim(char *line)
{
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line + strspn(line, RECORDING_BLANKS);
}

/* text: has room for a byte behind its end, and is changed. */
static int split_lines(struct recording_lines *l, char *text, size_t len,
		       recording_line_fn *read_line, struct recording_fault *f)
{
	char *line = text, *end = text + len;

	for (f->line++; line < end; f->line++) {
		char *nl = memchr(line, '\n', (size_t)(end - line));
		int r;

		if (!nl)
			nl = end;
		*nl = '\0';
		l->rec->line = f->line;
		r = memchr(line, '\0', (size_t)(nl - line))
			    ? fault_set(&f->why, "the line contains a NUL byte")
			    : read_line(l, trim(line), &f->why);
		if (r)
			return r;
		line = nl + 1;
	}
	return 0;
}

int recording_lines_read(struct recording_lines *l, const char *text,
			 size_t len, recording_line_fn *read_line,
			 struct recording_fault *f)
{
	char *copy = malloc(len + 1);
	int r;

	if (!copy)
		return fault_no_memory(&f->why);
	memcpy(copy, text, len);
	r = split_lines(l, copy, len, read_line, f);
	free(copy);
	return r;
}
