/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-inject asks receipts of: a server of the test's own, whose guest
 * is there.
 */
#ifndef VINPUT_TESTS_RECEIPT_WORLD_H
#define VINPUT_TESTS_RECEIPT_WORLD_H

#include <sys/socket.h>
#include "injector/inject/inject-report.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"

struct both {
	struct fake_server *s;
	struct inject_rules rules;
	struct inject_receipt x;
};

static inline int setup(void **state)
{
	static struct both b;

	b = (struct both){ .s = fake_server_new(SOCK_STREAM),
			   .rules = { .guest_ms = 10000, .read_ms = 1000 } };
	fake_server_greet(b.s);
	assert_ok(inject_receipt_begin(&b.x, b.s->v, &b.rules));
	fake_server_says(b.s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	assert_ok(inject_receipt_need_guest(&b.x));
	inject_receipt_command(&b.x);
	*state = &b;
	return 0;
}

static inline int teardown(void **state)
{
	struct both *b = *state;

	inject_receipt_fini(&b->x);
	fake_server_free(b->s);
	return 0;
}

/* A frame of n events. */
static inline void send_events(struct both *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_ok(vinject_event(b->s->v, EV_REL, REL_X, 1));
	assert_ok(inject_receipt_ask(&b->x));
	for (int r = vinject_frame(b->s->v); r; r = vinject_flush(b->s->v)) {
		assert_true(r > 0);
		fake_server_drains(b->s);
	}
}

/* A frame that types a character. */
static inline void type(struct both *b, char ch)
{
	inject_receipt_typing(&b->x, (uint32_t)ch);
	send_events(b, 1);
}

static inline void answer(struct both *b, uint16_t bits, uint32_t number)
{
	fake_server_reads(b->s, NULL);
	fake_server_says(b->s, CONTROL_RECEIPT, bits,
			 fake_server_wire(b->s, number));
	assert_true(vinject_dispatch(b->s->v) >= 0);
}

static inline void undeclared(struct both *b, uint16_t type, uint16_t code,
			      int n)
{
	fake_server_says(b->s, CONTROL_COUNT, CONTROL_UNDECLARED, n);
	fake_server_says(b->s, CONTROL_UNKNOWN, code, type);
}

static inline void expect_note(struct both *b, const char *text)
{
	struct fault line = { "" };

	assert_num(inject_report_note(&b->x, "kbd", &line),
		   text ? INJECT_NOTE_FAILURE : INJECT_NOTE_NONE);
	assert_string_equal(line.text, text ? text : "");
}

#endif
