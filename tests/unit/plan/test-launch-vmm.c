/* SPDX-License-Identifier: Apache-2.0 */
/* launch-vmm.h: the whole of what --print-args prints, for each VMM. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-vmm.h"
#include "tests/lib/cases.h"

#define KBD   "{\"type\":\"keyboard\"}"
#define MOUSE "{\"type\":\"mouse\"}"
#define VFIO  "{\"type\":\"pen\",\"width\":1,\"height\":1,\"vfio_user\":true}"

struct row {
	const char *name;
	enum launch_vmm vmm;
	const char *devices, *dir, *memory;
	const char *screens[3];
	const char *password;
	const char *text; /* what is printed; or why not */
	bool fails;
};

static const struct row rows[] = {
	{ "crosvm_gets_each_device", LAUNCH_CROSVM, KBD "," MOUSE, "/d", "1G",
	  .text = "--vhost-user-connect-timeout-ms=30000 "
		  "--vhost-user=input,socket=/d/keyboard.sock,"
		  "max-queue-size=256 "
		  "--vhost-user=input,socket=/d/mouse.sock,"
		  "max-queue-size=256" },
	{ "crosvm_has_no_comma", LAUNCH_CROSVM, KBD, "/a,b",
	  .text = "crosvm does not support a path with ,", .fails = true },
	{ "crosvm_has_no_vfio_user", LAUNCH_CROSVM, VFIO, "/d",
	  .text = "pen: crosvm has no vfio-user", .fails = true },
	{ "crosvm_has_no_screen", LAUNCH_CROSVM, KBD, "/d",
	  .screens = { "n=unix:/s" },
	  .text = "--display=unix:/s: crosvm has no VNC server",
	  .fails = true },
	{ "qemu_gets_each_device", LAUNCH_QEMU, KBD "," MOUSE, "/d",
	  .text = "-chardev socket,id=vinput-keyboard,path=/d/keyboard.sock "
		  "-device vhost-user-input-pci,chardev=vinput-keyboard "
		  "-chardev socket,id=vinput-mouse,path=/d/mouse.sock "
		  "-device vhost-user-input-pci,chardev=vinput-mouse" },
	{ "qemu_gets_memory_first", LAUNCH_QEMU, KBD, "/d", "2G",
	  .text = "-m 2G -object "
		  "memory-backend-memfd,id=vinput-ram,size=2G,share=on "
		  "-machine memory-backend=vinput-ram "
		  "-chardev socket,id=vinput-keyboard,path=/d/keyboard.sock "
		  "-device vhost-user-input-pci,chardev=vinput-keyboard" },
	{ "qemu_gets_doubled_commas", LAUNCH_QEMU, KBD, "/,a,",
	  .text = "-chardev socket,id=vinput-keyboard,path=/,,a,,/"
		  "keyboard.sock "
		  "-device vhost-user-input-pci,chardev=vinput-keyboard" },
	{ "qemu_gets_vfio_user_in_json", LAUNCH_QEMU, VFIO "," KBD, "/a,b",
	  .text = "-device {\"driver\":\"vfio-user-pci\",\"id\":\"vinput-pen\","
		  "\"socket\":{\"type\":\"unix\",\"path\":\"/a,b/pen.vfio\"}} "
		  "-chardev socket,id=vinput-keyboard,path=/a,,b/"
		  "keyboard.sock "
		  "-device vhost-user-input-pci,chardev=vinput-keyboard" },
	{ "qemu_with_vfio_user_gets_memory", LAUNCH_QEMU_VFIO_USER, KBD, "/d",
	  "1G",
	  .text = "-m 1G -object "
		  "memory-backend-memfd,id=vinput-ram,size=1G,share=on "
		  "-machine memory-backend=vinput-ram -device "
		  "{\"driver\":\"vfio-user-pci\",\"id\":\"vinput-keyboard\","
		  "\"socket\":{\"type\":\"unix\",\"path\":\"/d/"
		  "keyboard.vfio\"}}" },
	{ "json_has_no_quotation_mark", LAUNCH_QEMU_VFIO_USER, KBD, "/a\"",
	  .text = "qemu-vfio-user does not support a path with \"",
	  .fails = true },
	{ "cloud_hypervisor_gets_each_device", LAUNCH_CLOUD_HYPERVISOR,
	  KBD "," VFIO, "/d", "3G",
	  .text = "--memory size=3G,shared=on --generic-vhost-user "
		  "socket=/d/keyboard.sock,device_type=input,"
		  "queue_sizes=[256,256] --user-device socket=/d/pen.vfio" },
	{ "cloud_hypervisor_has_no_bracket", LAUNCH_CLOUD_HYPERVISOR, KBD,
	  "/a]", .text = "cloud-hypervisor does not support a path with ]",
	  .fails = true },
	{ "cloud_hypervisor_has_no_screen", LAUNCH_CLOUD_HYPERVISOR, KBD, "/d",
	  .screens = { "h:5900" },
	  .text = "--display=h:5900: cloud-hypervisor has no VNC server",
	  .fails = true },

	{ "screens_follow_in_their_order", LAUNCH_QEMU, "", "/d",
	  .screens = { "unix:/a,b", "n=localhost:5901" },
	  .text = "-vnc unix:/a,,b -vnc localhost:1" },
	{ "qemu_with_vfio_user_has_screens", LAUNCH_QEMU_VFIO_USER, "", "/d",
	  .screens = { "[::1]:5900" }, .text = "-vnc [::1]:0" },
	{ "path_of_a_screen_may_have_an_equals_sign", LAUNCH_QEMU, "", "/d",
	  .screens = { "unix:/a=b" }, .text = "-vnc unix:/a=b" },
	{ "name_of_a_screen_is_left_out", LAUNCH_QEMU, "", "/d",
	  .screens = { "n=unix:/a=b:c" }, .text = "-vnc unix:/a=b:c" },
	{ "port_below_5900_is_refused", LAUNCH_QEMU, "", "/d",
	  .screens = { "h:5899" },
	  .text = "--display=h:5899: QEMU's VNC ports begin at 5900",
	  .fails = true },
	{ "nothing_follows_a_wrong_screen", LAUNCH_QEMU, "", "/d",
	  .screens = { "h:1", "h:2" },
	  .text = "--display=h:1: QEMU's VNC ports begin at 5900",
	  .fails = true },
	{ "password_is_that_of_each_screen", LAUNCH_QEMU, "", "/d",
	  .screens = { "unix:/a", "h:5900" }, .password = "/p,q",
	  .text = "-object secret,id=vinput-vnc,file=/p,,q "
		  "-vnc unix:/a,password-secret=vinput-vnc "
		  "-vnc h:0,password-secret=vinput-vnc" },
	{ "password_without_a_vnc_server_is_left_out", LAUNCH_CROSVM, "", "/d",
	  .password = "/p", .text = "--vhost-user-connect-timeout-ms=30000" },
};

