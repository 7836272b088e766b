/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server for libvinject's control events, played by the test: the other end
 * of a handle's socketpair. It notes what the handle's callbacks are called
 * with, and says what the test lets it say.
 */
#ifndef VINPUT_TESTS_FAKE_SERVER_H
#define VINPUT_TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/libvinject/vinject.h"

struct fake_server {
	struct vinject *v;
	int fd;
	/* Receipts that were asked for, and the first one's number there. */
	size_t n_wire;
	int32_t first;
	/* What the callbacks were called with. */
	struct vinject_receipt reports[64]; /* the first ones */
	size_t n_reports;
	enum vinject_driver drivers[16];
	size_t n_drivers;
	size_t n_status;
	/* A part of an event. */
	uint8_t half[8];
	size_t n_half;
};

/* A handle connected to it. type: SOCK_STREAM or SOCK_SEQPACKET. */
struct fake_server *fake_server_new(int type);
void fake_server_free(struct fake_server *s);
/* cmocka fixtures: *state is the server, of a stream or of packets. */
int fake_server_setup(void **state);
int fake_server_setup_packets(void **state);
int fake_server_teardown(void **state);
/* Open the handle again. */
void fake_server_opens(struct fake_server *s, int type);
/* Close the connection. */
void fake_server_ends(struct fake_server *s);

/* Exchange HELLO. */
void fake_server_greet(struct fake_server *s);
void fake_server_says(struct fake_server *s, uint16_t type, uint16_t code,
		      int32_t value);
/*
 * Read all that is there and expect "KEY 30 1, RECEIPT 1, SYN": a receipt by
 * its number at the handle, HELLO without its values; "": nothing; NULL: any.
 */
void fake_server_reads(struct fake_server *s, const char *text);
/* Read all that is there, which may end with a part of a frame. */
void fake_server_drains(struct fake_server *s);
/* Return: how a receipt is called on the wire, once the first one was read. */
int32_t fake_server_wire(const struct fake_server *s, uint32_t number);

/* The handle sends a frame with KEY_A and a receipt. Return: its number. */
uint32_t fake_server_press(struct fake_server *s, bool down);
/* The server answers it: all was taken. */
void fake_server_answers(struct fake_server *s, uint32_t number);
void fake_server_dispatch(struct fake_server *s);
/* The next reports MUST be of these, with this result. */
void fake_server_expect_reports(struct fake_server *s, uint32_t first,
				uint32_t last, unsigned int result);
void fake_server_expect_no_report(const struct fake_server *s);

void fake_server_note_report(struct fake_server *s,
			     const struct vinject_receipt *r);
void fake_server_note_driver(void *arg, enum vinject_driver state);
void fake_server_forget_report(struct fake_server *s);

#endif
