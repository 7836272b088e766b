/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of evemu-record. Pure. */
#ifndef VINPUT_RECORDING_EVEMU_H
#define VINPUT_RECORDING_EVEMU_H

#include "injector/recording/recording-lines.h"

recording_line_fn recording_evemu_line;

#endif
