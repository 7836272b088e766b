/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure parts of vinput-launch: labels, arguments, VMMs, its command line;
 * and that the schema of its file says what the reader takes.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-cmdline.h"
#include "injector/plan/launch-file.h"
#include "injector/plan/launch-passthrough.h"
#include "injector/plan/launch-plan.h"
#include "injector/plan/launch-tunable.h"
#include "injector/plan/launch-vmm.h"
#include "tests/lib/args-text.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"

static struct launch_plan plan;

/* --- labels --- */

/* Read devices from text. Return: what the plan is refused for, or "". */
static const char *read_plan(const char *text, launch_taken *taken)
{
	static struct launch_fault fault;
	json_t *devices = json_loads(text, 0, NULL);

	assert_non_null(devices);
	fault = (struct launch_fault){ .text = "" };
	if (!launch_plan_read(&plan, devices, NULL, &fault))
		launch_plan_label(&plan, NULL, taken, NULL, &fault);
	json_decref(devices);
	return fault.text;
}

static void expect_labels(const char *expected)
{
	char labels[400] = "";

	for (size_t i = 0; i < plan.n; i++) {
		strcat(labels, i ? " " : "");
		strcat(labels, plan.item[i].label);
	}
	assert_string_equal(labels, expected);
	launch_plan_fini(&plan);
}

#define DISPLAY	 "{\"type\": \"display\", \"width\": 4, \"height\": 3}"
#define TOUCHPAD "{\"type\": \"touchpad\", \"width\": 4, \"height\": 3}"

static void displays_are_numbered_before_touchpads(void **state)
{
	read_plan("[" TOUCHPAD "," DISPLAY "," TOUCHPAD "," DISPLAY "]", NULL);
	expect_labels("touch_2 touch_0 touch_3 touch_1");
}

static void a_number_that_is_given_is_not_given_again(void **state)
{
	read_plan("[" DISPLAY ", {\"spec\": \"x\", \"label\": \"touch_0\"}]",
		  NULL);
	expect_labels("touch_1 touch_0");
}

static bool touch_0_is_taken(void *arg, const char *label)
{
	return !strcmp(label, "touch_0");
}

static void a_number_of_another_device_is_not_given_again(void **state)
{
	read_plan("[" DISPLAY "]", touch_0_is_taken);
	expect_labels("touch_1");
}

static void a_label_of_another_device_is_refused(void **state)
{
	const char *why = read_plan("[{\"spec\": \"x\", \"label\": "
				    "\"touch_0\"}]",
				    touch_0_is_taken);

	assert_string_equal(why, "device touch_0 already exists");
	launch_plan_fini(&plan);
}

static void every_kind_has_a_label_and_a_shipped_spec(void **state)
{
	for (const struct launch_kind *k = launch_kinds; k->name; k++) {
		char path[300];

		snprintf(path, sizeof(path), "%s/specs/%s.json", test_root(),
			 k->spec);
		FILE *file = fopen(path, "re");
		if (!file)
			fail_msg("%s is not there", path);
		fclose(file);
		assert_non_null(k->label);
	}
}

/* --- arguments --- */

static void expect_server_args(const char *device, const char *expected)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char text[300];

	snprintf(text, sizeof(text), "[%s]", device);
	assert_string_equal(read_plan(text, touch_0_is_taken), "");
	launch_item_args(&plan.item[0], &args);
	expect_args(&args, expected);
	launch_argv_fini(&args);
	launch_plan_fini(&plan);
}

static void a_display_states_its_size_and_number(void **state)
{
	expect_server_args(DISPLAY, "--spec=multi-touchscreen --set=WIDTH=4 "
				    "--set=HEIGHT=3 --set=INDEX=1");
}

