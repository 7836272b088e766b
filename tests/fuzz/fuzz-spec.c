/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec reader on any text, with up to two placeholders given. Its
 * diagnostics must have a place in the text and a message. What it accepts must
 * be a device that works: it is printed, shown in the configuration space, and
 * every event that it declares is sent.
 */
#include "tests/fuzz/device-world.h"

#include "input/spec/config-space.h"
#include "input/spec/spec-print.h"
#include "input/spec/spec-read.h"

static const struct spec_set sets[] = { { "A", "1" },
					{ "WIDTH", "a\"\n%\xff" } };

struct diags {
	const char *text;
	size_t len;
	unsigned int errors;
};

/* Return: whether the text has such a line; the column is not past its end. */
static bool has_place(const struct diags *d, unsigned int line,
		      unsigned int column)
{
	const char *at = d->text, *end = d->text + d->len;
	const char *next;

	for (; line > 1; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at++)
			return false;
	}
	next = memchr(at, '\n', (size_t)(end - at));
	return column <= (size_t)((next ? next : end) - at) + 1;
}

static void on_diag(void *arg, const struct spec_diag *diag)
{
	struct diags *d = arg;

	must(!d->errors);
	must(diag->text[0] && !strchr(diag->text, '\n'));
	must(!diag->line == !diag->column);
	must(!diag->line || has_place(d, diag->line, diag->column));
	d->errors += diag->severity == SPEC_ERROR;
}

static void print(const struct spec *spec)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	must(out);
	spec_print(out, spec);
	fclose(out);
	must(len);
	free(text);
}

static void show(const struct spec *spec)
{
	static const uint8_t select[] = { CONFIG_UNSET,	    CONFIG_ID_NAME,
					  CONFIG_ID_SERIAL, CONFIG_ID_DEVIDS,
					  CONFIG_PROP_BITS, CONFIG_EV_BITS,
					  CONFIG_ABS_INFO,  0xff };
	struct config_space space;

	for (size_t i = 0; i < sizeof(select); i++)
		for (unsigned int subsel = 0; subsel < 256; subsel++) {
			config_space_fill(&space, spec, select[i],
					  (uint8_t)subsel);
			must(space.size <= sizeof(space.u));
		}
}

/*
 * Each of its events, with large and small values, from two sources that then
 * disconnect.
 */
static void use(struct world *w)
{
	static const uint8_t steps[] = { 0x07, 0x0a, 0xff, 0x00, 0x40 };

	w->in = (struct choices){ NULL, 0 };
	world_begin(w, NULL, 0);
	w->in = (struct choices){ steps, sizeof(steps) };
	while (w->in.left)
		world_step(w);
	for (unsigned int i = 0; i < w->n_kinds; i++) {
		const uint8_t frame[] = { 0x0f,	      2,    (uint8_t)i, 0x80,
					  0xff,	      0xff, 0xff,	0x7f,
					  (uint8_t)i, 1,    0x4f,	1,
					  (uint8_t)i, 0xff, 0x05,	0x0a,
					  3 };

		w->in = (struct choices){ frame, sizeof(frame) };
		while (w->in.left)
			world_step(w);
	}
	world_end(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct diags d = { .text = (const char *)data + 1, .len = size - 1 };
	int r;

	if (!size)
		return 0;
	r = spec_read(&w.spec,
		      &(struct spec_text){ d.text, d.len, sets, data[0] % 3 },
		      on_diag, &d);
	must(r == 0 || r == SPEC_E_INVALID);
	must(d.errors == (r != 0));
	if (r)
		return 0;
	print(&w.spec);
	show(&w.spec);
	use(&w);
	return 0;
}
