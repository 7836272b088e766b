/* SPDX-License-Identifier: Apache-2.0 */
/* pass-identity.h: which device is the one that was there before. */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-identity.h"
#include "input/base/own-device.h"
#include "tests/lib/check.h"

#define HERE  "usb-0000:00:14.0-1/input0"
#define THERE "usb-0000:00:14.0-2/input0"

static struct pass_entry keyboard(unsigned long instance, const char *node,
				  const char *phys)
{
	struct pass_entry e = { .instance = instance,
				.name = "Keyboard",
				.uniq = "",
				.bustype = 3,
				.vendor = 0x46d,
				.product = 0xc31c };

	strcpy(e.node, node);
	strcpy(e.phys, phys);
	return e;
}

static struct pass_identity identity(void)
{
	const struct pass_entry e = keyboard(7, "event3", HERE);
	struct pass_identity id;

	pass_identity_init(&id, &e);
	return id;
}

static int find(const struct pass_identity *id, const struct pass_entry *e,
		size_t n)
{
	struct fault why;

	return pass_identity_find(id, e, n, &why);
}

static void number_of_the_node_does_not_matter(void **state)
{
	struct pass_entry e[2] = { keyboard(9, "event3", THERE),
				   keyboard(8, "event5", HERE) };
	const struct pass_identity id = identity();

	e[0].vendor = 0x1234;
	assert_num(find(&id, e, 2), 1);
	assert_num(find(&id, e, 1), -ENODEV);
}

static void one_that_is_different_is_another(void **state)
{
	const struct pass_identity id = identity();
	struct pass_entry e = keyboard(8, "event3", HERE);

	strcpy(e.name, "Keyboarb");
	assert_num(find(&id, &e, 1), -ENODEV);
	e = keyboard(8, "event3", HERE);
	strcpy(e.uniq, "12");
	assert_num(find(&id, &e, 1), -ENODEV);
	e = keyboard(8, "event3", HERE);
	e.bustype = 5;
	assert_num(find(&id, &e, 1), -ENODEV);
	e = keyboard(8, "event3", HERE);
	e.product++;
	assert_num(find(&id, &e, 1), -ENODEV);
}

/* A receiver has several nodes, and may move to another place. */
static void interface_of_a_device_tells_its_nodes_apart(void **state)
{
	const struct pass_identity id = identity();
	const struct pass_entry e[2] = { keyboard(8, "event3",
						  "usb-0000:00:14.0-2/input1"),
					 keyboard(9, "event4", THERE) };

	assert_num(find(&id, e, 2), 1);
}

static void place_tells_two_apart_that_are_alike(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry e[2] = { keyboard(7, "event3", HERE),
					 keyboard(6, "event4", THERE) };
	const struct pass_entry back = keyboard(9, "event5", HERE);
	struct fault why;

	/* Only those that are there count. */
	pass_identity_compare(&id, e, 1);
	assert_false(id.by_place);
	pass_identity_compare(&id, e, 2);
	assert_true(id.by_place);
	assert_num(find(&id, e, 2), 0);
	assert_rc(pass_identity_find(&id, &e[1], 1, &why), -ENODEV);
	assert_string_equal(why.text,
			    "event4 at " THERE " is another \"Keyboard\"; "
			    "waiting for the one at " HERE);
	assert_num(find(&id, &back, 1), 0);
}

static void one_that_looks_the_same_may_be_it_until_both_are_seen(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry e[2] = { keyboard(7, "event3", HERE),
					 keyboard(8, "event4", THERE) };
	struct pass_entry other = e[1];

	strcpy(other.uniq, "12");
	assert_false(pass_identity_may_be(&id, &e[0])); /* is */
	assert_true(pass_identity_may_be(&id, &e[1]));
	assert_false(pass_identity_may_be(&id, &other));
	pass_identity_compare(&id, e, 2);
	assert_false(pass_identity_may_be(&id, &e[1]));
}

static void alike_ones_at_one_place_are_refused_and_listed(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry e[2] = { keyboard(7, "event3", HERE),
					 keyboard(6, "event4", HERE) };
	struct fault why;

	pass_identity_compare(&id, e, 2);
	assert_num(pass_identity_find(&id, &e[1], 1, &why), -EEXIST);
	assert_string_equal(why.text,
			    "\"Keyboard\" cannot be told from another device: "
			    "event4 at " HERE);
	/* As long as it is there, it is the one. */
	assert_num(find(&id, e, 2), 0);
}