static void what_the_file_sets_is_passed_on(void **state)
{
	expect_server_args(
		"{\"spec\": \"a.json\", \"label\": \"a\", \"name\": \"N\","
		"\"serial\": \"S\", \"set\": {\"A\": -5, \"B\": \"x=y\"},"
		"\"overflow\": \"block\", \"iommu\": true, \"stall_ms\": 1,"
		"\"busy_poll\": 0, \"shared_memory\": \"off\", "
		"\"inband\": false, \"postcopy\": true, \"vfio_user\": true}",
		"--spec=a.json --set=A=-5 --set=B=x=y --name=N --serial=S "
		"--overflow=block --stall-ms=1 --busy-poll=0 "
		"--shared-memory=off --iommu "
		"--postcopy");
}

static void a_device_of_the_host_is_the_last_word(void **state)
{
	expect_server_args("{\"passthrough\": \"type=mouse\"}",
			   "-- type=mouse");
	expect_server_args("{\"passthrough\": \"/dev/input/event3\","
			   "\"label\": \"m\", \"grab\": \"none\","
			   "\"start\": \"host\", \"exit\": \"none\","
			   "\"toggle\": \"f12\", \"stall_ms\": 5}",
			   "--stall-ms=5 --no-grab --start=host --toggle=f12 "
			   "--exit=none -- /dev/input/event3");
}

/* device-word.h makes it; test-device-word.c has more. */
static void a_device_of_the_host_has_a_label(void **state)
{
	read_plan("[{\"passthrough\": \"name=-A *\"}]", NULL);
	expect_labels("A");
}

static void what_goes_with_a_device_of_the_host_is_checked(void **state)
{
	static const struct {
		const char *device, *why;
	} bad[] = {
		{ "{\"passthrough\": \"a\", \"type\": \"mouse\"}",
		  "not two of them" },
		{ "{\"passthrough\": \"a\", \"name\": \"N\"}",
		  "do not go with passthrough" },
		{ "{\"passthrough\": \"a\", \"grab\": \"never\"}",
		  "grab must be wait, now or none" },
		{ "{\"passthrough\": \"a\", \"toggle\": \"\"}",
		  "toggle must be a chord" },
		{ "{\"type\": \"mouse\", \"grab\": \"now\"}",
		  "grab goes with passthrough" },
		{ "{\"passthrough\": \"/x/control\"}",
		  "the label control is reserved" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[200];

		snprintf(text, sizeof(text), "[%s]", bad[i].device);
		if (!strstr(read_plan(text, NULL), bad[i].why))
			fail_msg("%s: %s", bad[i].device,
				 read_plan(text, NULL));
		launch_plan_fini(&plan);
	}
}

static void what_holds_for_all_devices_gives_way_to_a_devices_own(void **state)
{
	json_t *all = json_pack("{s:s, s:i, s:b, s:b}", "overflow", "block",
				"stall_ms", 7, "iommu", 1, "inband", 1);

	plan.defaults = all;
	expect_server_args("{\"type\": \"mouse\"}",
			   "--spec=mouse --overflow=block --stall-ms=7 --iommu "
			   "--inband");
	expect_server_args("{\"type\": \"mouse\", \"overflow\": \"fold\","
			   "\"stall_ms\": 8, \"iommu\": false}",
			   "--spec=mouse --overflow=fold --stall-ms=8 "
			   "--inband");
	plan.defaults = NULL;
	json_decref(all);
}

static void an_index_that_is_set_is_not_set_twice(void **state)
{
	expect_server_args("{\"type\": \"display\", \"width\": 4, \"height\": "
			   "3, \"set\": {\"INDEX\": 9}}",
			   "--spec=multi-touchscreen --set=WIDTH=4 "
			   "--set=HEIGHT=3 --set=INDEX=9");
}

/* --- VMMs --- */

static int vmm_args(enum launch_vmm vmm, const char *dir, const char *expected)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char why[256];
	int r;

	read_plan("[{\"type\": \"mouse\"}]", NULL);
	r = launch_vmm_args(vmm, &plan, dir, NULL, &args, why);
	if (!r)
		expect_args(&args, expected);
	launch_argv_fini(&args);
	launch_plan_fini(&plan);
	return r;
}

