/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the table of spec-shipped.c as C, when the program is built:
 *
 *	make-shipped specs/NAME.json... >FILE
 *
 * Of each file that the reader accepts as it is, without a word: one that needs
 * --set, is no spec, or is to be warned of, is left to the program.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/spec/spec-read.h"

struct shipped {
	struct spec spec;
	char *text;
	size_t len;
};

static struct shipped *shipped;
static size_t n_shipped;

static void die(const char *what)
{
	fprintf(stderr, "make-shipped: %s\n", what);
	exit(EXIT_FAILURE);
}

static void read_file(struct shipped *s, const char *path)
{
	FILE *in = fopen(path, "r");

	s->text = malloc(SPEC_TEXT_MAX);
	if (!in || !s->text)
		die(path);
	s->len = fread(s->text, 1, SPEC_TEXT_MAX, in);
	if (ferror(in) || !feof(in))
		die(path);
	fclose(in);
}

static void count_diag(void *arg, const struct spec_diag *diag)
{
	(*(unsigned int *)arg)++;
}

static void add(const char *path)
{
	struct shipped *s = &shipped[n_shipped];
	unsigned int n_diags = 0;

	read_file(s, path);
	if (!spec_read(&s->spec, &(struct spec_text){ s->text, s->len },
		       count_diag, &n_diags) &&
	    !n_diags)
		n_shipped++;
	else
		free(s->text);
}

static void print_text(const char *name, const char *text, size_t len)
{
	printf("\t.%s =\n\t\"", name);
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			printf("\\%03o", c);
		else
			putchar(c);
		if (c == '\n' && i + 1 < len)
			printf("\"\n\t\"");
	}
	printf("\",\n");
}

/* Only what is not 0, as all else is anyway. */
static void print_bytes(const char *name, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			printf("\t.%s[%zu] = %u,\n", name, i, bytes[i]);
}

static void print_bits(const struct spec *spec)
{
	char name[16];

	print_bytes("props", spec->props, sizeof(spec->props));
	for (unsigned int type = 0; type < EV_CNT; type++) {
		snprintf(name, sizeof(name), "bits[%u]", type);
		print_bytes(name, spec->bits[type], sizeof(spec->bits[type]));
	}
	print_bytes("initial_sw", spec->initial_sw, sizeof(spec->initial_sw));
}

static void print_axes(const struct spec *spec)
{
	for (unsigned int code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *abs = &spec->abs[code];

		if (!spec_has(spec, EV_ABS, (uint16_t)code))
			continue;
		printf("\t.abs[%u] = { .min = %" PRId32 ", .max = %" PRId32
		       ", .fuzz = %" PRId32 ", .flat = %" PRId32
		       ", .res = %" PRId32 ",\n",
		       code, abs->min, abs->max, abs->fuzz, abs->flat,
		       abs->res);
		printf("\t\t.has_rest = %d, .rest = %" PRId32
		       ", .unclamped = %d, .has_initial = %d, .initial = "
		       "%" PRId32 " },\n",
		       abs->has_rest, abs->rest, abs->unclamped,
		       abs->has_initial, abs->initial);
	}
}

/* By members, since what is between them has any value. */
static void print_spec(const struct spec *spec)
{
	print_text("name", spec->name, strlen(spec->name));
	print_text("serial", spec->serial, strlen(spec->serial));
	printf("\t.ids = { %u, %u, %u, %u },\n", spec->ids.bustype,
	       spec->ids.vendor, spec->ids.product, spec->ids.version);
	print_bits(spec);
	print_axes(spec);
	printf("\t.exact = %d,\n\t.has_repeat = %d,\n", spec->exact,
	       spec->has_repeat);
	printf("\t.repeat_delay_ms = %" PRIu32
	       ",\n\t.repeat_period_ms = %" PRIu32 ",\n",
	       spec->repeat_delay_ms, spec->repeat_period_ms);
}

/* Lengths by themselves: if none fits, nothing else is read. */
static void print_lens(void)
{
	size_t most = 0;

	printf("static const uint32_t lens[] = {");
	for (size_t i = 0; i < n_shipped; i++) {
		printf(" %zu,", shipped[i].len);
		if (shipped[i].len > most)
			most = shipped[i].len;
	}
	printf(" };\nstatic const struct {\n\tchar text[%zu];\n"
	       "\tstruct spec spec;\n} shipped[] = {\n",
	       most + 1);
}

int main(int argc, char **argv)
{
	shipped = calloc((size_t)argc, sizeof(*shipped));
	if (!shipped)
		die("no memory");
	for (int i = 1; i < argc; i++)
		add(argv[i]);
	if (!n_shipped)
		die("no spec");
	printf("#define SHIPPED_MADE\n");
	print_lens();
	for (size_t i = 0; i < n_shipped; i++) {
		printf("{\n");
		print_text("text", shipped[i].text, shipped[i].len);
		printf(".spec = {\n");
		print_spec(&shipped[i].spec);
		printf("} },\n");
	}
	printf("};\n");
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
