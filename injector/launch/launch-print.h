/* SPDX-License-Identifier: Apache-2.0 */
/* What --control prints of a launcher's answers. */
#ifndef VINPUT_LAUNCH_PRINT_H
#define VINPUT_LAUNCH_PRINT_H

#include <jansson.h>

void launch_print_list(const json_t *answer);
void launch_print_devices(const json_t *answer);
void launch_print_added(const json_t *answer);
void launch_print_nothing(const json_t *answer);

#endif
