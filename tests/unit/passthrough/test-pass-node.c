/* SPDX-License-Identifier: Apache-2.0 */
/* pass-node.h and pass-grab.h, with a node that this test plays. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "injector/passthrough/pass-grab.h"
#include "injector/passthrough/pass-node.h"
#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-node.h"

static struct fake_node fake;
#define FAKE_NODE (&fake)
#include "tests/lib/fake-node-ioctl.h"

static struct pass_node node;
static int test_end = -1;

static int setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	fake_node_keyboard(&fake);
	node = PASS_NODE_NULL;
	return 0;
}

static int teardown(void **state)
{
	pass_node_close(&node);
	close(test_end);
	return 0;
}

static int use_rc(struct fault *why)
{
	int fds[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	test_end = fds[1];
	return pass_node_use(&node, fds[0], why);
}

static void use(void)
{
	struct fault why;

	if (use_rc(&why))
		fail_msg("%s", why.text);
}

static void node_is_described(void **state)
{
	strcpy(fake.uniq, "A1");
	fake_node_axis(&fake, ABS_X, -3, 4000);
	fake.abs[ABS_X].resolution = 40;
	bit_set(fake.prop, INPUT_PROP_DIRECT);
	use();
	assert_string_equal(node.spec.name, "Keyboard of a test");
	assert_string_equal(node.spec.serial, "A1");
	assert_num(node.spec.ids.bustype, BUS_USB);
	assert_num(node.spec.ids.product, 0xabcd);
	assert_true(spec_has(&node.spec, EV_KEY, KEY_A));
	assert_false(spec_has(&node.spec, EV_KEY, KEY_C));
	assert_true(spec_has(&node.spec, EV_LED, LED_CAPSL));
	assert_true(bit_test(node.spec.props, INPUT_PROP_DIRECT));
	assert_num(node.spec.abs[ABS_X].min, -3);
	assert_num(node.spec.abs[ABS_X].res, 40);
	assert_num(node.spec.repeat_delay_ms, 250);
}

static void power_events_are_noted(void **state)
{
	bit_set(fake.bits[0], EV_PWR);
	bit_set(fake.bits[0], EV_FF_STATUS);
	use();
	assert_num(node.notes.n, 2);
	assert_non_null(strstr(node.notes.line[0], "EV_PWR: virtio-input"));
	assert_non_null(strstr(node.notes.line[1], "EV_FF_STATUS: virtio"));
}

static void unplugged_node_is_refused(void **state)
{
	struct fault why;

	fake.error = ENODEV;
	assert_rc(use_rc(&why), -ENODEV);
	assert_string_equal(why.text, "No such device");
	assert_num(node.fd, -1);
}

static void what_is_no_node_is_refused(void **state)
{
	static const int errors[] = { ENOTTY, EINVAL };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct fault why;

		fake.error = errors[i];
		close(test_end);
		assert_rc(use_rc(&why), -EINVAL);
		assert_string_equal(why.text, "not an input device");
	}
}

static void a_closed_node_is_not_grabbed(void **state)
{
	int fd;

	use();
	assert_ok(pass_node_grab(&node, true));
	fd = node.fd;
	pass_node_close(&node);
	assert_num(node.fd, -1);
	assert_false(node.grabbed);
	assert_num(fcntl(fd, F_GETFD), -1);
	pass_node_close(&node);
}

/* Whoever opens several closes all of them after an error. */
static void what_cannot_be_opened_leaves_nothing_to_close(void **state)
{
	struct fault why;

	memset(&node, 1, sizeof(node));
	assert_rc(pass_node_open(&node, "/nonexistent", &why), -ENOENT);
	assert_num(node.fd, -1);
}

static void what_may_be_written_to_is_writable(void **state)
{
	char path[] = "/tmp/node.XXXXXX";
	struct fault why;

	close(mkstemp(path));
	assert_ok(pass_node_open(&node, path, &why));
	unlink(path);
	assert_true(node.writable);
}

static void without_an_answer_no_key_is_down(void **state)
{
	uint8_t key[KEY_CNT / 8];

	use();
	memset(key, 0xff, sizeof(key));
	fake.error = ENODEV;
	assert_rc(pass_node_keys(&node, key), -ENODEV);
	assert_num(pass_grab_first(key), -1);
}

static void events_are_read_until_there_are_none(void **state)
{
	struct input_event ev[4];

	use();
	assert_num(pass_node_read(&node, ev, 4), 0);
	fake_node_sends(test_end, "KEY_A 1");
	assert_num(pass_node_read(&node, ev, 4), 2);
	assert_num(ev[0].code, KEY_A);
	close(test_end);
	test_end = -1;
	assert_rc(pass_node_read(&node, ev, 4), -ENODEV);
	close(node.fd);
	assert_rc(pass_node_read(&node, ev, 4), -EBADF);
	node.fd = -1;
}

