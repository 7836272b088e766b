/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-monitor against the real server: what it prints. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/lib/event-text.h"
#include "tests/lib/monitor-rig.h"

static void device_is_printed_as_check_spec_prints_it(void **state)
{
	struct watch *w = *state;
	struct process check;

	process_init(&check, "vhost-user-input");
	process_capture(&check);
	process_arg(&check, "--check-spec");
	process_arg(&check, "--spec=%s/tests/wire/specs/axes.json",
		    test_root());
	process_start(&check);
	assert_num(process_wait(&check), 0);

	rig_serve(w->rig, "axes");
	start_monitor(w, ARGS("--timeout=0"));
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	const char *due = process_stdout(&check);
	const char *rules = strstr(due, "Axes return to:\n");
	assert_non_null(rules);
	const size_t len = (size_t)(rules - due);
	assert_true(len > 100);
	if (strncmp(text, due, len))
		fail_msg("not\n%s\nbut\n%s", due, text);
	assert_string_equal(text + len, "Testing ... (interrupt to exit)\n");
	process_fini(&check);
}

static void events_are_printed_as_evtest_does(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, vi_event(EV_MSC, MSC_SCAN, 458756), KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, "Event: time "), 3);
	assert_num(count(text, ", type 4 (EV_MSC), code 4 (MSC_SCAN), "
			       "value 458756\n"),
		   1);
	assert_num(count(text, ", type 1 (EV_KEY), code 30 (KEY_A), value 1\n"),
		   1);
	assert_num(count(text, ", -------------- SYN_REPORT ------------\n"),
		   1);
	assert_string_equal(w->monitor.err.text, "");
}

static void several_devices_are_watched_at_once(void **state)
{
	struct watch *w = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *mouse = other;
	rig_serve(w->rig, "keyboard");
	rig_serve(mouse, "mouse");
	process_arg(&w->monitor, "%s", mouse->socket);
	start_monitor(w, ARGS("--count=2", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(mouse, REL(REL_X, 7), SYN);
	process_expect_stdout(&w->monitor, "(REL_X), value 7");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "Input device name:"), 2);
	assert_num(count(process_stdout(&w->monitor), ": Event: time "), 4);
	rig_teardown(&other);
}

static void a_device_that_leaves_does_not_end_the_others(void **state)
{
	struct watch *w = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *mouse = other;
	rig_serve(w->rig, "keyboard");
	rig_serve(mouse, "mouse");
	process_arg(&w->monitor, "%s", mouse->socket);
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	rig_teardown(&other);
	process_expect_log(&w->monitor, "closed the connection");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
}

static void record_writes_what_came_as_a_recording(void **state)
{
	struct watch *w = *state;
	char path[80], option[96], text[256] = "";

	rig_serve(w->rig, "keyboard");
	snprintf(path, sizeof(path), "%s/rec", w->rig->dir);
	snprintf(option, sizeof(option), "--record=%s", path);
	start_monitor(w, ARGS(option, "--count=2", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&w->monitor), 0);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	unlink(path);
	/* The second frame may come a little later. */
	char *second = strstr(text, "\n0.") + 1;
	second = strstr(second, "\n0.");
	assert_non_null(second);
	memcpy(second + 3, "000000", 6);
	assert_string_equal(text, "# vinput recording 1\n# wire keyboard\n"
				  "0.000000 KEY_A=1 KEY_B=1\n"
				  "0.000000 KEY_A=0\n");
}

/* Its output, or standard output, is on a full disk. */
static void what_cannot_be_written_is_status_1(void **state)
{
	static const struct {
		const char *option, *says;
	} rows[] = {
		{ "--record=/nonexistent/file",
		  "vinput-monitor: cannot write /nonexistent/file: No such "
		  "file or directory\n" },
		{ "--record=/dev/full",
		  "vinput-monitor: cannot write all of /dev/full\n" },
		{ NULL, "cannot write the output\n" },
	};
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct process p;
		const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

		assert_sys(full);
		process_init(&p, "vinput-monitor");
		if (rows[i].option)
			process_arg(&p, "%s", rows[i].option);
		else
			p.out = full;
		process_arg(&p, "--timeout=0");
		process_arg(&p, "%s", w->rig->socket);
		process_start(&p);
		close(full);
		assert_num(process_wait(&p), 1);
		assert_num(count(p.err.text, rows[i].says), 1);
		assert_num(count(p.err.text, "\n"), 1);
		process_fini(&p);
	}
}

static void touch_shows_the_contacts_after_each_frame(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "touch");
	start_monitor(w, ARGS("--touch", "--count=3", "--timeout=10"));
	process_expect_stdout(&w->monitor, "Testing");
	inject(w->rig, ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, 5),
	       ABS(ABS_MT_POSITION_X, 10), ABS(ABS_MT_POSITION_Y, 20), SYN);
	inject(w->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 6),
	       ABS(ABS_MT_POSITION_X, 3), ABS(ABS_MT_POSITION_Y, 4), SYN);
	inject(w->rig, ABS(ABS_MT_TRACKING_ID, -1), ABS(ABS_MT_SLOT, 1),
	       ABS(ABS_MT_TRACKING_ID, -1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, "\n1 contact  0: 10,20\n"), 1);
	assert_num(count(text, "\n2 contacts  0: 10,20  1: 3,4\n"), 1);
	assert_num(count(text, "\nno contact\n"), 1);
}

