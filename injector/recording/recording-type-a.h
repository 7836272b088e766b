/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of devices whose contacts have no slots (protocol A). Pure. */
#ifndef VINPUT_RECORDING_TYPE_A_H
#define VINPUT_RECORDING_TYPE_A_H

#include "injector/recording/recording.h"

/*
 * Give the contacts slots, if there are any that have none. The recording MUST
 * end with a SYN_REPORT. Return: 0, -EINVAL or -ENOMEM with the fault.
 */
int recording_type_a_convert(struct recording *rec, struct fault *f);

#endif