static void on_alarm(int sig)
{
}

/* It is interrupted by a signal, which comes again and again. */
static void reading_waits_if_it_is_to(void **state)
{
	const struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	struct input_event ev[4];

	use();
	pass_node_wait(&node, true);
	assert_false(fcntl(node.fd, F_GETFL) & O_NONBLOCK);
	fake_node_sends(test_end, "KEY_A 1");
	assert_num(pass_node_read(&node, ev, 4), 2);
	assert_sys(sigaction(SIGALRM, &sa, NULL));
	assert_sys(setitimer(ITIMER_REAL, &often, NULL));
	assert_num(pass_node_read(&node, ev, 4), 0);
	assert_num(errno, EINTR);
	memset(&often, 0, sizeof(often));
	assert_sys(setitimer(ITIMER_REAL, &often, NULL));
	pass_node_wait(&node, false);
	assert_true(fcntl(node.fd, F_GETFL) & O_NONBLOCK);
	assert_num(pass_node_read(&node, ev, 4), 0);
	assert_num(errno, EAGAIN);
}

static void state_has_keys_switches_axes_and_contacts(void **state)
{
	static struct state now;

	/* Of another time. */
	memset(&now, 0x55, sizeof(now));
	fake_node_add(&fake, EV_SW, SW_LID);
	fake_node_add(&fake, EV_SW, SW_TABLET_MODE);
	fake_node_axis(&fake, ABS_X, 0, 99);
	fake_node_axis(&fake, ABS_Y, 0, 99);
	fake_node_axis(&fake, ABS_MT_TOOL_Y, 0, 99);
	fake_node_axis(&fake, ABS_MT_SLOT, 0, 9);
	fake_node_axis(&fake, ABS_MT_TRACKING_ID, 0, 65535);
	fake_node_axis(&fake, ABS_MT_POSITION_X, 0, 99);
	bit_set(fake.key, KEY_B);
	bit_set(fake.sw, SW_LID);
	fake.abs[ABS_X].value = 7;
	fake.abs[ABS_MT_SLOT].value = 3;
	fake.slot[ABS_MT_TRACKING_ID][3] = 12;
	fake.slot[ABS_MT_POSITION_X][3] = 55;
	fake.slot[ABS_MT_TOOL_Y][3] = 44;
	fake.slot[ABS_MT_POSITION_X][4] = 66;
	fake.slot[ABS_MT_TRACKING_ID][5] = 0;
	fake.slot[ABS_MT_POSITION_X][5] = 77;
	fake.slot[ABS_MT_TRACKING_ID][10] = 13;
	use();
	errno = EPERM;
	assert_ok(pass_node_state(&node, &now));
	assert_true(bit_test(now.key, KEY_B));
	assert_false(bit_test(now.key, KEY_A));
	assert_true(bit_test(now.sw, SW_LID));
	assert_false(bit_test(now.sw, SW_TABLET_MODE));
	assert_num(now.abs[ABS_X], 7);
	assert_true(now.abs_known == 3);
	assert_num(now.slot, 3);
	assert_num(now.contact[3].id, 12);
	assert_num(now.contact[3].axis[ABS_MT_POSITION_X - STATE_MT_FIRST], 55);
	assert_num(now.contact[3].axis[ABS_MT_TOOL_Y - STATE_MT_FIRST], 44);
	assert_num(now.contact[3].known,
		   1 << (ABS_MT_POSITION_X - STATE_MT_FIRST) |
			   1 << (ABS_MT_TOOL_Y - STATE_MT_FIRST));
	assert_num(now.contact[5].id, 0);
	assert_num(now.contact[5].axis[ABS_MT_POSITION_X - STATE_MT_FIRST], 77);
	assert_num(now.contact[4].id, -1);
	assert_num(now.contact[4].known, 0);
	assert_num(now.contact[10].id, -1);
	fake.abs[ABS_MT_SLOT].value = 0;
	assert_ok(pass_node_state(&node, &now));
	assert_num(now.slot, 0);
	/* A slot that it does not have is none. */
	fake.abs[ABS_MT_SLOT].value = 10;
	assert_ok(pass_node_state(&node, &now));
	assert_num(now.slot, -1);
	fake.abs[ABS_MT_SLOT].value = -1;
	assert_ok(pass_node_state(&node, &now));
	assert_num(now.slot, -1);
}

