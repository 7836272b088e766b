/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the comparable form, a frame's multi-touch events come first, in their
 * order; the others follow, sorted by type and code.
 */
#include <libevdev/libevdev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/scenario.h"

size_t scenario_frame(const char *line, struct vi_event *ev, size_t max)
{
	char *copy = strdup(line), *rest = copy, *part;
	size_t n = 0;

	while ((part = strsep(&rest, ","))) {
		char name[64];
		int type, code, value;

		assert_true(n < max - 1);
		if (sscanf(part, " %63s %d", name, &value) != 2)
			fail_msg("scenario: '%s' is not an event", part);
		type = libevdev_event_type_from_code_name(name);
		code = libevdev_event_code_from_code_name(name);
		if (type < 0 || code < 0)
			fail_msg("scenario: unknown event '%s'", name);
		ev[n++] = vi_event((uint16_t)type, (uint16_t)code, value);
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	free(copy);
	return n;
}

void scenario_read(struct scenario *sc, const char *path)
{
	FILE *in = fopen(path, "re");
	bool expected = false;
	char line[4096];

	memset(sc, 0, sizeof(*sc));
	if (!in)
		fail_msg("%s is missing", path);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (line[0] == '\0')
			expected = true;
		else if (expected)
			sc->n_want += scenario_frame(
				line, sc->want + sc->n_want,
				SCENARIO_EVENTS_MAX - sc->n_want);
		else
			sc->n_in +=
				scenario_frame(line, sc->in + sc->n_in,
					       SCENARIO_EVENTS_MAX - sc->n_in);
	}
	fclose(in);
}

static bool is_mt(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) >= ABS_MT_SLOT;
}

/* The position of an event among those of its frame. */
static unsigned int rank(const struct vi_event *ev)
{
	if (is_mt(ev))
		return 0;
	if (vi_is_syn_report(ev))
		return UINT32_MAX;
	return (unsigned int)vi_type(ev) << 16 | vi_code(ev);
}

/* Stable, so that an event that occurs twice keeps its order. */
static void sort_frame(struct vi_event *ev, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct vi_event moved = ev[i];
		size_t at = i;

		for (; at > 0 && rank(&ev[at - 1]) > rank(&moved); at--)
			ev[at] = ev[at - 1];
		ev[at] = moved;
	}
}

/* The server chooses the ID of a contact. */
static bool is_contact_id(const struct vi_event *ev)
{
	return vi_type(ev) == EV_ABS && vi_code(ev) == ABS_MT_TRACKING_ID &&
	       vi_value(ev) >= 0 && vi_value(ev) <= UINT16_MAX;
}

static void print_event(FILE *out, const struct vi_event *ev)
{
	const char *name =
		libevdev_event_code_get_name(vi_type(ev), vi_code(ev));

	if (vi_is_syn_report(ev))
		fprintf(out, "\n");
	else if (is_contact_id(ev))
		fprintf(out, "%s some, ", name);
	else if (name)
		fprintf(out, "%s %d, ", name, vi_value(ev));
	else
		fprintf(out, "%u:%u %d, ", vi_type(ev), vi_code(ev),
			vi_value(ev));
}

char *scenario_text(const struct vi_event *ev, size_t n)
{
	struct vi_event *sorted = calloc(n + 1, sizeof(*ev));
	char *text = NULL;
	size_t len, begin = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(sorted);
	memcpy(sorted, ev, n * sizeof(*ev));
	for (size_t i = 0; i < n; i++) {
		if (!vi_is_syn_report(&ev[i]))
			continue;
		sort_frame(sorted + begin, i + 1 - begin);
		begin = i + 1;
	}
	for (size_t i = 0; i < n; i++)
		print_event(out, &sorted[i]);
	fclose(out);
	free(sorted);
	return text;
}
