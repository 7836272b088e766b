/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of our form; recording-write writes it. Pure. */
#ifndef VINPUT_RECORDING_OURS_H
#define VINPUT_RECORDING_OURS_H

#include "injector/recording/recording-lines.h"

recording_line_fn recording_ours_line;

#endif