static void count_ends_it_after_so_many_frames(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--count", "3", "--ring-size", "4"));
	process_expect_stdout(&w->monitor, "Testing");
	for (int i = 0; i < 5; i++)
		inject(w->rig, KEY(KEY_A, (i + 1) % 2), SYN);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "SYN_REPORT"), 3);
}

/* packed: one more argument, or NULL. */
static void every_size_shows_all_events(struct watch *w, const char *packed,
					const char *const sizes[4])
{
	rig_serve(w->rig, "mouse");
	for (size_t i = 0; i < 4; i++) {
		start_monitor(w, ARGS("--count=200", "--ring-size", sizes[i],
				      packed));
		process_expect_stdout(&w->monitor, "Testing");
		for (int j = 1; j <= 200; j++)
			inject(w->rig, REL(REL_X, j), SYN);
		assert_num(process_wait(&w->monitor), 0);
		const char *text = process_stdout(&w->monitor);
		assert_num(count(text, "(REL_X), value "), 200);
		assert_num(count(text, "(REL_X), value 200\n"), 1);
		process_fini(&w->monitor);
		process_init(&w->monitor, "vinput-monitor");
		process_capture(&w->monitor);
	}
}

static void every_ring_size_shows_all_events(void **state)
{
	static const char *const sizes[] = { "1", "2", "64", "32768" };

	every_size_shows_all_events(*state, NULL, sizes);
}

static void every_packed_ring_size_shows_all_events(void **state)
{
	static const char *const sizes[] = { "1", "7", "100", "32768" };

	every_size_shows_all_events(*state, "--packed", sizes);
}

static const char *next_line(char **text)
{
	char *line = strsep(text, "\n");

	assert_non_null(line);
	return line;
}

static json_t *get(json_t *json, const char *key)
{
	json_t *value = json_object_get(json, key);

	if (!value)
		fail_msg("no \"%s\"", key);
	return value;
}

static void check_device_json(const char *line)
{
	json_t *json = json_loads(line, 0, NULL);

	assert_non_null(json);
	json_t *dev = get(json, "device");
	assert_string_equal(json_string_value(get(dev, "name")), "wire axes");
	assert_string_equal(json_string_value(get(dev, "serial")), "axes-1");
	json_t *abs = get(get(dev, "events"), "EV_ABS");
	assert_num((long long)json_array_size(abs), 2);
	assert_string_equal(json_string_value(json_array_get(abs, 0)), "ABS_X");
	json_t *x = get(get(dev, "axes"), "ABS_X");
	assert_num(json_integer_value(get(x, "min")), -100);
	assert_num(json_integer_value(get(x, "max")), 100);
	assert_num(json_integer_value(get(x, "fuzz")), 3);
	assert_num(json_integer_value(get(x, "flat")), 5);
	assert_num(json_integer_value(get(x, "res")), 7);
	get(get(dev, "ids"), "bustype");
	get(dev, "properties");
	json_decref(json);
}

static void check_event_json(const char *line, int type, int code, int value)
{
	json_t *json = json_loads(line, 0, NULL);

	assert_non_null(json);
	assert_true(json_real_value(get(json, "time")) > 1e9);
	assert_num(json_integer_value(get(json, "type")), type);
	assert_num(json_integer_value(get(json, "code")), code);
	assert_num(json_integer_value(get(json, "value")), value);
	get(json, "type_name");
	get(json, "code_name");
	json_decref(json);
}

static void json_is_one_object_a_line_the_device_first(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "axes");
	start_monitor(w, ARGS("--json", "--count=1"));
	process_expect_stdout(&w->monitor, "}\n");
	inject(w->rig, ABS(ABS_X, -50), KEY(BTN_TRIGGER, 1), SYN);
	assert_num(process_wait(&w->monitor), 0);
	char *text = strdup(process_stdout(&w->monitor)), *rest = text;
	assert_non_null(text);
	check_device_json(next_line(&rest));
	check_event_json(next_line(&rest), EV_ABS, ABS_X, -50);
	check_event_json(next_line(&rest), EV_KEY, BTN_TRIGGER, 1);
	check_event_json(next_line(&rest), EV_SYN, SYN_REPORT, 0);
	assert_string_equal(rest, "");
	free(text);
}

/* --- several devices --- */

