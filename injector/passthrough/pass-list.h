/* SPDX-License-Identifier: Apache-2.0 */
/* --list: the devices of the host, and who has them. */
#ifndef VINPUT_PASS_LIST_H
#define VINPUT_PASS_LIST_H

#include <stdio.h>
#include "injector/passthrough/pass-entry.h"

/* Return: 0 or -errno. */
int pass_list_print(FILE *out, const struct pass_host *host);

#endif
