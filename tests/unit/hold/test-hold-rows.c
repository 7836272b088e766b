/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The holder's table of messages beside the server's: what one knows the other
 * knows, too, and what one answers the other takes for an answer.
 */
#include "injector/hold/hold-rows.h"
#include "input/vhost-user/vu-backend.h"
#include "tests/lib/check.h"

#define REQUESTS 256 /* more than there are */

static void each_message_of_the_server_has_a_row(void **state)
{
	unsigned int n = 0;

	for (uint32_t request = 0; request < REQUESTS; request++) {
		const struct vu_rule *rule = vu_backend_rule(request);
		const struct hold_row *row = hold_row_of(request);

		if (!rule && !row)
			continue;
		if (!rule || !row)
			fail_msg("%s: only the %s has a row for it",
				 rule ? rule->name : row->name,
				 rule ? "server" : "holder");
		assert_string_equal(row->name, rule->name);
		n++;
	}
	assert_num(n, 36);
}

static void it_is_answered_if_the_server_answers(void **state)
{
	for (uint32_t request = 0; request < REQUESTS; request++) {
		const struct vu_rule *rule = vu_backend_rule(request);
		const struct hold_row *row = hold_row_of(request);

		if (rule && (row->answer == HOLD_ANSWERED) !=
				    (rule->reply != VU_REPLY_NONE))
			fail_msg("%s: is it answered?", rule->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_of_the_server_has_a_row),
		cmocka_unit_test(it_is_answered_if_the_server_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
