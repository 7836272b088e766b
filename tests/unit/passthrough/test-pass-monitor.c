/* SPDX-License-Identifier: Apache-2.0 */
/* pass-monitor.h, with a folder of nodes of our own. */
#include <ev.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/passthrough/pass-monitor.h"
#include "input/base/container.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

#define SETTLED_S 0.1
#define FLAP_S	  0.02
#define FLAPS_MAX 250

struct world {
	char dir[TEMP_DIR_LEN];
	struct pass_host host;
	struct pass_monitor monitor;
	ev_timer flap;
	unsigned int n_flaps, flaps_max, n_changed, n_settled;
};

static void on_changed(void *arg)
{
	((struct world *)arg)->n_changed++;
}

static void on_settled(void *arg)
{
	struct world *w = arg;

	w->n_settled++;
	ev_break(w->monitor.loop, EVBREAK_ALL);
}

static void on_flap(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct world *w = container_of(timer, struct world, flap);
	char path[TEMP_DIR_LEN + 16];

	snprintf(path, sizeof(path), "%s/event%u", w->dir, w->n_flaps);
	file_write(path, "%s", "");
	if (++w->n_flaps == w->flaps_max)
		ev_timer_stop(loop, timer);
}

static void flap(struct world *w, unsigned int flaps_max)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);

	temp_dir_make(w->dir);
	w->host = (struct pass_host){ .sys = w->dir, .dev = w->dir };
	w->monitor = (struct pass_monitor){ .loop = loop,
					    .host = &w->host,
					    .changed = on_changed,
					    .settled = on_settled,
					    .arg = w };
	w->flaps_max = flaps_max;
	assert_ok(pass_monitor_start(&w->monitor));
	w->monitor.settled_timer.repeat = SETTLED_S;
	ev_timer_init(&w->flap, on_flap, FLAP_S, FLAP_S);
	ev_timer_start(loop, &w->flap);
	ev_run(loop, 0);
	ev_timer_stop(loop, &w->flap);
	pass_monitor_fini(&w->monitor);
	ev_loop_destroy(loop);
	assert_sys(temp_dir_remove(w->dir));
}

/* Wait until something is reported. */
static void expect_change(struct world *w)
{
	const unsigned int before = w->n_changed;

	while (w->n_changed == before)
		ev_run(w->monitor.loop, EVRUN_ONCE);
}

/* The kernel makes the folder with the first node, and removes it. */
static void nodes_are_seen_also_in_a_new_folder(void **state)
{
	struct world w = { 0 };
	char folder[TEMP_DIR_LEN + 16], node[TEMP_DIR_LEN + 32];
	char other[TEMP_DIR_LEN + 16], seat[64] = "";

	temp_dir_make(w.dir);
	snprintf(folder, sizeof(folder), "%s/input", w.dir);
	snprintf(other, sizeof(other), "%s/other", w.dir);
	snprintf(node, sizeof(node), "%s/event0", folder);
	w.host = (struct pass_host){ .sys = w.dir, .dev = folder };
	w.monitor = (struct pass_monitor){ .loop = ev_loop_new(EVFLAG_NOENV),
					   .host = &w.host,
					   .changed = on_changed,
					   .settled = on_settled,
					   .arg = &w };
	assert_ok(pass_monitor_start(&w.monitor));
	assert_sys(mkdir(folder, 0700));
	expect_change(&w);
	file_write(node, "%s", "");
	expect_change(&w);
	assert_sys(chmod(node, 0600));
	expect_change(&w);
	file_write(other, "%s", "");
	assert_sys(rename(other, node));
	expect_change(&w);
	if (!w.monitor.udev) {
		assert_ok(pass_monitor_seat(&w.monitor, "event0", seat));
		assert_string_equal(seat, "seat0");
	}
	pass_monitor_fini(&w.monitor);
	pass_monitor_fini(&w.monitor);
	ev_loop_destroy(w.monitor.loop);
	assert_sys(temp_dir_remove(w.dir));
}

static void changes_settle_when_they_end(void **state)
{
	struct world w = { 0 };

	flap(&w, 2);
	assert_num(w.n_settled, 1);
	assert_num(w.n_flaps, 2);
	assert_true(w.n_changed > 0);
}

static void endless_changes_settle_too(void **state)
{
	struct world w = { 0 };

	flap(&w, FLAPS_MAX);
	assert_num(w.n_settled, 1);
	assert_true(w.n_flaps < FLAPS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_seen_also_in_a_new_folder),
		cmocka_unit_test(changes_settle_when_they_end),
		cmocka_unit_test(endless_changes_settle_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
