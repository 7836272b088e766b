/* SPDX-License-Identifier: Apache-2.0 */
/* The files of page/, each followed by a zero byte. */
#include <stddef.h>
#include <string.h>

#include "injector/stream/web-page.h"

/* The path is from the root, where compilers run. */
#define EMBED(name, file)                                              \
	__asm__(".pushsection .rodata\n" #name ":\n"                   \
		".incbin \"injector/stream/page/" file "\"\n.byte 0\n" \
		".popsection\n")

extern const char web_page_index[], web_page_css[], web_page_icon[],
	web_page_js[];

EMBED(web_page_index, "index.html");
EMBED(web_page_css, "page.css");
EMBED(web_page_icon, "icon.svg");
EMBED(web_page_js, "page.js");

static const struct web_file files[] = {
	{ "/", "text/html; charset=utf-8", web_page_index },
	{ "/icon.svg", "image/svg+xml", web_page_icon },
	{ "/page.css", "text/css; charset=utf-8", web_page_css },
	{ "/page.js", "text/javascript; charset=utf-8", web_page_js },
};

/*
 * Not a redirection: after a link of another site that would be a request of
 * that site, which has no SameSite=Strict cookie.
 */
const struct web_file web_page_entry = {
	NULL,
	"text/html; charset=utf-8",
	"<!doctype html><html lang=en><meta charset=utf-8>"
	"<meta http-equiv=refresh content='0;url=/'>"
	"<title>vinput</title><a href='/'>Continue</a></html>\n",
};

const struct web_file *web_page_find(const char *path)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(files[i].path, path))
			return &files[i];
	return NULL;
}
