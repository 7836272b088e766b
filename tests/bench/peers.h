/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other device servers, and how they are started:
 *
 *	vhost-device-input  of rust-vmm; takes an evdev node
 *	vhost-user-input    of QEMU's contrib/vhost-user-input; the same
 *	vhost_user_input    of Cuttlefish; takes a stream
 */
#ifndef VINPUT_BENCH_PEERS_H
#define VINPUT_BENCH_PEERS_H

#include "tests/bench/suites.h"

/* The stand-in for an evdev node; %s: the build directory. */
#define PEERS_STAND_IN "LD_PRELOAD=%s/tests/bench/evdev-stand-in.so "
#define PEERS_NODE     "/dev/input/stdin"

/*
 * Add those whose program is in dir, which is prepended to PATH. build: the
 * directory of the stand-in. Programs that are missing are named on stderr.
 * Return: how many were added, at most room.
 */
unsigned int peers_add(struct subject *s, unsigned int room, const char *dir,
		       const char *build);

#endif
