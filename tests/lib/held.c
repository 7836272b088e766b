/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/held.h"

#define CASES_MAX 128

/* The server disconnects: its log and its end are not the front-end's then. */
#define VIOLATION                                                            \
	"a server that disconnects is replaced; its front-end is "           \
	"disconnected when that has happened at the same message again and " \
	"again"
/* The same, but nothing of the message is kept that is wrong. */
#define FORGIVEN "the next server continues, and the connection lasts"

static const struct {
	const char *name, *why;
} exceptions[] = {
	/* test-inband */
	{ "a_kick_message_is_rejected_for_no_queue", VIOLATION },
	{ "a_kick_message_is_rejected_with_a_number", FORGIVEN },
	{ "a_kick_message_is_rejected_without_the_feature", VIOLATION },
	{ "inband_without_backend_req_is_rejected", VIOLATION },
	{ "inband_without_reply_ack_is_rejected", VIOLATION },
	/* test-inflight */
	{ "a_region_for_three_queues_is_a_violation", VIOLATION },
	{ "a_region_past_its_file_is_a_violation", VIOLATION },
	/* test-iotlb-changes */
	{ "a_bad_message_closes_the_connection", VIOLATION },
	{ "it_is_not_legal_without_the_feature", VIOLATION },
	{ "the_feature_does_not_change_under_a_running_queue", VIOLATION },
	/* test-log */
	{ "a_log_past_its_file_is_a_violation", VIOLATION },
	{ "a_truncated_log_does_no_harm", VIOLATION },
	/* test-postcopy */
	{ "a_short_region_is_rejected_where_no_ack_is_due", FORGIVEN },
	{ "listen_is_rejected_before_advise", FORGIVEN },
};

/* Return: why it cannot pass, or NULL. */
static const char *held_exception(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(exceptions); i++)
		if (!strcmp(exceptions[i].name, name))
			return exceptions[i].why;
	return NULL;
}

int held_run(const char *name, const struct CMUnitTest *tests, size_t n)
{
	struct CMUnitTest left[CASES_MAX];
	size_t n_left = 0;

	assert_true(n <= CASES_MAX);
	for (size_t i = 0; i < n; i++) {
		const char *why = getenv("VINPUT_HOLD")
					  ? held_exception(tests[i].name)
					  : NULL;

		if (why)
			print_message("without %s: %s\n", tests[i].name, why);
		else
			left[n_left++] = tests[i];
	}
	return _cmocka_run_group_tests(name, left, n_left, NULL, NULL);
}
