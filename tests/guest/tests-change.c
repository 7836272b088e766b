/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGHUP with another spec: QEMU is notified that the configuration changed and
 * passes it on; Linux' driver ignores it. So the guest keeps the device that it
 * knows until it boots again.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

static const char before[] = "{ \"name\": \"Before\", \"events\": {"
			     " \"EV_KEY\": [\"KEY_A\", \"KEY_B\"] } }";
static const char after[] =
	"{ \"name\": \"After\", \"events\": {"
	" \"EV_KEY\": [\"KEY_A\", \"KEY_C\"], \"EV_REL\": [\"REL_X\"],"
	" \"EV_SW\": [\"SW_LID\"] },"
	" \"axes\": { \"ABS_X\": { \"min\": -5, \"max\": 5 } } }";

static void write_spec(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void assert_types(const struct device *dev, const char *down,
			 const char *up)
{
	assert_passes(dev, down);
	assert_passes(dev, up);
}

static void change_spec(struct device *dev, const char *text)
{
	write_spec(dev->srv.path, text);
	assert_int_equal(kill(dev->srv.pid, SIGHUP), 0);
	describe_device(dev);
}

static void reboot_guest(struct device *dev)
{
	vm_send(&vm, "reboot");
	vm_wait_ready(&vm, 1);
	find_nodes_of(dev, 1);
}

/* Sources stay, with what they hold as far as the new device has it. */
void guest_that_reboots_finds_the_device_that_was_changed(void **state)
{
	struct device dev;
	char path[128];

	begin();
	snprintf(path, sizeof(path), "%.90s.changes.json",
		 keyboard()->srv.socket);
	write_spec(path, before);
	init_device(&dev, path);
	start_server(&dev);
	boot_with(&dev, 1);
	assert_true(is_as_specified(&dev));
	inject(&dev, "KEY_A 1");
	assert_reads_frame(&dev, "KEY_A 1");

	change_spec(&dev, after);
	assert_types(&dev, "KEY_B 1", "KEY_B 0");
	inject(&dev, "KEY_C 1, REL_X 1");
	assert_reads_nothing_more();
	assert_state(&dev, "1 30 1\n");

	reboot_guest(&dev);
	assert_true(is_as_specified(&dev));
	assert_state(&dev, "1 30 1\n3 0 0\n");
	forget_events();
	inject(&dev, "KEY_A 0, REL_X 3, SW_LID 1, ABS_X -4");
	assert_reads_frame(&dev, "KEY_A 0, REL_X 3, SW_LID 1, ABS_X -4");
	assert_types(&dev, "KEY_C 1", "KEY_C 0");
	done();
	vm_kill(&vm);
	assert_int_equal(server_stop(&dev.srv), 0);
	free(dev.spec);
}
