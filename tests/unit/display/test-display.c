/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/display/display-address.h"
#include "injector/display/display-relay.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"

static const struct {
	const char *text, *fault; /* NULL: it is right */
} addresses[] = {
	{ "127.0.0.1:1", NULL },
	{ "127.0.0.1:65535", NULL },
	{ "[::1]:5900", NULL },
	{ "a=unix:/run/vnc", NULL },
	{ "127.0.0.1:0", "invalid port 0: must be a number from 1 to 65535" },
	{ "127.0.0.1:65536",
	  "invalid port 65536: must be a number from 1 to 65535" },
	{ "127.0.0.1:4294973196",
	  "invalid port 4294973196: must be a number from 1 to 65535" },
	{ "127.0.0.1:", "invalid port : must be a number from 1 to 65535" },
	{ "127.0.0.1:-1", "invalid port -1: must be a number from 1 to 65535" },
	{ "127.0.0.1:vnc",
	  "invalid port vnc: must be a number from 1 to 65535" },
};

static void ports_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct displays d = { .n = 0 };
		struct fault why = { "" };
		const bool right = !addresses[i].fault;

		assert_num(displays_add(&d, addresses[i].text, &why),
			   right ? 0 : -EINVAL);
		assert_num(d.n, right ? 1 : 0);
		if (!right)
			assert_string_equal(why.text, addresses[i].fault);
	}
}

/* --- a host with several addresses --- */

static char ended[256];

static void on_readable(struct display_relay *r)
{
}

static void on_ended(struct display_relay *r, const char *why)
{
	snprintf(ended, sizeof(ended), "%s", why);
	ev_break(r->server.loop, EVBREAK_ALL);
}

static const struct display_relay_ops ops = {
	.readable = on_readable,
	.drained = on_readable,
	.ended = on_ended,
};

/* Return: a socket of loopback that has a port, and listens if it is to. */
static int bind_place(struct display_place *place, bool listens)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&place->addr;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	place->len = sizeof(*in);
	assert_sys(bind(fd, (struct sockaddr *)in, place->len));
	assert_sys(getsockname(fd, (struct sockaddr *)in, &place->len));
	if (listens)
		assert_sys(listen(fd, 1));
	return fd;
}

/* The last of n places listens. */
static void connect_to_places(size_t n, bool listens)
{
	struct display_address a = { .where = "host:1", .n_places = n };
	struct display_relay r = { 0 };
	struct ev_loop *loop = ev_loop_new(0);
	int fd[DISPLAY_PLACES_MAX];
	struct fault why = { "" };

	for (size_t i = 0; i < n; i++)
		fd[i] = bind_place(&a.place[i], listens && i + 1 == n);
	ended[0] = '\0';
	if (!display_relay_open(&r, loop, &a, &ops, &why)) {
		if (listens) {
			for (int i = 0; i < 20 && r.server.n_tried < n; i++)
				ev_run(loop, EVRUN_ONCE);
			close(fd[0]);
			fd[0] = accept(fd[n - 1], NULL, NULL);
			assert_sys(fd[0]);
		} else {
			ev_run(loop, 0);
		}
	} else {
		snprintf(ended, sizeof(ended), "%s", why.text);
	}
	display_relay_close(&r);
	for (size_t i = 0; i < n; i++)
		close(fd[i]);
	ev_loop_destroy(loop);
}

static void next_address_is_tried(void **state)
{
	for (size_t n = 2; n <= DISPLAY_PLACES_MAX; n++) {
		connect_to_places(n, true);
		assert_string_equal(ended, "");
		connect_to_places(n, false);
		assert_string_equal(ended,
				    "VNC server at host:1 is not running");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_checked),
		cmocka_unit_test(next_address_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