static void row_is_printed(void **state)
{
	const struct row *row = *state;
	static struct launch_plan plan;
	struct launch_argv args = LAUNCH_ARGV_NULL, screens = LAUNCH_ARGV_NULL;
	struct launch_fault fault = { .text = "" };
	char text[1000] = "", why[256], json[300];
	json_t *devices;
	int r;

	snprintf(json, sizeof(json), "[%s]", row->devices);
	devices = json_loads(json, 0, NULL);
	assert_ok(launch_plan_read(&plan, devices, NULL, &fault));
	assert_ok(launch_plan_label(&plan, NULL, NULL, NULL, &fault));
	for (size_t i = 0; row->screens[i]; i++)
		launch_argv_add(&screens, "%s", row->screens[i]);
	r = launch_vmm_args(row->vmm, &plan, row->dir, row->memory, &args, why);
	if (!r)
		r = launch_vmm_add_screens(row->vmm, &screens, row->password,
					   &args, why);
	for (size_t i = 0; i < args.n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, args.v[i]);
	}
	assert_rc(r, row->fails ? -EINVAL : 0);
	assert_string_equal(r ? why : text, row->text);
	launch_argv_fini(&args);
	launch_argv_fini(&screens);
	launch_plan_fini(&plan);
	json_decref(devices);
}

static void each_vmm_has_a_hint_for_its_memory(void **state)
{
	assert_string_equal(
		launch_vmm_memory_hint(LAUNCH_CLOUD_HYPERVISOR, NULL),
		"the guest's memory must be --memory ...,shared=on; "
		"--memory=SIZE prints that too");
	assert_string_equal(
		launch_vmm_memory_hint(LAUNCH_QEMU, NULL),
		"the guest's memory must be a memory-backend-memfd with "
		"share=on; --memory=SIZE prints that too");
}

/* It is as long as its escaped path can be. */
static void a_path_of_commas_has_room(void **state)
{
	struct launch_argv args = LAUNCH_ARGV_NULL, screens = LAUNCH_ARGV_NULL;
	char screen[40] = "unix:", expected[80] = "unix:", why[256];

	memset(screen + 5, ',', 30);
	memset(expected + 5, ',', 60);
	launch_argv_add(&screens, "%s", screen);
	assert_ok(launch_vmm_add_screens(LAUNCH_QEMU, &screens, NULL, &args,
					 why));
	assert_string_equal(args.v[1], expected);
	launch_argv_fini(&args);
	launch_argv_fini(&screens);
}

int main(void)
{
	struct CMUnitTest tests[2 + ARRAY_LEN(rows)] = {
		cmocka_unit_test(each_vmm_has_a_hint_for_its_memory),
		cmocka_unit_test(a_path_of_commas_has_room),
	};

	CASES(tests + 2, rows, cmocka_unit_test(row_is_printed));
	return cmocka_run_group_tests_name("launch-vmm", tests, NULL, NULL);
}
