/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-stream with as many browsers as it serves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "input/device/event.h"
#include "tests/lib/clock.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"
#include "tests/lib/walls.h"

#define CLIENTS	  1000
#define CLIENT_KB 64 /* at most, also with sanitizers */

static void expect_motion(struct stream_test *t, int sum)
{
	struct vi_event ev;

	while (sum > 0) {
		assert_num(recv(t->end[0], &ev, sizeof(ev), MSG_WAITALL),
			   sizeof(ev));
		if (vi_type(&ev) == EV_REL)
			sum -= vi_value(&ev);
	}
	assert_num(sum, 0);
}

static void a_thousand_clients_cost_no_threads_and_little_memory(void **state)
{
	struct stream_test *t = *state;
	struct web_client *clients = calloc(CLIENTS, sizeof(*clients));
	struct usage before;
	long with;

	assert_non_null(clients);
	usage_allow_files(CLIENTS + 100);
	usage_allow(&t->p);
	stream_device(t, "-mouse_fd=");
	stream_start(t);
	web_client_start(&t->client[0], t->url[0]);
	web_client_close(&t->client[0]);
	stream_wait_counter(t, "clients", 0);
	before = usage_at_rest(t->p.pid);
	for (int i = 0; i < CLIENTS; i++)
		web_client_start(&clients[i], t->url[0]);
	for (int i = 0; i < CLIENTS; i++)
		web_client_send(&clients[i], "{'type':'motion','x':1,'y':0}");
	expect_motion(t, CLIENTS);
	stream_wait_counter(t, "clients", CLIENTS);
	walls_expect(t->p.pid, "status", "Threads:", "1\n");
	with = usage_private_kb(t->p.pid);
	for (int i = 0; i < CLIENTS; i++)
		web_client_close(&clients[i]);
	free(clients);
	stream_wait_counter(t, "clients", 0);
	print_message("%ld kB, with %d clients %ld kB\n", before.private_kb,
		      CLIENTS, with);
	assert_true(with - before.private_kb < CLIENTS * CLIENT_KB);
	assert_usage_as(t->p.pid, &before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_thousand_clients_cost_no_threads_and_little_memory,
			stream_setup, stream_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
