/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's first virtual console: which characters its keys make, and what
 * is on its screen. While it is open the kernel echoes there what is typed,
 * though nobody reads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/guest/agent.h"

#define CONSOLE	    "/dev/tty1"
#define CHARACTERS  "/dev/vcsu1" /* in UTF-32 */
#define CELLS_MAX   (200 * 100)
#define UNICODE(ch) ((ch) ^ 0xf000) /* as keymaps have it */

static int open_console(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(CONSOLE, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		die(CONSOLE);
	return fd;
}

/* "keymap TABLE KEY CHARACTER": tables are those of keymaps(5), 0: plain. */
const char *do_keymap(const struct request *r)
{
	const struct kbentry entry = {
		.kb_table = (unsigned char)r->n,
		.kb_index = (unsigned char)r->args[0],
		.kb_value = (unsigned short)UNICODE(r->args[1]),
	};
	const int fd = open_console();

	if (ioctl(fd, KDSKBMODE, K_UNICODE) < 0 ||
	    ioctl(fd, KDSKBENT, &entry) < 0)
		return strerror(errno);
	return NULL;
}

/* Return: the bytes of a character of the Basic Multilingual Plane in UTF-8. */
static size_t encode(uint32_t ch, char *to)
{
	if (ch < 0x80) {
		to[0] = (char)(ch ? ch : ' ');
		return 1;
	}
	if (ch < 0x800) {
		to[0] = (char)(0xc0 | ch >> 6);
		to[1] = (char)(0x80 | (ch & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | (ch >> 12 & 0xf));
	to[1] = (char)(0x80 | (ch >> 6 & 0x3f));
	to[2] = (char)(0x80 | (ch & 0x3f));
	return 3;
}

/* "screen": its lines. */
const char *do_screen(const struct request *r)
{
	static uint32_t cell[CELLS_MAX];
	static char text[4 * CELLS_MAX];
	struct winsize size;
	size_t n, len = 0;
	int fd;

	if (ioctl(open_console(), TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return strerror(errno);
	fd = open(CHARACTERS, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return CHARACTERS;
	n = (size_t)read(fd, cell, sizeof(cell)) / sizeof(cell[0]);
	close(fd);
	for (size_t i = 0; i < n; i++) {
		len += encode(cell[i], text + len);
		if ((i + 1) % size.ws_col == 0)
			text[len++] = '\n';
	}
	text[len] = '\0';
	say_lines(text);
	return NULL;
}
