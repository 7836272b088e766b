/* SPDX-License-Identifier: Apache-2.0 */
/* The files of noVNC, a part of the program unless it is built with NOVNC=no.
 */
#ifndef VINPUT_WEB_NOVNC_H
#define VINPUT_WEB_NOVNC_H

#include <stdbool.h>

#include "injector/stream/web-file.h"

bool web_novnc_exists(void);
/* path: "/novnc/core/rfb.js". Return: the file, or NULL. */
const struct web_file *web_novnc_find(const char *path);

#endif
