/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the control socket can be asked for. An order is begun, and then looked
 * at whenever some state has changed, until it is done and has an answer:
 * {"ok": true, ...} or {"ok": false, "error": "..."}. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_ORDER_H
#define VINPUT_LAUNCH_ORDER_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include "injector/launch/launch-ask.h"
#include "injector/launch/launch-device.h"

struct launcher;
struct launch_order_row;
struct launch_order;

/* One device that was asked for its counters. */
struct launch_asked {
	struct launch_order *order;
	struct launch_ask ask;
	json_t *entry; /* borrowed from the order's answer */
	bool waits;
};

struct launch_order {
	const struct launch_order_row *row; /* NULL: none is pending */
	json_t *labels;			    /* of the devices it is about */
	bool failed;			    /* add: undo, then say why */
	char why[LAUNCH_WHY_MAX];
	json_t *answer; /* stats: so far */
	struct launch_asked *asked;
	size_t n_asked;
	ev_timer timer;
	struct launcher *launcher;
};

/* Return: the answer, to be freed; NULL: pending, or no memory for one. */
json_t *launch_order_begin(struct launch_order *order, struct launcher *l,
			   const char *text, size_t len);
json_t *launch_order_check(struct launch_order *order);
/* Forget it; what was begun goes on. Idempotent. */
void launch_order_fini(struct launch_order *order);

#endif
