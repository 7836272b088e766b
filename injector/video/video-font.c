/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "injector/video/video-font.h"

#define COLUMNS (VIDEO_FONT_WIDTH - 1)

/* Its rows from the top, # for a dot. */
struct font_glyph {
	char letter;
	const char *rows[VIDEO_FONT_HEIGHT];
};

/* clang-format off */
static const struct font_glyph font_glyphs[] = {
	{ '0', { " ### ", "#   #", "#  ##", "# # #", "##  #", "#   #", " ### " } },
	{ '1', { "  #  ", " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### " } },
	{ '2', { " ### ", "#   #", "    #", "  ## ", " #   ", "#    ", "#####" } },
	{ '3', { " ### ", "#   #", "    #", "  ## ", "    #", "#   #", " ### " } },
	{ '4', { "#   #", "#   #", "#   #", "#####", "    #", "    #", "    #" } },
	{ '5', { "#####", "#    ", "#### ", "    #", "    #", "#   #", " ### " } },
	{ '6', { " ### ", "#    ", "#    ", "#### ", "#   #", "#   #", " ### " } },
	{ '7', { "#####", "    #", "    #", "   # ", "  #  ", "  #  ", "  #  " } },
	{ '8', { " ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### " } },
	{ '9', { " ### ", "#   #", "#   #", " ####", "    #", "    #", " ### " } },
	{ 'A', { " ### ", "#   #", "#   #", "#####", "#   #", "#   #", "#   #" } },
	{ 'B', { "#### ", "#   #", "#   #", "#### ", "#   #", "#   #", "#### " } },
	{ 'C', { " ####", "#    ", "#    ", "#    ", "#    ", "#    ", " ####" } },
	{ 'D', { "#### ", "#   #", "#   #", "#   #", "#   #", "#   #", "#### " } },
	{ 'E', { "#####", "#    ", "#    ", "###  ", "#    ", "#    ", "#####" } },
	{ 'F', { "#####", "#    ", "#    ", "###  ", "#    ", "#    ", "#    " } },
	{ 'G', { " ####", "#    ", "#    ", "#  ##", "#   #", "#   #", " ####" } },
	{ 'H', { "#   #", "#   #", "#   #", "#####", "#   #", "#   #", "#   #" } },
	{ 'I', { "#####", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "#####" } },
	{ 'J', { "    #", "    #", "    #", "    #", "    #", "#   #", " ### " } },
	{ 'K', { "#   #", "#  # ", "# #  ", "##   ", "# #  ", "#  # ", "#   #" } },
	{ 'L', { "#    ", "#    ", "#    ", "#    ", "#    ", "#    ", "#####" } },
	{ 'M', { "#   #", "## ##", "# # #", "#   #", "#   #", "#   #", "#   #" } },
	{ 'N', { "#   #", "##  #", "# # #", "#  ##", "#   #", "#   #", "#   #" } },
	{ 'O', { " ### ", "#   #", "#   #", "#   #", "#   #", "#   #", " ### " } },
	{ 'P', { "#### ", "#   #", "#   #", "#### ", "#    ", "#    ", "#    " } },
	{ 'Q', { " ### ", "#   #", "#   #", "#   #", "# # #", "#  # ", " ## #" } },
	{ 'R', { "#### ", "#   #", "#   #", "#### ", "# #  ", "#  # ", "#   #" } },
	{ 'S', { " ####", "#    ", "#    ", " ### ", "    #", "    #", "#### " } },
	{ 'T', { "#####", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  " } },
	{ 'U', { "#   #", "#   #", "#   #", "#   #", "#   #", "#   #", " ### " } },
	{ 'V', { "#   #", "#   #", "#   #", "#   #", "#   #", " # # ", "  #  " } },
	{ 'W', { "#   #", "#   #", "#   #", "#   #", "# # #", "## ##", "#   #" } },
	{ 'X', { "#   #", "#   #", " # # ", "  #  ", " # # ", "#   #", "#   #" } },
	{ 'Y', { "#   #", "#   #", " # # ", "  #  ", "  #  ", "  #  ", "  #  " } },
	{ 'Z', { "#####", "    #", "   # ", "  #  ", " #   ", "#    ", "#####" } },
	{ ' ', { "     ", "     ", "     ", "     ", "     ", "     ", "     " } },
	{ '_', { "     ", "     ", "     ", "     ", "     ", "     ", "#####" } },
	{ '-', { "     ", "     ", "     ", "#####", "     ", "     ", "     " } },
	{ '.', { "     ", "     ", "     ", "     ", "     ", "     ", "  #  " } },
	{ ',', { "     ", "     ", "     ", "     ", "     ", "  #  ", " #   " } },
	{ ':', { "     ", "     ", "  #  ", "     ", "     ", "  #  ", "     " } },
};

static const struct font_glyph font_unknown = {
	0, { "#####", "#   #", "#   #", "#   #", "#   #", "#   #", "#####" }
};
/* clang-format on */

static const struct font_glyph *font_find(char letter)
{
	const char capital = (char)toupper((unsigned char)letter);

	for (size_t i = 0; i < sizeof(font_glyphs) / sizeof(font_glyphs[0]);
	     i++)
		if (font_glyphs[i].letter == capital)
			return &font_glyphs[i];
	return &font_unknown;
}

static void font_draw(struct video_picture *p, const struct video_text *where,
		      const struct font_glyph *glyph)
{
	for (int i = 0; i < VIDEO_FONT_HEIGHT * COLUMNS; i++) {
		const int left = where->left + i % COLUMNS * where->dot;
		const int top = where->top + i / COLUMNS * where->dot;
		const struct box box = { left, top, left + where->dot,
					 top + where->dot };

		if (glyph->rows[i / COLUMNS][i % COLUMNS] == '#')
			video_picture_fill(p, box_cut(box, where->clip),
					   where->colour);
	}
}

void video_font_write(struct video_picture *p, const struct video_text *where,
		      const char *text)
{
	struct video_text at = *where;

	for (; *text; text++) {
		font_draw(p, &at, font_find(*text));
		at.left += VIDEO_FONT_WIDTH * at.dot;
	}
}

int video_font_width(const char *text, int dot)
{
	return (int)strlen(text) * VIDEO_FONT_WIDTH * dot;
}
