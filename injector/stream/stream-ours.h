/* SPDX-License-Identifier: Apache-2.0 */
/* Our JSON. Pure. */
#ifndef VINPUT_STREAM_OURS_H
#define VINPUT_STREAM_OURS_H

#include "injector/stream/stream-action.h"

/* m: empty. Return: 0, or -EINVAL with the fault. */
int stream_ours_read(struct stream_message *m, const json_t *object,
		     struct fault *why);

#endif
