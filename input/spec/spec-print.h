/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a device as evtest(1) does: --check-spec, vinput-monitor and the guest
 * test print the same lines, so that they can be compared.
 */
#ifndef VINPUT_SPEC_PRINT_H
#define VINPUT_SPEC_PRINT_H

#include <stdio.h>
#include "input/spec/spec.h"

void spec_print(FILE *out, const struct spec *spec);

/*
 * What the server alone knows, after that: where axes return to, which are not
 * moved into their range, and the switches and axes that do not start at 0.
 * Nothing of what the device has none of.
 */
void spec_print_rules(FILE *out, const struct spec *spec);

#endif
