/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/recording/event-word.h"
#include "injector/recording/recording-ours.h"

int recording_ours_line(struct recording_lines *l, char *line, struct fault *f)
{
	char *word, *rest;
	const char *end;
	int64_t time_us;
	int r = 0;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, RECORDING_BLANKS, &rest);
	if (!word)
		return 0;
	if (recording_time(word, &end, &time_us) || *end)
		return fault_set(f,
				 "a line must begin with its time in seconds, "
				 "not with %.40s",
				 word);
	word = strtok_r(NULL, RECORDING_BLANKS, &rest);
	if (!word)
		return fault_set(f,
				 "missing event; write - for a frame without "
				 "events");
	if (strcmp(word, "-") == 0)
		word = strtok_r(NULL, RECORDING_BLANKS, &rest);
	for (; !r && word; word = strtok_r(NULL, RECORDING_BLANKS, &rest)) {
		struct vi_event ev;

		r = event_word_read(&ev, word, f);
		if (!r)
			r = recording_add(l->rec, time_us, &ev, f);
	}
	return r ? r : recording_end_frame(l->rec, time_us, f);
}
