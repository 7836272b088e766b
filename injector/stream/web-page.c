/* SPDX-License-Identifier: Apache-2.0 */
/* The files of page/, each followed by a zero byte. */
#include <stddef.h>
#include <string.h>

#include "injector/stream/web-novnc.h"
#include "injector/stream/web-page.h"

/* The path is from the root, where compilers run. */
#define EMBED(name, file)                                              \
	extern const char web_page_##name[];                           \
	__asm__(".pushsection .rodata\nweb_page_" #name ":\n"          \
		".incbin \"injector/stream/page/" file "\"\n.byte 0\n" \
		".popsection\n")

EMBED(index, "index.html");
EMBED(css, "page.css");
EMBED(icon, "icon.svg");
EMBED(buttons, "buttons.js");
EMBED(controls, "controls.js");
EMBED(cursor, "cursor.js");
EMBED(gestures, "gestures.js");
EMBED(held, "held.js");
EMBED(keyboard, "keyboard.js");
EMBED(keypad, "keypad.js");
EMBED(latency, "latency.js");
EMBED(layouts, "layouts.js");
EMBED(link, "link.js");
EMBED(locks, "locks.js");
EMBED(main, "main.js");
EMBED(memory, "memory.js");
EMBED(pads, "pads.js");
EMBED(picture, "picture.js");
EMBED(pointer, "pointer.js");
EMBED(press, "press.js");
EMBED(screenpad, "screenpad.js");
EMBED(soft, "soft.js");
EMBED(status, "status.js");
EMBED(streams, "streams.js");
EMBED(surface, "surface.js");
EMBED(tabs, "tabs.js");
EMBED(texts, "texts.js");
EMBED(typing, "typing.js");

#define SCRIPT(name)                                               \
	{                                                          \
		"/" #name ".js", "text/javascript; charset=utf-8", \
			web_page_##name                            \
	}

static const struct web_file files[] = {
	{ "/", "text/html; charset=utf-8", web_page_index },
	{ "/icon.svg", "image/svg+xml", web_page_icon },
	{ "/page.css", "text/css; charset=utf-8", web_page_css },
	SCRIPT(buttons),
	SCRIPT(controls),
	SCRIPT(cursor),
	SCRIPT(gestures),
	SCRIPT(held),
	SCRIPT(keyboard),
	SCRIPT(keypad),
	SCRIPT(latency),
	SCRIPT(layouts),
	SCRIPT(link),
	SCRIPT(locks),
	SCRIPT(main),
	SCRIPT(memory),
	SCRIPT(pads),
	SCRIPT(picture),
	SCRIPT(pointer),
	SCRIPT(press),
	SCRIPT(screenpad),
	SCRIPT(soft),
	SCRIPT(status),
	SCRIPT(streams),
	SCRIPT(surface),
	SCRIPT(tabs),
	SCRIPT(texts),
	SCRIPT(typing),
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
	return web_novnc_find(path);
}
