/* SPDX-License-Identifier: Apache-2.0 */
/* launch-item.h: what a device of the launcher may be, and what is refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-plan.h"
#include "tests/lib/check.h"

#define LABEL_32 "abcdefghijklmnopqrstuvwxyz012345"

static struct launch_plan plan;
static struct launch_fault fault;

/* The rows are easier to read with ' than with \". */
static json_t *devices_of(const char *text)
{
	char json[LAUNCH_STRING_MAX + 512];
	json_t *devices;

	snprintf(json, sizeof(json), "[%s]", text);
	for (char *c = json; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	devices = json_loads(json, 0, NULL);
	if (!devices)
		fail_msg("%s", json);
	return devices;
}

/* Return: why they are refused, "" if they are not. */
static const char *read_devices(const char *text)
{
	json_t *devices = devices_of(text);

	fault = (struct launch_fault){ .text = "" };
	if (!launch_plan_read(&plan, devices, NULL, &fault))
		assert_string_equal(fault.text, "");
	launch_plan_fini(&plan);
	json_decref(devices);
	return fault.text;
}

static const struct {
	const char *device, *why;
} bad[] = {
	{ "5", "a device must be an object" },
	{ "{}", "a device must have a type, a spec or passthrough" },
	{ "{'type':''}", "type must be a string that is not empty" },
	{ "{'type':5}", "type must be a string that is not empty" },
	{ "{'type':'mous'}", "unknown device type mous; did you mean mouse?" },
	{ "{'tipe':'mouse'}", "unknown key tipe; did you mean type?" },
	{ "{'type':'mouse','spec':'a','label':'a'}",
	  "a device must have a type, a spec or passthrough, not two of them" },
	{ "{'spec':'a'}", "a device with a spec needs a label" },
	{ "{'spec':'','label':'a'}",
	  "spec must be a string that is not empty, or an object" },
	{ "{'spec':[],'label':'a'}",
	  "spec must be a string that is not empty, or an object" },
	{ "{'type':'mouse','label':''}",
	  "label must be a string that is not empty" },
	{ "{'type':'mouse','label':'-a'}",
	  "invalid label -a: must be at most 32 letters, digits, _ and -" },
	{ "{'type':'mouse','label':'a b'}",
	  "invalid label a b: must be at most 32 letters, digits, _ and -" },
	{ "{'type':'mouse','label':'" LABEL_32 "6'}",
	  "invalid label abcdefghijklmnopqrstuvwxyz0123456: must be at most 32 "
	  "letters, digits, _ and -" },
	{ "{'type':'mouse','label':'control'}",
	  "the label control is reserved" },
	{ "{'type':'mouse','label':'launcher'}",
	  "the label launcher is reserved" },
	{ "{'type':'mouse','label':'log'}", "the label log is reserved" },
	{ "{'type':'mouse','label':'streamer'}",
	  "the label streamer is reserved" },
	{ "{'type':'mouse','name':''}",
	  "name must be a string that is not empty" },
	{ "{'type':'mouse','serial':7}",
	  "serial must be a string that is not empty" },
	{ "{'type':'mouse','width':4}",
	  "width and height go with a display, a touchpad or a pen" },
	{ "{'type':'mouse','height':4}",
	  "width and height go with a display, a touchpad or a pen" },
	{ "{'spec':'a','label':'a','height':4}",
	  "width and height go with a display, a touchpad or a pen" },
	{ "{'type':'display','width':4}",
	  "a display needs a width and a height" },
	{ "{'type':'pen','height':4}", "a pen needs a width and a height" },
	{ "{'type':'display','width':0,'height':3}",
	  "width must be a number from 1 to 65535" },
	{ "{'type':'display','width':4,'height':65536}",
	  "height must be a number from 1 to 65535" },
	{ "{'type':'display','width':4,'height':'3'}",
	  "height must be a number from 1 to 65535" },
	{ "{'type':'mouse','set':[]}",
	  "set must be an object of placeholders" },
	{ "{'type':'mouse','set':{'':1}}",
	  " must be a placeholder's name, with a string or an integer" },
	{ "{'type':'mouse','set':{'A=':1}}",
	  "A= must be a placeholder's name, with a string or an integer" },
	{ "{'type':'mouse','set':{'A':1,'B':1.5}}",
	  "B must be a placeholder's name, with a string or an integer" },
	{ "{'type':'mouse','overflow':'drop'}",
	  "overflow must be fold or block" },
	{ "{'type':'mouse','overflow':1}", "overflow must be fold or block" },
	{ "{'type':'mouse','stall_ms':0}",
	  "stall_ms must be a number from 1 to 30000" },
	{ "{'type':'mouse','stall_ms':'1'}",
	  "stall_ms must be a number from 1 to 30000" },
	{ "{'type':'mouse','busy_poll':-1}",
	  "busy_poll must be a number from 0 to 100000" },
	{ "{'type':'mouse','busy_poll':100001}",
	  "busy_poll must be a number from 0 to 100000" },
	{ "{'type':'mouse','iommu':1}", "iommu must be true or false" },
	{ "{'type':'mouse','grab':'now'}", "grab goes with passthrough" },
	{ "{'passthrough':''}",
	  "passthrough must be a string that is not empty" },
	{ "{'passthrough':'a','type':'mouse'}",
	  "a device must have a type, a spec or passthrough, not two of them" },
	{ "{'passthrough':'a','spec':{}}",
	  "a device must have a type, a spec or passthrough, not two of them" },
	{ "{'passthrough':'a','name':'N'}",
	  "name, serial and set do not go with passthrough" },
	{ "{'passthrough':'a','serial':'N'}",
	  "name, serial and set do not go with passthrough" },
	{ "{'passthrough':'a','set':{}}",
	  "name, serial and set do not go with passthrough" },
	{ "{'passthrough':'a','grab':'never'}",
	  "grab must be wait, now or none" },
	{ "{'passthrough':'a','start':'never'}",
	  "start must be host or guest" },
	{ "{'passthrough':'a','toggle':''}",
	  "toggle must be a chord, such as leftctrl+rightctrl" },
	{ "{'passthrough':'a','exit':5}",
	  "exit must be a chord, such as leftctrl+esc, or none" },
	{ "{'passthrough':'/x/control'}", "the label control is reserved" },
};

static void what_is_wrong_with_a_device_is_explained(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(read_devices(bad[i].device), bad[i].why);
}

static void limits_are_right(void **state)
{
	static const char *const right[] = {
		("{'type':'mouse','label':'" LABEL_32 "'}"),
		"{'type':'mouse','label':'controls','$comment':[5]}",
		"{'type':'display','width':1,'height':65535}",
		"{'type':'pen','width':65535,'height':1}",
		"{'spec':{},'label':'_'}",
		"{'type':'mouse','set':{'A':1,'B':'','C':'='}}",
		"{'type':'mouse','stall_ms':1,'busy_poll':0}",
		"{'type':'mouse','busy_poll':100000,'overflow':'fold'}",
		"{'type':'mouse','iommu':false,'inband':true}",
		"{'passthrough':'a','grab':'none','start':'guest'}",
		"{'passthrough':'a','grab':'wait','start':'host'}",
		"{'passthrough':'a','toggle':'x','exit':'none','iommu':true}",
	};

	for (size_t i = 0; i < ARRAY_LEN(right); i++)
		assert_string_equal(read_devices(right[i]), "");
}

/* Return: a device with this member, whose %s is so many letters. */
static const char *device_of_letters(const char *member, int n)
{
	static char device[LAUNCH_STRING_MAX + 100];
	char letters[LAUNCH_STRING_MAX + 2] = "";

	memset(letters, 'a', (size_t)n);
	letters[n] = '\0';
	n = snprintf(device, sizeof(device), "{'label':'x',");
	snprintf(device + n, sizeof(device) - (size_t)n, member, letters);
	return device;
}

/* A program's command line has not more space. */
static void length_of_a_string_is_limited(void **state)
{
	static const struct {
		const char *member;
		int most;
		const char *why;
	} rows[] = {
		{ "'spec':'%s'}", LAUNCH_STRING_MAX,
		  "spec must have at most 16384 bytes" },
		{ "'type':'mouse','name':'%s'}", LAUNCH_STRING_MAX,
		  "name must have at most 16384 bytes" },
		{ "'type':'mouse','set':{'ABC':'%s'}}", LAUNCH_STRING_MAX - 3,
		  "ABC and its value must have at most 16384 bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int over = 0; over < 2; over++)
			assert_string_equal(
				read_devices(device_of_letters(
					rows[i].member, rows[i].most + over)),
				over ? rows[i].why : "");
}

/* The first ones stand in the file, whose lines a fault then has. */
static void a_fault_knows_whether_it_is_in_the_file(void **state)
{
	json_t *devices = devices_of("{'type':'mouse'},{'type':'pen'}");

	for (size_t n_in_file = 0; n_in_file < 3; n_in_file++) {
		fault = (struct launch_fault){ .n_in_file = n_in_file };
		assert_rc(launch_plan_read(&plan, devices, NULL, &fault),
			  -EINVAL);
		assert_num(fault.in_file, n_in_file == 2);
		launch_plan_fini(&plan);
	}
	json_decref(devices);
}

static void number_of_devices_is_limited(void **state)
{
	json_t *devices = json_array();

	for (int i = 0; i < LAUNCH_DEVICES_MAX; i++)
		json_array_append_new(devices,
				      json_pack("{s:s}", "type", "mouse"));
	fault = (struct launch_fault){ .text = "" };
	assert_ok(launch_plan_read(&plan, devices, NULL, &fault));
	assert_num(plan.n, LAUNCH_DEVICES_MAX);
	launch_plan_fini(&plan);
	json_array_append_new(devices, json_pack("{s:s}", "type", "mouse"));
	assert_rc(launch_plan_read(&plan, devices, NULL, &fault), -EINVAL);
	assert_string_equal(fault.text, "more than 256 devices");
	json_decref(devices);
	devices = json_object();
	assert_rc(launch_plan_read(&plan, devices, NULL, &fault), -EINVAL);
	assert_string_equal(fault.text, "devices must be an array");
	json_decref(devices);
}

static void what_a_device_is_has_a_word(void **state)
{
	static const struct {
		const char *device, *what;
		bool reloads, iommu;
	} rows[] = {
		{ "{'type':'mouse','iommu':true}", "mouse", true, true },
		{ "{'spec':'a.json','label':'a'}", "a.json", true, false },
		{ "{'spec':{},'label':'a','iommu':false}", "inline", true,
		  false },
		{ "{'passthrough':'a'}", "passthrough", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *devices = devices_of(rows[i].device);
		const struct launch_item *item = &plan.item[0];

		assert_ok(launch_plan_read(&plan, devices, NULL, &fault));
		assert_string_equal(launch_item_what(item), rows[i].what);
		assert_num(launch_item_can_reload(item), rows[i].reloads);
		assert_num(launch_item_has_iommu(item), rows[i].iommu);
		launch_plan_fini(&plan);
		json_decref(devices);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_with_a_device_is_explained),
		cmocka_unit_test(limits_are_right),
		cmocka_unit_test(length_of_a_string_is_limited),
		cmocka_unit_test(a_fault_knows_whether_it_is_in_the_file),
		cmocka_unit_test(number_of_devices_is_limited),
		cmocka_unit_test(what_a_device_is_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
