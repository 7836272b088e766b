/* SPDX-License-Identifier: Apache-2.0 */
/* What a list says about drivers, and how what is missing is named. */
#include <stdio.h>
#include <stdlib.h>
#include "injector/launch/launch-guest.h"
#include "tests/lib/check.h"

#define DEVICE(label, state, vmm, driver)                               \
	"{\"label\":\"" label "\",\"state\":\"" state "\",\"vmm\":" vmm \
	",\"driver\":" driver "}"
#define WITH_DRIVER DEVICE("a", "ready", "true", "true")
#define NO_DRIVER   DEVICE("b", "ready", "true", "false")
#define NO_VMM	    DEVICE("c", "ready", "false", "false")
#define SILENT	    DEVICE("d", "ready", "null", "null")
#define WAITING	    DEVICE("e", "waiting", "null", "null")
#define FAILED	    DEVICE("f", "failed", "null", "null")
#define OLD	    "{\"label\":\"g\",\"state\":\"ready\"}"

static const struct guest_case {
	const char *name, *devices;
	enum launch_guest verdict;
	const char *missing;
} cases[] = {
	{ "none_is_complete", "", LAUNCH_GUEST_COMPLETE, "" },
	{ "one_with_a_driver_is_complete", WITH_DRIVER, LAUNCH_GUEST_COMPLETE,
	  "" },
	{ "one_of_two_is_missing", WITH_DRIVER "," NO_DRIVER,
	  LAUNCH_GUEST_MISSING, "b has no driver" },
	{ "each_is_named", NO_DRIVER "," NO_VMM "," WITH_DRIVER "," SILENT,
	  LAUNCH_GUEST_MISSING,
	  "b has no driver, c has no VMM, d does not answer" },
	{ "one_that_restarts_is_missing", WAITING, LAUNCH_GUEST_MISSING,
	  "e is not ready" },
	{ "one_that_failed_cannot_come", FAILED "," NO_VMM, LAUNCH_GUEST_FAILED,
	  "f has failed, c has no VMM" },
	{ "an_old_launcher_does_not_know", OLD "," FAILED, LAUNCH_GUEST_UNKNOWN,
	  "g does not answer, f has failed" },
};

#define N_CASES (sizeof(cases) / sizeof(*cases))

static void is_judged(void **state)
{
	const struct guest_case *c = *state;
	char text[400], *missing = NULL;
	size_t len;
	FILE *to = open_memstream(&missing, &len);
	json_t *list;

	snprintf(text, sizeof(text), "{\"devices\":[%s]}", c->devices);
	list = json_loads(text, 0, NULL);
	assert_non_null(list);
	assert_non_null(to);
	assert_num(launch_guest_check(list), c->verdict);
	launch_guest_print_missing(list, to);
	assert_num(fclose(to), 0);
	assert_string_equal(missing, c->missing);
	free(missing);
	json_decref(list);
}

int main(void)
{
	struct CMUnitTest tests[N_CASES];

	for (size_t i = 0; i < N_CASES; i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, is_judged, NULL,
						NULL, (void *)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
