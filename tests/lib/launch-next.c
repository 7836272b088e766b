/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/launch-next.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void launch_kill(struct launch_test *t)
{
	assert_sys(kill(t->launcher.pid, SIGKILL));
	assert_num(process_wait(&t->launcher), 128 + SIGKILL);
	process_fini(&t->launcher);
	close(t->control);
	t->control = -1;
}

void launch_next(struct launch_test *t)
{
	process_init(&t->launcher, "vinput-launch");
	launch_arg(t, "--dir=%s", t->place);
	if (getenv("VINPUT_TEMPLATE"))
		launch_arg(t, "--template");
}

void launch_expect_all_ended(void)
{
	pid_t pid;

	for (int ms = 0; (pid = waitpid(-1, NULL, WNOHANG)) >= 0;) {
		if (pid > 0)
			continue;
		if (ms++ == DEADLINE_MS)
			fail_msg("processes are left");
		poll(NULL, 0, 1);
	}
}

/* It has not made the directory. */
void launch_end_next(struct launch_test *t)
{
	close(t->control);
	t->control = -1;
	assert_num(process_terminate(&t->launcher), 0);
	launch_expect_all_ended();
	assert_sys(rmdir(t->place));
	launch_expect_nothing_left(t);
}

void launch_press(struct launch_test *t, uint16_t key)
{
	const struct vi_event up_and_down[] = { KEY(key, 1), SYN, KEY(key, 0),
						SYN };
	struct vi_event ev;
	bool down = false;

	launch_injector(t, "keyboard");
	assert_num(send(t->rig->inject[0], up_and_down, sizeof(up_and_down), 0),
		   sizeof(up_and_down));
	/* Other keys may be said once more to be up. */
	while (!down) {
		assert_ok(fe_next_event(&t->rig->fe, &ev, DEADLINE_MS));
		down = vi_type(&ev) == EV_KEY && vi_value(&ev);
	}
	assert_num(vi_code(&ev), key);
	expect(t->rig, SYN, KEY(key, 0), SYN);
}

void launch_press_next(struct launch_test *t, uint16_t key)
{
	launch_expect_flag(t, "keyboard", "driver", true);
	launch_press(t, key);
}

pid_t launch_find_holder(const struct launch_test *t)
{
	char path[64];
	pid_t pid = -1;
	FILE *list;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 (int)t->launcher.pid, (int)t->launcher.pid);
	list = fopen(path, "re");
	assert_non_null(list);
	assert_num(fscanf(list, "%d", &pid), 1);
	fclose(list);
	return pid;
}
