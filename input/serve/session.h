/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the back-end's messages mean for the device: queues that start and stop,
 * the configuration space, the snapshot, a reset. Decides which device a driver
 * sees, and what a driver that starts already knows. Loop thread only.
 */
#ifndef VINPUT_SESSION_H
#define VINPUT_SESSION_H

#include <stdbool.h>
#include "input/device/device.h"
#include "input/serve/kicks.h"
#include "input/serve/pump.h"
#include "input/serve/snapshot-transfer.h"
#include "input/serve/spec-change.h"
#include "input/spec/config-space.h"
#include "input/vhost-user/vu-backend.h"

struct session {
	/* Borrowed. */
	struct ev_loop *loop;
	struct device *dev;
	struct pump *pump;
	struct vu_backend *be;

	struct spec_change spec;
	struct config_space config; /* as selected by the driver */
	struct snapshot_transfer transfer;
	struct kicks kicks;
};

/* The back-end's, with a struct session. */
extern const struct vu_ops session_ops;

/* The members above the blank line are set. spec: the device's, borrowed. */
void session_init(struct session *s, const struct spec *spec);
void session_fini(struct session *s);

/*
 * Read the spec again. A changed device is for the next driver. Return: 0 or
 * negative, as spec_change_read(); it was logged.
 */
int session_reload(struct session *s);

#endif
