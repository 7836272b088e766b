/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of evtest and vinput-monitor. Pure. */
#ifndef VINPUT_RECORDING_EVTEST_H
#define VINPUT_RECORDING_EVTEST_H

#include "injector/recording/recording-lines.h"

recording_line_fn recording_evtest_line;

#endif
