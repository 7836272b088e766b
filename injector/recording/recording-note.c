/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "injector/recording/recording-note.h"

/* ", and at N more places", or nothing; valid until the next call. */
static const char *and_more(const struct recording_odd *odd)
{
	static char text[48];

	text[0] = '\0';
	if (odd->n > 1)
		snprintf(text, sizeof(text), ", and at %u more place%s",
			 odd->n - 1, odd->n > 2 ? "s" : "");
	return text;
}

static void note_dropped(const struct recording *rec, struct fault *why)
{
	fault_set(why,
		  "SYN_DROPPED: the kernel lost events here%s; %u more up to "
		  "the next SYN_REPORT are left out",
		  and_more(&rec->dropped), rec->lost);
}

static void note_set_back(const struct recording *rec, struct fault *why)
{
	fault_set(why, "the clock was set back here%s; no time passes there",
		  and_more(&rec->set_back));
}

static void note_untimed(const struct recording *rec, struct fault *why)
{
	fault_set(why, "the recording has no times: its frames are 10 ms apart "
		       "(getevent -t writes them)");
}

bool recording_note(const struct recording *rec, unsigned int i,
		    struct recording_fault *note)
{
	const struct {
		const struct recording_odd *odd;
		void (*say)(const struct recording *rec, struct fault *why);
	} notes[] = {
		{ &rec->dropped, note_dropped },
		{ &rec->set_back, note_set_back },
		{ &rec->untimed, note_untimed },
	};

	for (size_t at = 0; at < sizeof(notes) / sizeof(notes[0]); at++) {
		if (!notes[at].odd->n || i--)
			continue;
		notes[at].say(rec, &note->why);
		recording_locate(note, rec, notes[at].odd->line);
		return true;
	}
	return false;
}