static void qemu_gets_commas_doubled(void **state)
{
	assert_ok(vmm_args(LAUNCH_QEMU, "/a,b",
			   "-chardev socket,id=vinput-mouse,"
			   "path=/a,,b/mouse.sock -device "
			   "vhost-user-input-pci,chardev=vinput-mouse"));
}

static void qemu_puts_behind_the_iommu_what_may_be_there(void **state)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char why[256];

	read_plan("[{\"type\": \"mouse\", \"iommu\": true}]", NULL);
	assert_ok(launch_vmm_args(LAUNCH_QEMU, &plan, "/a", NULL, &args, why));
	expect_args(&args, "-chardev socket,id=vinput-mouse,path=/a/mouse.sock "
			   "-device vhost-user-input-pci,chardev=vinput-mouse,"
			   "iommu_platform=on,ats=on");
	launch_argv_fini(&args);
	launch_plan_fini(&plan);
}

static void qemu_with_vfio_user_gets_json(void **state)
{
	assert_ok(vmm_args(LAUNCH_QEMU_VFIO_USER, "/a,b",
			   "-device {\"driver\":\"vfio-user-pci\","
			   "\"id\":\"vinput-mouse\",\"socket\":{\"type\":"
			   "\"unix\",\"path\":\"/a,b/mouse.vfio\"}}"));
	assert_rc(vmm_args(LAUNCH_QEMU_VFIO_USER, "/a\"b", ""), -EINVAL);
	assert_rc(vmm_args(LAUNCH_QEMU_VFIO_USER, "/a\\b", ""), -EINVAL);
}

#define WITH_BRIDGE "[{\"type\": \"mouse\", \"vfio_user\": true}]"
#define ONE_WITHOUT "[{\"type\": \"mouse\", \"vfio_user\": false}]"

static void expect_vmm_args(enum launch_vmm vmm, const char *devices,
			    const char *want)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char why[256];

	read_plan(devices, NULL);
	assert_ok(launch_vmm_args(vmm, &plan, "/a,b", NULL, &args, why));
	expect_args(&args, want);
	launch_argv_fini(&args);
	launch_plan_fini(&plan);
}

static void each_vmm_finds_a_bridge_or_has_none(void **state)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	char why[256];

	expect_vmm_args(LAUNCH_QEMU, WITH_BRIDGE,
			"-device {\"driver\":\"vfio-user-pci\","
			"\"id\":\"vinput-mouse\",\"socket\":{\"type\":"
			"\"unix\",\"path\":\"/a,b/mouse.vfio\"}}");
	expect_vmm_args(LAUNCH_QEMU, ONE_WITHOUT,
			"-chardev socket,id=vinput-mouse,"
			"path=/a,,b/mouse.sock -device "
			"vhost-user-input-pci,chardev=vinput-mouse");
	read_plan(WITH_BRIDGE, NULL);
	assert_ok(launch_vmm_args(LAUNCH_CLOUD_HYPERVISOR, &plan, "/a", NULL,
				  &args, why));
	expect_args(&args, "--user-device socket=/a/mouse.vfio");
	assert_rc(launch_vmm_args(LAUNCH_CROSVM, &plan, "/a", NULL, &args, why),
		  -EINVAL);
	assert_string_equal(why, "mouse: crosvm has no vfio-user");
	launch_argv_fini(&args);
	launch_plan_fini(&plan);
}

static void crosvm_waits_for_sockets(void **state)
{
	assert_ok(vmm_args(LAUNCH_CROSVM, "/a",
			   "--vhost-user-connect-timeout-ms=30000 "
			   "--vhost-user=input,socket=/a/mouse.sock,"
			   "max-queue-size=256"));
}

