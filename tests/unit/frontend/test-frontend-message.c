/* SPDX-License-Identifier: Apache-2.0 */
/* What is at the other end of a front-end's socket, if it is no device. */
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-session.h"
#include "input/vhost-user/vu-message.h"
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

/* --- a device whose IDs are cut --- */

static bool receive_all(int fd, void *to, size_t len)
{
	return !len || recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/* A back-end that has a config space and nothing else; arg: its socket. */
static void *serve_short_ids(void *arg)
{
	struct vu_message msg;
	struct config_space cs = { 0 };
	const int fd = *(int *)arg;

	while (receive_all(fd, &msg.hdr, sizeof(msg.hdr)) &&
	       receive_all(fd, &msg.p, msg.hdr.size)) {
		uint8_t *at = (uint8_t *)&cs + msg.p.config.offset;
		uint8_t *data = msg.p.bytes + sizeof(msg.p.config);

		if (msg.hdr.request == VU_SET_CONFIG) {
			memcpy(at, data, msg.p.config.size);
			continue;
		}
		cs.size = cs.select == CONFIG_ID_DEVIDS ? 4 : 0;
		memset(cs.u, 1, sizeof(cs.u));
		memcpy(data, at, msg.p.config.size);
		msg.hdr.flags |= VU_FLAG_REPLY;
		send(fd, &msg.hdr, sizeof(msg.hdr), 0);
		send(fd, &msg.p, msg.hdr.size, 0);
	}
	return NULL;
}

static void ids_that_are_cut_are_none(void **state)
{
	struct frontend fe = { .timeout_ms = 1000 };
	struct spec spec;
	pthread_t thread;
	int ends[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	assert_ok(pthread_create(&thread, NULL, serve_short_ids, &ends[1]));
	fe.fd = ends[0];
	/* It has no events. */
	assert_rc(fe_read_spec(&fe, &spec), FE_E_DEVICE);
	assert_num(spec.ids.bustype, 0);
	assert_num(spec.ids.vendor, 0);
	close(ends[0]);
	assert_ok(pthread_join(thread, NULL));
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_spoke_and_left_is_no_device),
		cmocka_unit_test(ids_that_are_cut_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
