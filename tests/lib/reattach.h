/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end whose device has died continues with the next one, with the
 * guest's memory and rings as they are. Front-ends differ in what they want
 * acked, in the order in which they set up a ring, and in what they use as its
 * base.
 */
#ifndef VINPUT_TESTS_REATTACH_H
#define VINPUT_TESTS_REATTACH_H

#include "injector/frontend/frontend.h"

enum reattach_step {
	REATTACH_END, /* no more */
	REATTACH_NUM,
	REATTACH_ADDR,
	REATTACH_BASE,
	REATTACH_CALL,
	REATTACH_KICK,
	REATTACH_ENABLE,
};

enum reattach_base {
	BASE_0,
	BASE_USED,  /* used->idx */
	BASE_AVAIL, /* avail->idx */
};

struct reattach_style {
	const char *name;
	bool acks, mem_table;
	bool packed; /* lets the guest use packed rings: tests/guest/relay.c */
	enum reattach_base base;
	enum reattach_step each[6]; /* for each ring in turn */
	enum reattach_step last[1]; /* then again for each ring in turn */
	bool stamps; /* notifications of the eventq: tests/guest/relay.c */
};

enum {
	REATTACH_CROSVM,
	REATTACH_CLOUD_HYPERVISOR,
	REATTACH_QEMU,
	REATTACH_STYLES,
};

extern const struct reattach_style reattach_styles[REATTACH_STYLES];

/* Messages of a session; the negotiation counts as the first. */
#define REATTACH_STEPS 15

/*
 * Connect, negotiate what was negotiated before, and start the rings; or only
 * the first n steps of that. Return: as fe_request().
 */
int reattach(struct frontend *fe, const char *socket,
	     const struct reattach_style *style, size_t n);

#endif