static void memory_is_shared_by_crosvm_and_on_request_by_others(void **state)
{
	assert_null(launch_vmm_memory_hint(LAUNCH_CROSVM, NULL));
	assert_string_equal(launch_vmm_memory_hint(LAUNCH_CROSVM, "2G"),
			    "the memory of crosvm's guests is always shared; "
			    "give crosvm its size with --mem");
	assert_non_null(launch_vmm_memory_hint(LAUNCH_QEMU, NULL));
	assert_non_null(launch_vmm_memory_hint(LAUNCH_QEMU_VFIO_USER, NULL));
	assert_null(launch_vmm_memory_hint(LAUNCH_QEMU, "2G"));
	assert_non_null(launch_vmm_memory_hint(LAUNCH_CLOUD_HYPERVISOR, NULL));
	assert_null(launch_vmm_memory_hint(LAUNCH_CLOUD_HYPERVISOR, "2G"));
}

static void crosvm_and_cloud_hypervisor_reject_a_comma(void **state)
{
	assert_rc(vmm_args(LAUNCH_CROSVM, "/a,b", ""), -EINVAL);
	assert_rc(vmm_args(LAUNCH_CLOUD_HYPERVISOR, "/a,b", ""), -EINVAL);
	assert_rc(vmm_args(LAUNCH_CLOUD_HYPERVISOR, "/a[b", ""), -EINVAL);
}

/* --- the command line --- */

static void streamer_is_all_behind_the_two_dashes(void **state)
{
	const char *const argv[] = { "x", "--dir", "d", "--mouse", "--",
				     "s", "--dir", "e", "--",	   NULL };
	struct launch_options o;
	char why[256];

	assert_ok(launch_cmdline_parse(&o, 9, (char **)argv, why));
	assert_string_equal(o.dir, "d");
	assert_ptr_equal(o.streamer, argv + 5);
	launch_cmdline_fini(&o);
}

static void words_of_an_order_may_stand_among_options(void **state)
{
	const char *const argv[] = { "x",      "--control", "d",	"add",
				     "--json", "--mouse",   "--rotary", NULL };
	struct launch_options o;
	char why[256];

	assert_ok(launch_cmdline_parse(&o, 7, (char **)argv, why));
	assert_num(o.action, LAUNCH_CONTROL);
	assert_num(o.n_command, 1);
	assert_num(json_array_size(o.devices), 2);
	assert_true(o.json);
	launch_cmdline_fini(&o);
}

/* --- the schema and the examples --- */

static json_t *load_schema(void)
{
	char path[300];
	json_t *schema;

	snprintf(path, sizeof(path), "%s/injector/launch/launch.schema.json",
		 test_root());
	schema = json_load_file(path, 0, NULL);
	assert_non_null(schema);
	return schema;
}

static json_t *walk(json_t *json, const char *const *keys)
{
	for (; *keys; keys++)
		json = json_object_get(json, *keys);
	assert_non_null(json);
	return json;
}

#define WALK(json, ...) walk(json, (const char *const[]){ __VA_ARGS__, NULL })

/* A key with a value that is wrong for all: is it the key that is unknown? */
static bool device_knows(const char *key)
{
	char text[100];

	snprintf(text, sizeof(text), "[{\"%s\": null}]", key);
	bool knows = !strstr(read_plan(text, NULL), "unknown key");
	launch_plan_fini(&plan);
	return knows;
}

static void schema_has_the_keys_and_types_of_the_reader(void **state)
{
	json_t *schema = load_schema(), *value;
	json_t *members = WALK(schema, "$defs", "device", "properties");
	json_t *types = WALK(members, "type", "enum");
	const char *key;
	size_t i, n = 0;

	json_object_foreach(members, key, value)
	{
		if (!device_knows(key))
			fail_msg("the reader does not know %s", key);
	}
	assert_num(json_object_size(members), 22);
	json_array_foreach(types, i, value)
	{
		assert_non_null(launch_kind_find(json_string_value(value)));
	}
	for (const struct launch_kind *k = launch_kinds; k->name; k++)
		n++;
	assert_num(json_array_size(types), n);
	json_decref(schema);
}

