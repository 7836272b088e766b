/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define CONTROL "/run/udev/control"

static struct process *daemon_of_test;

void udev_start(void)
{
	unlink(CONTROL); /* of one that was killed */
	daemon_of_test = inside_start("../lib/systemd/systemd-udevd",
				      "--resolve-names=never");
	INSIDE_WAIT(!access(CONTROL, F_OK));
	free(inside_run("udevadm", "control --ping"));
}

void udev_stop(void)
{
	inside_end(daemon_of_test);
	unlink(CONTROL);
}
