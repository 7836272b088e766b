/* SPDX-License-Identifier: Apache-2.0 */
/* What is at the other end of a front-end's socket, if it is no device. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-session.h"
#include "tests/lib/check.h"

/* Negotiate with a peer that said this and disconnected before. */
static int negotiate_after(const char *said)
{
	struct frontend fe = { .timeout_ms = 1000 };
	int ends[2], rc;

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	assert_num(write(ends[1], said, strlen(said)), strlen(said));
	close(ends[1]);
	fe.fd = ends[0];
	rc = fe_negotiate(&fe);
	close(ends[0]);
	return rc;
}

static void a_peer_that_spoke_and_left_is_no_device(void **state)
{
	assert_rc(negotiate_after("{ \"counters\": 1 }\n"), FE_E_REPLY);
	assert_rc(negotiate_after(""), FE_E_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_spoke_and_left_is_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
