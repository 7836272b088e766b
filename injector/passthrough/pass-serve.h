/* SPDX-License-Identifier: Apache-2.0 */
/* --socket-path: a node served to a VMM by this process itself. */
#ifndef VINPUT_PASS_SERVE_H
#define VINPUT_PASS_SERVE_H

#include "injector/passthrough/pass-device.h"

/*
 * d: open. inject_path: NULL for none. Return: NULL after logging why; else to
 * be freed by its free().
 */
struct pass_outlet *pass_serve_new(struct pass_device *d,
				   const char *socket_path,
				   const char *inject_path);

#endif
