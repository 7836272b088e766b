/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: plot BENCH.json >BENCH.svg
 *
 * Draws the most important figures of one run: a panel for each figure, a bar
 * for each subject, from 0, with its quartiles.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/bench/results.h"

#define COLUMNS 2
#define PANEL_W 380
#define LABEL_W 120
#define BAR_W	165
#define BAR_H	16
#define ROW_H	22
#define TITLE_H 30
#define MARGIN	16
#define FOOT_H	24
#define COLOURS 7

static const struct panel {
	const char *figure, *title;
} panels[] = {
	{ "latency.p50", "Latency of a frame, median" },
	{ "latency.p99", "Latency of a frame, 99 of 100" },
	{ "cpu.frame", "CPU time per frame of two events" },
	{ "burst.split.64.8.cpu", "CPU time per event, 8 frames at once" },
	{ "burst.split.64.512.lost", "Lost of 512 frames at once, ring of 64" },
	{ "start.answer", "From start to the first answer" },
	{ "memory.private", "Private memory of a device" },
	{ "devices.256.cpu", "CPU time per frame, 256 devices" },
};

#define N_PANELS (sizeof(panels) / sizeof(*panels))

struct at {
	int x, y;
};

static double largest(const json_t *all, const json_t *figure, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = fmax(max, results_value(figure, results_subject(all, i),
					      "quartile3"));
	return max > 0 ? max : 1;
}

static void text(struct at at, const char *class, const char *words)
{
	printf("<text class=\"%s\" x=\"%d\" y=\"%d\">", class, at.x, at.y);
	for (; *words; words++)
		switch (*words) {
		case '<':
			fputs("&lt;", stdout);
			break;
		case '&':
			fputs("&amp;", stdout);
			break;
		default:
			putchar(*words);
		}
	puts("</text>");
}

static void draw_bar(struct at at, const json_t *figure, const char *subject,
		     double scale)
{
	double median = results_value(figure, subject, "median");
	double low = results_value(figure, subject, "quartile1") * scale;
	double high = results_value(figure, subject, "quartile3") * scale;
	int middle = at.y + BAR_H / 2;
	char words[64];

	if (isnan(median)) {
		text((struct at){ at.x, at.y + 12 }, "number", "not measured");
		return;
	}
	printf("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", at.x,
	       at.y, median * scale, BAR_H);
	printf("<path d=\"M%.1f %dH%.1f\"/>\n", at.x + low, middle,
	       at.x + high);
	const char *unit = json_string_value(json_object_get(figure, "unit"));
	snprintf(words, sizeof(words), median < 100 ? "%.1f %s" : "%.0f %s",
		 median, strcmp(unit, "us") ? unit : "µs");
	text((struct at){ at.x + (int)fmax(high, median * scale) + 5,
			  at.y + 12 },
	     "number", words);
}

static void draw_panel(struct at at, const json_t *all,
		       const struct panel *panel, size_t n_subjects)
{
	const json_t *figure = results_figure(all, panel->figure);

	text((struct at){ at.x, at.y + 14 }, "title", panel->title);
	if (!figure)
		return;
	double scale = BAR_W / largest(all, figure, n_subjects);
	for (size_t i = 0; i < n_subjects; i++) {
		int y = at.y + TITLE_H - 6 + (int)i * ROW_H;

		printf("<g class=\"c%zu\">\n", i % COLOURS);
		text((struct at){ at.x, y + 12 }, "label",
		     results_subject(all, i));
		draw_bar((struct at){ at.x + LABEL_W, y }, figure,
			 results_subject(all, i), scale);
		puts("</g>");
	}
}

static void draw_style(void)
{
	puts("<style>\n"
	     "text { font: 12px sans-serif; fill: #24292f }\n"
	     ".title { font-weight: bold }\n"
	     ".number, .foot { fill: #57606a }\n"
	     "path { stroke: #24292f; stroke-width: 2 }\n"
	     ".c0 rect { fill: #afb8c1 } .c1 rect { fill: #0969da }\n"
	     ".c2 rect { fill: #bf8700 } .c3 rect { fill: #1a7f37 }\n"
	     ".c4 rect { fill: #8250df } .c5 rect { fill: #bf3989 }\n"
	     ".c6 rect { fill: #1b7c83 }\n"
	     "@media (prefers-color-scheme: dark) {\n"
	     "text { fill: #e6edf3 } .number, .foot { fill: #8d96a0 }\n"
	     "path { stroke: #e6edf3 }\n"
	     "}\n"
	     "</style>");
}

static void draw(const json_t *all)
{
	size_t n = results_subjects(all);
	int panel_h = TITLE_H + (int)n * ROW_H + MARGIN;
	int rows = (N_PANELS + COLUMNS - 1) / COLUMNS;
	int w = MARGIN + COLUMNS * PANEL_W;
	int h = MARGIN + rows * panel_h + FOOT_H;
	char foot[256];

	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	       "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	       w, h, w, h);
	draw_style();
	for (int i = 0; i < (int)N_PANELS; i++)
		draw_panel((struct at){ MARGIN + i % COLUMNS * PANEL_W,
					MARGIN + i / COLUMNS * panel_h },
			   all, &panels[i], n);
	results_describe(all, foot);
	text((struct at){ MARGIN, h - 10 }, "foot", foot);
	puts("</svg>");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: plot BENCH.json >BENCH.svg\n", stderr);
		return 2;
	}
	json_t *all = results_load(argv[1]);
	if (!all)
		return EXIT_FAILURE;
	draw(all);
	json_decref(all);
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
