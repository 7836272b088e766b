/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest with an IOMMU, Intel's as QEMU has it: each buffer has an address of
 * its own there, which QEMU translates on a miss and invalidates when the
 * buffer has been used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define KEYS 200

/* A keyboard of its own, not the one of the other tests. */
void start_iommu_keyboard(struct device *dev, bool iommu)
{
	char path[128], *copy;

	snprintf(path, sizeof(path), "%.90s.iommu.json",
		 keyboard()->srv.socket);
	assert_true(asprintf(&copy, "cp '%s' '%s'", keyboard()->srv.path,
			     path) > 0);
	assert_int_equal(system(copy), 0);
	free(copy);
	init_device(dev, path);
	dev->srv.iommu = iommu;
	start_server(dev);
	boot_with_iommu(dev);
}

void stop_iommu_keyboard(struct device *dev)
{
	done();
	vm_kill(&vm);
	stop_bridge(dev);
	assert_int_equal(server_stop(&dev->srv), 0);
	free(dev->spec);
}

static void assert_works(const struct device *dev)
{
	forget_events();
	forget_status(dev->srv.inject_fd);
	for (int i = 0; i < KEYS; i++) {
		inject(dev, i % 2 ? "KEY_A 0" : "KEY_A 1");
		assert_reads_frame(dev, i % 2 ? "KEY_A 0" : "KEY_A 1");
	}
	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(dev->srv.inject_fd, LED_CAPSL, on);
	}
	assert_no_status(dev->srv.inject_fd);
}

void guest_uses_a_keyboard_behind_its_iommu(void **state)
{
	struct device dev;

	begin();
	start_iommu_keyboard(&dev, true);
	assert_true(is_as_specified(&dev));
	assert_works(&dev);
	inject(&dev, "KEY_G 1");
	assert_reads_frame(&dev, "KEY_G 1");

	vm_send(&vm, "reboot");
	vm_wait_ready(&vm, 1);
	find_nodes_of(&dev, 1);
	assert_state(&dev, "1 34 1\n");
	inject(&dev, "KEY_G 0");
	assert_state(&dev, "");
	assert_works(&dev);
	stop_iommu_keyboard(&dev);
}

/* QEMU would offer the feature wrongly: see vu_features_offered(). */
void guest_with_an_iommu_uses_a_keyboard_that_is_not_behind_it(void **state)
{
	struct device dev;

	begin();
	start_iommu_keyboard(&dev, false);
	assert_works(&dev);
	stop_iommu_keyboard(&dev);
}
