/* SPDX-License-Identifier: Apache-2.0 */
/* A device that is passed on is the host's, and so are its events. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"

#define SCRIPT_MAX 4096
/* A node has space for some frames only. */
#define BATCH 16

struct script {
	struct vi_event ev[SCRIPT_MAX];
	size_t n;
};

static void add(struct script *s, uint16_t type, uint16_t code, int32_t value)
{
	assert_true(s->n < SCRIPT_MAX);
	s->ev[s->n++] = vi_event(type, code, value);
}

static void end_frame(struct script *s)
{
	if (s->n && !vi_is_syn_report(&s->ev[s->n - 1]))
		add(s, EV_SYN, SYN_REPORT, 0);
}

/* Each key goes down and up. */
static void script_keys(struct script *s, const struct spec *spec,
			uint16_t type)
{
	for (uint16_t code = 0; code < KEY_CNT; code++)
		for (int on = 1; spec_has(spec, type, code) && on >= 0; on--) {
			add(s, type, code, on);
			end_frame(s);
		}
}

static void script_motion(struct script *s, const struct spec *spec)
{
	static const int32_t steps[] = { 3, -5, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		for (uint16_t code = 0; code < REL_CNT; code++)
			if (spec_has(spec, EV_REL, code))
				add(s, EV_REL, code, steps[i]);
		end_frame(s);
	}
}

/* Also beyond the range. */
static void script_axes(struct script *s, const struct spec *spec)
{
	for (int i = 0; i < 5; i++) {
		for (uint16_t code = 0; code < ABS_CNT; code++) {
			const struct spec_abs *abs = &spec->abs[code];
			const int32_t values[] = { abs->max, abs->min,
						   abs->max + 7, abs->min - 7,
						   abs->max / 2 };

			if (spec_has(spec, EV_ABS, code) &&
			    !spec_is_mt(spec, code))
				add(s, EV_ABS, code, values[i]);
		}
		end_frame(s);
	}
}

static void script_contact(struct script *s, const struct spec *spec, int slot,
			   int step)
{
	add(s, EV_ABS, ABS_MT_SLOT, slot);
	if (!step)
		add(s, EV_ABS, ABS_MT_TRACKING_ID, 4000 + slot);
	for (uint16_t code = ABS_MT_TOUCH_MAJOR; code <= ABS_MT_TOOL_Y; code++)
		if (code != ABS_MT_TRACKING_ID && spec_has(spec, EV_ABS, code))
			add(s, EV_ABS, code,
			    spec->abs[code].max / (2 + slot + step));
}

/* Two fingers come, move, and leave, the first one last. */
static void script_contacts(struct script *s, const struct spec *spec)
{
	for (int step = 0; spec_slots(spec) > 1 && step < 3; step++) {
		script_contact(s, spec, 0, step);
		script_contact(s, spec, 1, step);
		end_frame(s);
	}
	for (int slot = 1; spec_slots(spec) > 1 && slot >= 0; slot--) {
		add(s, EV_ABS, ABS_MT_SLOT, slot);
		add(s, EV_ABS, ABS_MT_TRACKING_ID, -1);
		end_frame(s);
	}
}

static void write_script(struct script *s, const struct spec *spec)
{
	s->n = 0;
	script_keys(s, spec, EV_KEY);
	script_keys(s, spec, EV_SW);
	script_motion(s, spec);
	script_axes(s, spec);
	script_contacts(s, spec);
}

static void assert_same_events(struct pair *p, const struct script *s)
{
	struct heard host = { 0 }, guest = { 0 };
	size_t frames = 0, begin = 0;

	for (size_t i = 0; i < s->n; i++) {
		frames += vi_is_syn_report(&s->ev[i]);
		if (i + 1 < s->n && frames < BATCH)
			continue;
		node_emit(&p->host, s->ev + begin, i + 1 - begin);
		begin = i + 1;
		frames = 0;
		pair_hear(p, &host, &guest);
	}
	assert_false(host.lost);
	assert_true(host.n > 0);
	assert_heard_same(&guest, &host);
	heard_fini(&host);
	heard_fini(&guest);
}

static void check_shipped(const char *file)
{
	static struct script script;
	static struct spec spec;
	struct pair p;

	node_spec(&spec, file);
	node_plug(&p.host, &spec);
	pair_start(&p);
	assert_pair_is_equal(&p);
	write_script(&script, &spec);
	assert_same_events(&p, &script);
	pair_stop(&p);
	node_remove(&p.host);
}

void each_shipped_device_arrives_as_it_is(void **state)
{
	glob_t found;

	assert_num(glob("/specs/*.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (strstr(found.gl_pathv[i], ".schema."))
			continue;
		print_message("%s\n", found.gl_pathv[i]);
		check_shipped(found.gl_pathv[i]);
	}
	globfree(&found);
}
