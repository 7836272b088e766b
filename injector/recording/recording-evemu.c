/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/recording/recording-evemu.h"

/* After "E:": the time, the type and the code in hex, the value. */
static int read_evemu_event(struct recording *rec, const char *text,
			    struct fault *f)
{
	long number[3];
	int64_t time_us;

	text += strspn(text, RECORDING_BLANKS);
	if (recording_time(text, &text, &time_us))
		return fault_set(f, "no valid time after E:");
	if (recording_lines_number(&text, 16, &number[0]))
		return fault_set(f, "no valid type after the time");
	if (recording_lines_number(&text, 16, &number[1]))
		return fault_set(f, "no valid code after the type");
	if (recording_lines_number(&text, 10, &number[2]))
		return fault_set(f, "no valid value after the code");
	text += strspn(text, RECORDING_BLANKS);
	if (*text && *text != '#')
		return fault_set(f, "unexpected %.40s after the value", text);
	return recording_add_numbers(rec, time_us, number, f);
}

/* The other lines describe the device. */
int recording_evemu_line(struct recording_lines *l, char *line, struct fault *f)
{
	if (*line == '#')
		recording_slot_line(&l->slot, line);
	/* A terminal shows "^C" where evemu-record was interrupted. */
	if (!*line || *line == '#' || strncmp(line, "^C", 2) == 0)
		return 0;
	if (line[1] != ':' || !strchr("ENIPBALS", line[0]))
		return fault_set(f, "not a line of evemu-record: %.20s", line);
	return *line == 'E' ? read_evemu_event(l->rec, line + 2, f) : 0;
}
