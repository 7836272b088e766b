/* SPDX-License-Identifier: Apache-2.0 */
/* --socket-path: a node served to a VMM by this process itself. */
#ifndef VINPUT_PASS_SERVE_H
#define VINPUT_PASS_SERVE_H

#include "injector/passthrough/pass-device.h"

/*
 * Until SIGINT, SIGTERM or the node's end. d: open. inject_path: NULL for none.
 * Return: 0; -errno after logging it; or the node's.
 */
int pass_serve_run(struct pass_device *d, const char *socket_path,
		   const char *inject_path);

#endif
