/* SPDX-License-Identifier: Apache-2.0 */
/* --socket-path, --fd: a node served to a VMM by this process itself. */
#ifndef VINPUT_PASS_SERVE_H
#define VINPUT_PASS_SERVE_H

#include "injector/passthrough/pass-device.h"
#include "input/serve/service-options.h"

/*
 * It serves from now on. d: its
 * spec is known. Return: NULL after logging why; else to be
 * freed by its free().
 */
struct pass_outlet *pass_serve_new(struct pass_device *d,
				   const struct service_options *o);
/* d->spec has changed: the guest's next driver finds the changed device. */
void pass_serve_changed(struct pass_outlet *o);

#endif
