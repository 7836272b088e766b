/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handle's side of the control events (input/device/control.h): what is set,
 * what has to be sent for it, and what the server's events mean. Knows no
 * socket. Nothing that a server sends is trusted: what was not asked for is
 * ignored.
 */
#ifndef VINJECT_CONTROL_H
#define VINJECT_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/libvinject/vinject-owed.h"
#include "injector/libvinject/vinject.h"
#include "input/device/control.h"

#define VINJECT_NAME_MAX 128 /* virtio 1.3 §5.8.2 */

enum vinject_request {
	VINJECT_IDLE,
	VINJECT_ASKED,
	VINJECT_ANSWERED,
	VINJECT_FAILED,
};

struct vinject_control {
	bool said;	  /* HELLO is sent on each connection */
	bool known;	  /* some server has answered it */
	bool heard;	  /* so has the present one */
	unsigned int due; /* bits 1 << (type - CONTROL_FIRST) to be sent */
	int lossless_ms;

	struct vinject_owed owed;
	uint32_t base;	/* of the numbers as the server knows them */
	uint32_t first; /* of this server */
	struct vinject_receipt coming, sum;
	/* A request of our own, with the number 0, for what was sent before. */
	bool probing;
	uint32_t probe_end; /* also when it was answered; 0: none */
	vinject_receipt_fn receipt;
	void *receipt_arg;

	enum vinject_request cancel;
	uint32_t cancel_end; /* what was asked for before it */
	uint32_t cancel_last;
	bool cancel_has_last;

	bool watching;
	enum vinject_driver driver;
	vinject_driver_fn driver_fn;
	void *driver_arg;

	enum vinject_request name_asked;
	char name[VINJECT_NAME_MAX + 4];

	enum vinject_request held_asked;
	unsigned int held; /* enum vinject_modifier */
};

void vinject_control_init(struct vinject_control *c);
/* Unset everything; what is owed is not known. */
void vinject_control_reset(struct vinject_control *c);
/* There is a new connection. */
void vinject_control_came_up(struct vinject_control *c);
/* The connection is lost; for_good: and the unfinished frame with it. */
void vinject_control_lost(struct vinject_control *c, bool for_good);

/* Let a request be sent. type: HELLO, LOSSLESS, WATCH, NAME, HELD. */
void vinject_control_request(struct vinject_control *c, uint16_t type);
/* Write the requests that are due. Return: how many, at most this: */
#define VINJECT_REQUESTS_MAX 5
size_t vinject_control_due(const struct vinject_control *c,
			   struct vi_event *out);
/*
 * Write what unsets all for the next user of a socket that was passed down.
 * Return: how many, at most VINJECT_REQUESTS_MAX.
 */
size_t vinject_control_leave(const struct vinject_control *c,
			     struct vi_event *out);
/*
 * Receipts of folded frames go with the difference: one request for all.
 * Return: whether there are any, and *ev.
 */
bool vinject_control_folded(struct vinject_control *c, struct vi_event *ev);
struct vi_event vinject_control_receipt(const struct vinject_control *c,
					uint32_t number);
/*
 * The answer to what was sent last can be lost: ask anew. Return: whether to
 * send *ev, and then call vinject_control_probed().
 */
bool vinject_control_probe(const struct vinject_control *c,
			   struct vi_event *ev);
void vinject_control_probed(struct vinject_control *c);

/*
 * Take one of the server's control events. It can end in callbacks, from which
 * the connection can be lost and replaced.
 */
void vinject_control_take(struct vinject_control *c, const struct vi_event *ev);
/* Report the oldest receipts that will not be answered; callbacks likewise. */
void vinject_control_settle(struct vinject_control *c);

#endif
