/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/recording/event-word.h"
#include "injector/recording/recording-write.h"

void recording_write_begin(struct recording_writer *w, FILE *out,
			   const char *title)
{
	*w = (struct recording_writer){ .out = out };
	fputs("# vinput recording 1\n", out);
	if (title)
		fprintf(out, "# %s\n", title);
}

static void recording_write_time(struct recording_writer *w, int64_t time_us)
{
	if (!w->begun)
		w->first_us = time_us;
	w->begun = true;
	time_us -= w->first_us;
	/* Readers reject a time before the previous one. */
	if (time_us < w->last_us)
		time_us = w->last_us;
	w->last_us = time_us;
	fprintf(w->out, "%lld.%06lld", (long long)time_us / 1000000,
		(long long)time_us % 1000000);
}

void recording_write(struct recording_writer *w, int64_t time_us,
		     const struct vi_event *ev)
{
	char text[EVENT_WORD_SIZE];

	if (!w->in_frame)
		recording_write_time(w, time_us);
	if (vi_is_syn_report(ev)) {
		fputs(w->in_frame ? "\n" : " -\n", w->out);
		w->in_frame = false;
		return;
	}
	w->in_frame = true;
	event_word_write(text, ev);
	fprintf(w->out, " %s", text);
}
