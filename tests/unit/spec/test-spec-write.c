/* SPDX-License-Identifier: Apache-2.0 */
/* spec-write.h: what is written is read as the same device. */
#include <stdlib.h>
#include <string.h>

#include "input/spec/spec-read.h"
#include "input/spec/spec-write.h"
#include "tests/lib/check.h"

static void fail_on_diag(void *arg, const struct spec_diag *diag)
{
	fail_msg("%s", diag->text);
}

/* The kernel has names for them, ABS_MAX and so on, which are limits. */
static void last_codes_are_read_again(void **state)
{
	static struct spec spec, again;
	char *text;

	strcpy(spec.name, "All of them");
	bit_set(spec.bits[EV_KEY], KEY_MAX);
	bit_set(spec.bits[EV_REL], REL_MAX);
	bit_set(spec.bits[EV_MSC], MSC_MAX);
	bit_set(spec.bits[EV_LED], LED_MAX);
	bit_set(spec.bits[EV_SND], SND_MAX);
	bit_set(spec.bits[EV_SW], SW_MAX);
	bit_set(spec.bits[EV_ABS], ABS_MAX);
	bit_set(spec.initial_sw, SW_MAX);
	spec.exact = true;
	spec.abs[ABS_MAX].max = 255;
	spec.abs[ABS_MAX].has_initial = true;
	spec.abs[ABS_MAX].initial = 3;
	text = spec_write(&spec);
	assert_non_null(text);
	assert_ok(spec_read(
		&again,
		&(struct spec_text){ .bytes = text, .len = strlen(text) },
		fail_on_diag, NULL));
	assert_memory_equal(&spec, &again, sizeof(spec));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_codes_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
