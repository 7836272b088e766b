/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of Cuttlefish's web client. Pure. */
#ifndef VINPUT_STREAM_CUTTLEFISH_H
#define VINPUT_STREAM_CUTTLEFISH_H

#include "injector/stream/stream-action.h"

/* m: empty. Return: 0, or -EINVAL with the fault. */
int stream_cuttlefish_read_input(struct stream_message *m, const json_t *object,
				 struct fault *why);
int stream_cuttlefish_read_control(struct stream_message *m,
				   const json_t *object, struct fault *why);

#endif
