/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server with socket files is killed and started again at once, before the
 * killed process has died, as a user does it in a shell. It may have been about
 * to start itself.
 *
 * VINPUT_RESTARTS is how often, VINPUT_SEED the seed of what is random.
 */
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/random.h"
#include "tests/lib/temp-dir.h"

#define RESTARTS 100
/* Within which a server begins to listen. */
#define START_US 6000

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void start(struct process *p, const char *dir)
{
	process_init(p, "vhost-user-input");
	process_arg(p, "--spec=%s/tests/wire/specs/keyboard.json", test_root());
	process_arg(p, "--socket-path=%s/vmm", dir);
	process_arg(p, "--inject-path=%s/inject", dir);
	process_arg(p, "--stats-path=%s/stats", dir);
	process_start(p);
}

static void a_killed_server_is_not_in_the_way_of_the_next(void **state)
{
	struct rnd rnd = { number_of("VINPUT_SEED", 1) };
	unsigned long n = number_of("VINPUT_RESTARTS", RESTARTS);
	struct process server[2];
	char dir[TEMP_DIR_LEN];

	temp_dir_make(dir);
	start(&server[0], dir);
	for (unsigned long i = 1; i <= n; i++) {
		struct process *old = &server[(i - 1) % 2];

		if (rnd_one_in(&rnd, 2))
			usleep(rnd_below(&rnd, START_US));
		else
			process_expect_log(old, "serving");
		assert_sys(kill(old->pid, SIGKILL));
		start(&server[i % 2], dir);
		process_wait(old);
		assert_num(process_log_count(old, "cannot listen"), 0);
		process_fini(old);
	}
	process_expect_log(&server[n % 2], "serving");
	assert_num(process_terminate(&server[n % 2]), 0);
	process_fini(&server[n % 2]);
	assert_num(temp_dir_remove(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_server_is_not_in_the_way_of_the_next),
	};

	/* Root may connect to a socket of any mode; other users cannot. */
	prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
