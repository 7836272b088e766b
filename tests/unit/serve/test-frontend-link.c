/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"

#include <fcntl.h>
#include <unistd.h>

#include "input/serve/frontend-link.h"
#include "tests/lib/garbage.h"

static void reset(void *arg)
{
}

/* Whatever fd 0 is to this process, it is none of a front-end's. */
static void one_that_never_came_takes_no_fd_along(void **state)
{
	static const struct vu_ops ops = { .reset = reset };
	static struct frontend_link link;
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		assert_num(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	fill_with_garbage(&link);
	frontend_link_init(&link, loop, &ops, NULL, 0);
	frontend_link_fini(&link);
	assert_sys(fcntl(STDIN_FILENO, F_GETFD));
	ev_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_never_came_takes_no_fd_along),
	};

	return cmocka_run_group_tests_name("frontend-link", tests, NULL, NULL);
}
