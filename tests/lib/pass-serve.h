/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough beside a server (--to), and as one (--socket-path), with
 * the rig's front-end as its guest.
 */
#ifndef VINPUT_TESTS_PASS_SERVE_H
#define VINPUT_TESTS_PASS_SERVE_H

#include <stdlib.h>
#include <string.h>
#include "tests/lib/pass-rig.h"

/* A server with such a device beside the program. */
static inline void start_to_device(struct pass *p, const char *spec)
{
	struct rig *rig = p->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, spec, RIG_BUFFERS);
	pass_rig_node(p);
	process_arg(&p->program, "--to=%s", rig->inject_path);
}

static inline void start_to(struct pass *p)
{
	start_to_device(p, "keyboard");
}

static inline void run_to_device(struct pass *p, const char *spec)
{
	start_to_device(p, spec);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
}

static inline void run_to(struct pass *p)
{
	run_to_device(p, "keyboard");
}

/* The program is the server. */
static inline void start_serve(struct pass *p)
{
	struct rig *rig = p->rig;

	pass_rig_node(p);
	process_arg(&p->program, "--socket-path=%s", rig->socket);
	process_arg(&p->program, "--inject-path=%s", rig->inject_path);
}

/* The front-end is connected. */
static inline void start_driver(struct pass *p)
{
	struct frontend *fe = &p->rig->fe;

	assert_ok(fe_negotiate(fe));
	assert_ok(fe_make_rings(fe, RIG_BUFFERS));
	fe_post_buffers(fe, RIG_BUFFERS);
	assert_ok(fe_start(fe));
	expect(p->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
}

/* After start_serve(), and options. */
static inline void run_started(struct pass *p)
{
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	rig_connect(p->rig);
	start_driver(p);
}

static inline void run_serve(struct pass *p)
{
	start_serve(p);
	run_started(p);
}

static inline void expect_written(struct pass *p, const char *text)
{
	char *got = fake_node_written(p->fd);

	for (int i = 0; i < DEADLINE_MS && !strcmp(got, "-"); i++) {
		free(got);
		usleep(1000);
		got = fake_node_written(p->fd);
	}
	assert_string_equal(got, text);
	free(got);
}

static inline void set_caps_lock(struct pass *p, int on)
{
	const struct vi_event led = LED(LED_CAPSL, on), syn = SYN;

	assert_ok(fe_send_status(&p->rig->fe, &led));
	assert_ok(fe_send_status(&p->rig->fe, &syn));
}

#endif