static void contacts_without_slots_have_no_state(void **state)
{
	static struct state now;

	fake_node_axis(&fake, ABS_MT_POSITION_X, 0, 99);
	use();
	assert_true(node.type_a);
	assert_ok(pass_node_state(&node, &now));
	assert_num(now.contact[0].id, -1);
}

static void expect_written(const char *text)
{
	char *got = fake_node_written(test_end);

	assert_string_equal(got, text);
	free(got);
}

static void leds_are_set_as_far_as_the_device_has_them(void **state)
{
	uint32_t on;

	bit_set(fake.led, LED_NUML);
	use();
	assert_ok(pass_node_leds(&node, &on));
	assert_num(on, 1u << LED_NUML);
	assert_ok(pass_node_set_leds(&node, 1u << LED_CAPSL | 1u << LED_MUTE,
				     UINT32_MAX));
	expect_written("LED_CAPSL 1, SYN_REPORT 0");
	assert_ok(pass_node_set_leds(&node, 1u << LED_MUTE, 0));
	expect_written("-");
	for (unsigned int led = 0; led < LED_CNT; led++)
		bit_set(node.spec.bits[EV_LED], led);
	assert_ok(pass_node_set_leds(&node, UINT32_MAX, 1u << LED_MAX));
	expect_written("LED_NUML 0, LED_CAPSL 0, LED_SCROLLL 0, "
		       "LED_COMPOSE 0, LED_KANA 0, LED_SLEEP 0, "
		       "LED_SUSPEND 0, LED_MUTE 0, LED_MISC 0, LED_MAIL 0, "
		       "LED_CHARGING 0, 17:11 0, 17:12 0, 17:13 0, 17:14 0, "
		       "LED_MAX 1, SYN_REPORT 0");
	node.writable = false;
	assert_ok(pass_node_set_leds(&node, 1u << LED_CAPSL, 0));
	expect_written("-");
}

static int take(enum pass_grab how, int *first)
{
	uint8_t down[KEY_CNT / 8];
	int r = pass_grab_take(&node, how, down);

	*first = pass_grab_first(down);
	return r;
}

static void grab_waits_until_all_keys_are_up(void **state)
{
	int key;

	bit_set(fake.key, KEY_A);
	use();
	assert_rc(take(PASS_GRAB_WAIT, &key), -EAGAIN);
	assert_num(key, KEY_A);
	assert_num(fake.grabs, 0);
	bit_clear(fake.key, KEY_A);
	assert_ok(take(PASS_GRAB_WAIT, &key));
	assert_num(key, -1);
	assert_true(fake.grabbed);
	assert_true(node.grabbed);
}

static void key_that_comes_down_in_between_is_let_go(void **state)
{
	int key;

	fake.key_at_grab = KEY_B;
	use();
	assert_rc(take(PASS_GRAB_WAIT, &key), -EAGAIN);
	assert_num(key, KEY_B);
	assert_num(fake.grabs, 1);
	assert_false(fake.grabbed);
	assert_false(node.grabbed);
}

static void grab_now_says_what_was_down(void **state)
{
	int key;

	bit_set(fake.key, KEY_A);
	use();
	assert_ok(take(PASS_GRAB_NOW, &key));
	assert_num(key, KEY_A);
	assert_true(fake.grabbed);
}

static void without_grab_the_host_keeps_it(void **state)
{
	int key;

	fake.taken = true;
	use();
	assert_ok(take(PASS_GRAB_NONE, &key));
	assert_num(fake.grabs, 0);
}

static void grabbed_by_another_is_busy(void **state)
{
	int key;

	fake.taken = true;
	use();
	assert_rc(take(PASS_GRAB_WAIT, &key), -EBUSY);
	assert_rc(take(PASS_GRAB_NOW, &key), -EBUSY);
	assert_false(node.grabbed);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(node_is_described),
		T(power_events_are_noted),
		T(unplugged_node_is_refused),
		T(what_is_no_node_is_refused),
		T(a_closed_node_is_not_grabbed),
		T(what_cannot_be_opened_leaves_nothing_to_close),
		T(what_may_be_written_to_is_writable),
		T(without_an_answer_no_key_is_down),
		T(events_are_read_until_there_are_none),
		T(reading_waits_if_it_is_to),
		T(state_has_keys_switches_axes_and_contacts),
		T(contacts_without_slots_have_no_state),
		T(leds_are_set_as_far_as_the_device_has_them),
		T(grab_waits_until_all_keys_are_up),
		T(key_that_comes_down_in_between_is_let_go),
		T(grab_now_says_what_was_down),
		T(without_grab_the_host_keeps_it),
		T(grabbed_by_another_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
