/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOVNC_FILES is what novnc/embed has written: NOVNC_FILE(N, TYPE, PATH, FILE)
 * for each file. Each is followed by a zero byte.
 */
#include <stddef.h>
#include <string.h>

#include "injector/stream/web-novnc.h"

#ifdef NOVNC_FILES
#define NOVNC_FILE(n, type, path, file)                                    \
	extern const char web_novnc_##n[];                                 \
	__asm__(".pushsection .rodata\nweb_novnc_" #n ":\n.incbin \"" file \
		"\"\n.byte 0\n.popsection\n");
#include NOVNC_FILES
#undef NOVNC_FILE
#endif

#define NOVNC_FILE(n, type, path, file) \
	{ "/novnc/" path, type "; charset=utf-8", web_novnc_##n },

static const struct web_file files[] = {
#ifdef NOVNC_FILES
#include NOVNC_FILES
#endif
	{ NULL, NULL, NULL },
};

bool web_novnc_exists(void)
{
	return files[0].path;
}

const struct web_file *web_novnc_find(const char *path)
{
	for (size_t i = 0; files[i].path; i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	return NULL;
}
