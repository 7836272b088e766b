/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of devices. Pure. */
#ifndef VINPUT_LAUNCH_LABEL_H
#define VINPUT_LAUNCH_LABEL_H

#include <stdbool.h>
#include "input/base/device-word.h"

#define LAUNCH_LABEL_MAX DEVICE_WORD_LABEL_MAX

/* Reserved ones are valid, too. text: may be NULL. */
bool launch_label_is_valid(const char *text);

#endif
