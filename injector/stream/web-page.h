/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the page, which are a part of the program. */
#ifndef VINPUT_WEB_PAGE_H
#define VINPUT_WEB_PAGE_H

#include "injector/stream/web-file.h"

/* Return: the file, or NULL. */
const struct web_file *web_page_find(const char *path);

/* What answers a request with a token, and leads to the page without it. */
extern const struct web_file web_page_entry;

#endif
