/* SPDX-License-Identifier: Apache-2.0 */
/* Where the page is: a TCP socket. */
#ifndef VINPUT_WEB_LISTEN_H
#define VINPUT_WEB_LISTEN_H

#include <stdbool.h>

#include "input/base/fault.h"

/* Whether an address, without brackets, is one of this machine only. */
bool web_listen_is_loopback(const char *address);
/* Whether it stands for all addresses. */
bool web_listen_is_any(const char *address);

/*
 * Listen. address: IPv4 or IPv6, numeric. port: 0: any that is free; *port
 * becomes the one. Return: the fd, or a negative errno with the fault.
 */
int web_listen(const char *address, int *port, struct fault *why);

#endif
