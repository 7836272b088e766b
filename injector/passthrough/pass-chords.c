/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "injector/passthrough/pass-chords.h"
#include "input/base/log.h"
#include "input/spec/spec-names.h"

static bool can_play(const struct pass_options *o,
		     const struct pass_members *members, int command)
{
	const struct pass_member *m;

	if (!o->chord[command].n || o->all)
		return o->chord[command].n;
	TAILQ_FOREACH (m, members, link)
		if (pass_member_lacks(m, &o->chord[command]) < 0)
			return true;
	return false;
}

static void refuse_chord(const struct pass_options *o,
			 const struct pass_members *members, int command)
{
	static const char *const option[PASS_COMMANDS] = { "toggle", "next",
							   "exit" };
	const struct pass_member *m = TAILQ_FIRST(members);
	const int key = pass_member_lacks(m, &o->chord[command]);
	const char *name = names_code(EV_KEY, (unsigned int)key);

	if (o->n_devices == 1)
		log_line(LOG_ERROR, CULPRIT_NONE, "--%s: \"%s\" has no %s",
			 option[command], m->spec.name, name);
	else
		log_line(LOG_ERROR, CULPRIT_NONE,
			 "--%s=%s: no device has all of these keys",
			 option[command], o->chord_text[command]);
}

int pass_chords_check(const struct pass_options *o,
		      const struct pass_members *members)
{
	for (int c = 0; c < PASS_COMMANDS; c++) {
		if (!o->chord_text[c] || !o->chord[c].n ||
		    can_play(o, members, c))
			continue;
		refuse_chord(o, members, c);
		return -EINVAL;
	}
	return 0;
}

void pass_chords_say(const struct pass_options *o,
		     const struct pass_members *members)
{
	static const char *const what[PASS_COMMANDS] = {
		"gives the devices to the host and back",
		"gives the devices to the next guest", "ends the program"
	};

	for (int c = 0; c < PASS_COMMANDS; c++)
		if (can_play(o, members, c))
			log_line(LOG_INFO, CULPRIT_NONE, "%s %s",
				 o->chord_text[c] ? o->chord_text[c]
						  : PASS_USUAL_EXIT,
				 what[c]);
}