/* Watch a touchscreen, and a mouse whose events nobody waits for. */
static void watch_two(struct watch *w, const char *format)
{
	struct process *other = &w->other;
	struct vi_event ev[16];
	size_t n = event_text_frame("ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 5, "
				    "ABS_MT_POSITION_X 10, "
				    "ABS_MT_POSITION_Y 20",
				    ev, 16);

	process_arg(other, "--spec=%s/tests/wire/specs/mouse.json",
		    test_root());
	process_arg(other, "--socket-path=%s/two", w->rig->dir);
	process_start(other);
	process_expect_log(other, "serving");
	process_arg(&w->monitor, "%s/two", w->rig->dir);
	rig_serve(w->rig, "touch");
	start_monitor(w, ARGS(format, "--count=1", "--timeout=10"));
	process_expect_stdout(&w->monitor, "wire touchscreen");
	process_expect_stdout(&w->monitor, "wire mouse");
	rig_inject(w->rig, 0, ev, n);
	assert_num(process_wait(&w->monitor), 0);
	assert_num(process_terminate(other), 0);
}

static void each_event_has_its_devices_label(void **state)
{
	struct watch *w = *state;

	watch_two(w, "--json");
	const char *text = process_stdout(&w->monitor);
	assert_num(count(text, ",\"label\":\"two\"}\n"), 1);
	assert_num(count(text, "\n{\"label\":\""), count(text, "\n") - 2);
	assert_num(count(text, "\"code_name\":\"ABS_MT_POSITION_Y\","
			       "\"value\":20}\n"),
		   1);
}

static void contacts_of_each_device_have_a_line(void **state)
{
	struct watch *w = *state;

	watch_two(w, "--touch");
	assert_num(
		count(process_stdout(&w->monitor), ": 1 contact  0: 10,20\n"),
		1);
}

static void timeout_without_count_is_success(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--timeout", "0.1"));
	assert_num(process_wait(&w->monitor), 0);
	assert_string_equal(w->monitor.err.text, "");
}

static void timeout_before_count_is_status_3(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--timeout=0.1", "--count=1"));
	assert_num(process_wait(&w->monitor), 3);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

static void what_is_held_is_the_first_frame(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(w->rig->inject[0]);
	start_monitor(w, ARGS("--count=1"));
	assert_num(process_wait(&w->monitor), 0);
	assert_num(count(process_stdout(&w->monitor), "(KEY_A), value 1"), 1);
}

/* A socket that got the number of stdout would receive what is printed. */
static void closed_standard_streams_do_no_harm(void **state)
{
	struct watch *w = *state;
	char *program = w->monitor.argv[0];

	rig_serve(w->rig, "keyboard");
	inject(w->rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(w->rig->inject[0]);
	w->monitor.argc = 0;
	process_arg(&w->monitor, "/bin/sh");
	process_arg(&w->monitor, "-c");
	process_arg(&w->monitor, "exec \"$0\" \"$@\" <&- >&- 2>&-");
	process_arg(&w->monitor, "%s", program);
	free(program);
	start_monitor(w, ARGS("--count=1", "--timeout=10"));
	assert_num(process_wait(&w->monitor), 0);
}

static void led_is_sent_to_the_injectors(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--led=CAPSL=on", "--led", "led_numl=off",
			      "--timeout=0"));
	assert_num(process_wait(&w->monitor), 0);
	expect_status(w->rig, LED(LED_CAPSL, 1), LED(LED_NUML, 0));
	rig_expect_no_status(w->rig, 0);
}

static void locks_switch_their_leds(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "keyboard");
	start_monitor(w, ARGS("--locks", "--led=NUML=on"));
	expect_status(w->rig, LED(LED_NUML, 1));
	inject(w->rig, KEY(KEY_CAPSLOCK, 1), SYN, KEY(KEY_CAPSLOCK, 0), SYN,
	       KEY(KEY_A, 1), SYN);
	expect_status(w->rig, LED(LED_CAPSL, 1));
	inject(w->rig, KEY(KEY_CAPSLOCK, 1), SYN);
	expect_status(w->rig, LED(LED_CAPSL, 0));
	rig_expect_no_status(w->rig, 0);
}

static void led_that_the_device_lacks_is_status_1(void **state)
{
	struct watch *w = *state;

	rig_serve(w->rig, "mouse");
	start_monitor(w, ARGS("--led=CAPSL=on"));
	assert_num(process_wait(&w->monitor), 1);
	assert_num(count(w->monitor.err.text, "\n"), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(device_is_printed_as_check_spec_prints_it),
		T(events_are_printed_as_evtest_does),
		T(several_devices_are_watched_at_once),
		T(a_device_that_leaves_does_not_end_the_others),
		T(record_writes_what_came_as_a_recording),
		T(what_cannot_be_written_is_status_1),
		T(touch_shows_the_contacts_after_each_frame),
		T(count_ends_it_after_so_many_frames),
		T(every_ring_size_shows_all_events),
		T(every_packed_ring_size_shows_all_events),
		T(json_is_one_object_a_line_the_device_first),
		T(each_event_has_its_devices_label),
		T(contacts_of_each_device_have_a_line),
		T(timeout_without_count_is_success),
		T(timeout_before_count_is_status_3),
		T(what_is_held_is_the_first_frame),
		T(closed_standard_streams_do_no_harm),
		T(led_is_sent_to_the_injectors),
		T(locks_switch_their_leds),
		T(led_that_the_device_lacks_is_status_1),
	};

	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
