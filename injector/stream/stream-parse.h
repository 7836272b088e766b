/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of a client: not too long, and not nested too deep. Pure. */
#ifndef VINPUT_STREAM_PARSE_H
#define VINPUT_STREAM_PARSE_H

#include <jansson.h>
#include <stddef.h>

#include "input/base/fault.h"

/*
 * text: need not end with a NUL. max: bytes. Return: it, owned by the caller;
 * NULL with the fault.
 */
json_t *stream_parse(const char *text, size_t len, size_t max,
		     struct fault *why);

#endif