/* Two of them that come at once. */
static void one_in_its_place_comes_first(void **state)
{
	const struct pass_identity id = identity();
	struct pass_entry e[2] = { keyboard(8, "event3", THERE),
				   keyboard(9, "event4", HERE) };

	assert_num(find(&id, e, 2), 1);
	strcpy(e[1].phys, "usb-0000:00:14.0-3/input0");
	assert_num(find(&id, e, 2), -EEXIST);
}

static void alike_ones_are_all_listed(void **state)
{
	const struct pass_entry was = keyboard(7, "event3", "");
	const struct pass_entry e[4] = { keyboard(8, "event4", ""),
					 keyboard(9, "event5", ""),
					 keyboard(5, "event6", "far"),
					 keyboard(4, "event7", "further") };
	struct pass_identity id;
	struct fault why;

	pass_identity_init(&id, &was);
	assert_rc(pass_identity_find(&id, e, 3, &why), -EEXIST);
	assert_string_equal(why.text,
			    "\"Keyboard\" cannot be told from another device: "
			    "event4 at an unknown place, "
			    "event5 at an unknown place, event6 at far");
}

/* The first and the last of those that are there. */
static void it_is_found_wherever_it_is_listed(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry e[3] = { keyboard(6, "event4", THERE),
					 keyboard(7, "event3", HERE),
					 keyboard(5, "event5", "far") };
	const struct pass_entry strangers[2] = { keyboard(6, "event4", THERE),
						 keyboard(7, "event3", HERE) };
	struct fault why;

	pass_identity_compare(&id, strangers, 1);
	assert_false(id.by_place || id.is_twin);
	pass_identity_compare(&id, e, 2);
	assert_true(id.by_place);
	assert_num(find(&id, e, 2), 1);
	strcpy(id.entry.phys, "usb-9/input0");
	id.entry.instance = 3;
	assert_rc(pass_identity_find(&id, e + 1, 2, &why), -ENODEV);
	assert_non_null(strstr(why.text, "event3 at "));
	id.entry.vendor++;
	why.text[0] = '\0';
	assert_rc(pass_identity_find(&id, e, 2, &why), -ENODEV);
	assert_string_equal(why.text, "");
}

/* As in a sysfs of a test. */
static void without_instances_the_node_has_to_do(void **state)
{
	const struct pass_entry e[2] = { keyboard(0, "event3", HERE),
					 keyboard(0, "event4", HERE) };
	struct pass_identity id;

	pass_identity_init(&id, &e[1]);
	pass_identity_compare(&id, e, 2);
	assert_true(id.is_twin);
	assert_num(find(&id, e, 2), 1);
	assert_num(find(&id, e, 1), -EEXIST);
}

/* A fast replug: it has come back before we knew that it was gone. */
static void device_is_not_compared_with_itself(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry back = keyboard(8, "event3", HERE);

	pass_identity_compare(&id, &back, 1);
	assert_false(id.is_twin);
	assert_num(find(&id, &back, 1), 0);
}

static void what_shows_the_guest_is_no_twin(void **state)
{
	struct pass_identity id = identity();
	const struct pass_entry e[2] = {
		keyboard(7, "event3", HERE),
		keyboard(8, "event4", OWN_DEVICE_PHYS "monitor"),
	};

	pass_identity_compare(&id, e, 2);
	assert_false(id.is_twin || id.by_place);
	assert_num(find(&id, e + 1, 1), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_of_the_node_does_not_matter),
		cmocka_unit_test(one_that_is_different_is_another),
		cmocka_unit_test(interface_of_a_device_tells_its_nodes_apart),
		cmocka_unit_test(place_tells_two_apart_that_are_alike),
		cmocka_unit_test(
			one_that_looks_the_same_may_be_it_until_both_are_seen),
		cmocka_unit_test(
			alike_ones_at_one_place_are_refused_and_listed),
		cmocka_unit_test(one_in_its_place_comes_first),
		cmocka_unit_test(alike_ones_are_all_listed),
		cmocka_unit_test(it_is_found_wherever_it_is_listed),
		cmocka_unit_test(without_instances_the_node_has_to_do),
		cmocka_unit_test(device_is_not_compared_with_itself),
		cmocka_unit_test(what_shows_the_guest_is_no_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
