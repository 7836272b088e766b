/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VNC server of the test's own, for one viewer at a time: a screen of 64 x 48
 * called "fake". Each wait has a deadline.
 */
#ifndef VINPUT_TESTS_FAKE_VNC_H
#define VINPUT_TESTS_FAKE_VNC_H

#include <stddef.h>
#include <stdint.h>

struct fake_vnc {
	int listener, fd; /* -1: none */
	uint16_t port;	  /* of TCP */
	const char *name; /* of four letters; NULL: "fake" */
};

#define FAKE_VNC_NULL ((struct fake_vnc){ -1, -1, 0, NULL })

void fake_vnc_listen(struct fake_vnc *v, const char *path);
void fake_vnc_listen_tcp(struct fake_vnc *v); /* on loopback */
/* No more viewers; the one that is there stays. */
void fake_vnc_stop(struct fake_vnc *v);
void fake_vnc_close(struct fake_vnc *v); /* all; idempotent */

/* The next viewer. */
void fake_vnc_accept(struct fake_vnc *v);
/* And its handshake, up to ServerInit. */
void fake_vnc_greet(struct fake_vnc *v);
/* The end of that: from SecurityResult on. */
void fake_vnc_admit(struct fake_vnc *v);
void fake_vnc_hang_up(struct fake_vnc *v);

void fake_vnc_send(struct fake_vnc *v, const void *bytes, size_t len);
/* Return: how many bytes were taken before the viewer took none for 200 ms. */
size_t fake_vnc_flood(struct fake_vnc *v, size_t max);
void fake_vnc_expect(struct fake_vnc *v, const void *bytes, size_t len);
/* Read for a while. Return: how many bytes came. */
size_t fake_vnc_drain(struct fake_vnc *v);
void fake_vnc_expect_nothing(struct fake_vnc *v);
void fake_vnc_expect_end(struct fake_vnc *v);

#endif
