/* SPDX-License-Identifier: Apache-2.0 */
/* When a spec is another one, and who gets it when. */
#include "tests/lib/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/serve/spec-change.h"
#include "tests/lib/array.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

struct world {
	struct spec_change change;
	struct spec now, file;
	bool wrong; /* the file */
};

static struct world w;

static int read_file(struct spec *spec, const void *arg)
{
	assert_ptr_equal(arg, &w);
	*spec = w.file;
	return w.wrong;
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	event_text_device("KEY_A, SW_LID, ABS_X -9..9 rest 0, ABS_Y 0..9",
			  &w.now);
	strcpy(w.now.name, "a");
	strcpy(w.now.serial, "1");
	w.now.abs[ABS_Y].has_initial = true;
	w.now.has_repeat = true;
	w.file = w.now;
	fill_with_garbage(&w.change);
	spec_change_init(&w.change, &w.now);
	spec_change_set_reader(&w.change, read_file, &w);
	return 0;
}

static int teardown(void **state)
{
	spec_change_fini(&w.change);
	return 0;
}

/* A driver that looks at it and starts. */
static const struct spec *started(void)
{
	spec_change_look(&w.change, false);
	return spec_change_start(&w.change);
}

/* The first bytes of fields of which each makes another device. */
#define FIELD(member) offsetof(struct spec, member)
#define AXIS(member)  FIELD(abs[ABS_X].member), FIELD(abs[ABS_Y].member)
static const size_t fields[] = {
	FIELD(name[0]),
	FIELD(serial[0]),
	FIELD(ids.bustype),
	FIELD(ids.vendor),
	FIELD(ids.product),
	FIELD(ids.version),
	FIELD(props[0]),
	FIELD(props[SPEC_BITMAP_LEN - 1]),
	FIELD(bits[EV_KEY][0]),
	FIELD(bits[EV_MAX][SPEC_BITMAP_LEN - 1]),
	FIELD(initial_sw[0]),
	FIELD(exact),
	FIELD(has_repeat),
	FIELD(repeat_delay_ms),
	FIELD(repeat_period_ms),
	AXIS(min),
	AXIS(max),
	AXIS(fuzz),
	AXIS(flat),
	AXIS(res),
	AXIS(has_rest),
	AXIS(unclamped),
	AXIS(has_initial),
	FIELD(abs[ABS_X].rest),
	FIELD(abs[ABS_Y].initial),
};

/* Does nothing if it is done twice. */
static void flip(size_t field)
{
	((uint8_t *)&w.file)[field] ^= 1;
}

static void whatever_differs_is_a_change(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		assert_num(spec_change_read(&w.change), 0);
		flip(fields[i]);
		if (spec_change_read(&w.change) != 1)
			fail_msg("%zu", i);
		assert_num(spec_change_read(&w.change), 0);
		assert_memory_equal(w.change.next, &w.file, sizeof(w.file));
		/* And back, before anybody has looked. */
		flip(fields[i]);
		assert_num(spec_change_read(&w.change), 1);
		assert_null(started());
	}
}

static void what_has_no_meaning_is_no_change(void **state)
{
	w.file.abs[ABS_Y].rest = 3;
	w.file.abs[ABS_X].initial = 3;
	w.file.abs[ABS_Z].max = 3;
	assert_num(spec_change_read(&w.change), 0);
	w.now.has_repeat = w.file.has_repeat = false;
	w.file.repeat_delay_ms = 3;
	assert_num(spec_change_read(&w.change), 0);
}

static void only_who_has_looked_gets_it(void **state)
{
	assert_null(started());
	strcpy(w.file.name, "b");
	assert_num(spec_change_read(&w.change), 1);
	assert_null(spec_change_start(&w.change));
	assert_ptr_equal(spec_change_look(&w.change, true), &w.now);
	assert_null(spec_change_start(&w.change));
	assert_string_equal(spec_change_look(&w.change, false)->name, "b");
	spec_change_reset(&w.change);
	assert_null(spec_change_start(&w.change));
	/* Another one came after it had looked. */
	spec_change_look(&w.change, false);
	strcpy(w.file.name, "c");
	assert_num(spec_change_read(&w.change), 1);
	assert_null(spec_change_start(&w.change));
	assert_string_equal(started()->name, "c");
	assert_string_equal(spec_change_look(&w.change, false)->name, "c");
	assert_null(started());
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	strcpy(w.file.name, "b");
	w.wrong = true;
	assert_num(spec_change_read(&w.change), -EINVAL);
	assert_null(started());
	w.wrong = false;
	assert_num(spec_change_read(&w.change), 1);
	w.wrong = true;
	assert_num(spec_change_read(&w.change), -EINVAL);
	assert_string_equal(started()->name, "b");
	spec_change_set_reader(&w.change, NULL, NULL);
	assert_num(spec_change_read(&w.change), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whatever_differs_is_a_change),
		T(what_has_no_meaning_is_no_change),
		T(only_who_has_looked_gets_it),
		T(what_cannot_be_read_changes_nothing),
	};

	return cmocka_run_group_tests_name("spec-change", tests, NULL, NULL);
}