/* What the schema must say of it. */
static json_t *bounds_of(const struct launch_tunable *t)
{
	switch (t->kind) {
	case LAUNCH_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case LAUNCH_NUMBER:
		return json_pack("{s:s, s:i, s:i}", "type", "integer",
				 "minimum", t->min, "maximum", t->max);
	case LAUNCH_WORD:
		return json_pack("{s:[s, s]}", "enum", t->words[0],
				 t->words[1]);
	}
	return NULL;
}

static void schema_has_the_bounds_of_the_reader(void **state)
{
	json_t *schema = load_schema();
	json_t *members = WALK(schema, "$defs", "device", "properties");

	for (const struct launch_tunable *t = launch_tunables; t->option; t++) {
		json_t *member = WALK(members, t->key), *bounds = bounds_of(t);

		json_object_del(member, "description");
		if (!json_equal(member, bounds))
			fail_msg("%s has other bounds in the schema", t->key);
		json_decref(bounds);
		assert_true(device_knows(t->key));
	}
	json_decref(schema);
}

static void examples_are_read(void **state)
{
	struct launch_fault fault;
	struct launch_file file;
	char dir[300], path[600];
	struct dirent *entry;
	int n = 0;

	snprintf(dir, sizeof(dir), "%s/injector/launch/examples", test_root());
	DIR *d = opendir(dir);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		fault = (struct launch_fault){ .text = "" };
		if (launch_file_read(&file, path, &fault) ||
		    launch_plan_read(&plan, file.devices, NULL, &fault) ||
		    launch_plan_label(&plan, NULL, NULL, NULL, &fault))
			fail_msg("%s: %s", path, fault.text);
		launch_plan_fini(&plan);
		launch_file_fini(&file);
		n++;
	}
	closedir(d);
	assert_true(n >= 3);
}

/* With sanitizers: nor is more read than there is space for. */
static void a_file_without_end_is_too_long(void **state)
{
	struct launch_fault fault = { .text = "" };
	struct launch_file file;

	assert_rc(launch_file_read(&file, "/dev/zero", &fault), -EFBIG);
	launch_file_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(displays_are_numbered_before_touchpads),
		cmocka_unit_test(a_number_that_is_given_is_not_given_again),
		cmocka_unit_test(a_number_of_another_device_is_not_given_again),
		cmocka_unit_test(a_label_of_another_device_is_refused),
		cmocka_unit_test(every_kind_has_a_label_and_a_shipped_spec),
		cmocka_unit_test(a_display_states_its_size_and_number),
		cmocka_unit_test(what_the_file_sets_is_passed_on),
		cmocka_unit_test(a_device_of_the_host_is_the_last_word),
		cmocka_unit_test(a_device_of_the_host_has_a_label),
		cmocka_unit_test(
			what_goes_with_a_device_of_the_host_is_checked),
		cmocka_unit_test(
			what_holds_for_all_devices_gives_way_to_a_devices_own),
		cmocka_unit_test(an_index_that_is_set_is_not_set_twice),
		cmocka_unit_test(qemu_gets_commas_doubled),
		cmocka_unit_test(qemu_puts_behind_the_iommu_what_may_be_there),
		cmocka_unit_test(qemu_with_vfio_user_gets_json),
		cmocka_unit_test(each_vmm_finds_a_bridge_or_has_none),
		cmocka_unit_test(crosvm_waits_for_sockets),
		cmocka_unit_test(
			memory_is_shared_by_crosvm_and_on_request_by_others),
		cmocka_unit_test(crosvm_and_cloud_hypervisor_reject_a_comma),
		cmocka_unit_test(streamer_is_all_behind_the_two_dashes),
		cmocka_unit_test(words_of_an_order_may_stand_among_options),
		cmocka_unit_test(schema_has_the_keys_and_types_of_the_reader),
		cmocka_unit_test(schema_has_the_bounds_of_the_reader),
		cmocka_unit_test(examples_are_read),
		cmocka_unit_test(a_file_without_end_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
