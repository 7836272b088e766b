/* SPDX-License-Identifier: Apache-2.0 */
#include <libevdev/libevdev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/event-text.h"

#define ITEM_MAX 128

/* Take the next item of a comma-separated list. Return: the rest, or NULL. */
static const char *next_item(const char *text, char item[ITEM_MAX])
{
	size_t len;

	text += strspn(text, ", \t\n");
	len = strcspn(text, ",\n");
	if (!len)
		return NULL;
	assert_true(len < ITEM_MAX);
	memcpy(item, text, len);
	item[len] = '\0';
	return text + len;
}

static void code_of(const char *name, uint16_t *type, uint16_t *code)
{
	const int t = libevdev_event_type_from_code_name(name);
	const int c = libevdev_event_code_from_code_name(name);

	if (t < 0 || c < 0)
		fail_msg("no such event code: %s", name);
	*type = (uint16_t)t;
	*code = (uint16_t)c;
}

size_t event_text_read(const char *text, struct vi_event *ev, size_t max)
{
	char item[ITEM_MAX], name[ITEM_MAX];
	size_t n = 0;

	text += strspn(text, " ");
	if (!strcmp(text, "-"))
		return 0;
	while ((text = next_item(text, item))) {
		uint16_t type, code;
		int value = 0;

		if (sscanf(item, "%s %i", name, &value) != 2)
			fail_msg("NAME VALUE expected: %s", item);
		code_of(name, &type, &code);
		assert_true(n < max);
		ev[n++] = vi_event(type, code, value);
	}
	return n;
}

size_t event_text_frame(const char *text, struct vi_event *ev, size_t max)
{
	const size_t n = event_text_read(text, ev, max - 1);

	ev[n] = vi_event(EV_SYN, SYN_REPORT, 0);
	return n + 1;
}

void event_text_device(const char *text, struct spec *spec)
{
	char item[ITEM_MAX], name[ITEM_MAX];

	while ((text = next_item(text, item))) {
		struct spec_abs abs = { 0 };
		uint16_t type, code;
		const int n = sscanf(item, "%s %i..%i rest %i", name, &abs.min,
				     &abs.max, &abs.rest);

		code_of(name, &type, &code);
		bit_set(spec->bits[type], code);
		if (type != EV_ABS)
			continue;
		if (n < 3)
			fail_msg("ABS_X MIN..MAX [rest N] expected: %s", item);
		abs.has_rest = n == 4;
		spec->abs[code] = abs;
	}
}

char *event_text_write(const struct vi_event *ev, size_t n)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (!n)
		fputc('-', f);
	for (size_t i = 0; i < n; i++) {
		const char *name = libevdev_event_code_get_name(
			vi_type(&ev[i]), vi_code(&ev[i]));

		if (i)
			fputs(", ", f);
		if (name)
			fprintf(f, "%s %d", name, vi_value(&ev[i]));
		else
			fprintf(f, "%u:%u %d", vi_type(&ev[i]), vi_code(&ev[i]),
				vi_value(&ev[i]));
	}
	fclose(f);
	return text;
}

void assert_events(const struct vi_event *ev, size_t n, const char *text)
{
	char *got = event_text_write(ev, n);

	assert_string_equal(got, text);
	free(got);
}

void assert_frame(const struct frame *frame, const char *text)
{
	size_t n = frame->n;

	if (n) {
		n--;
		assert_true(n);
		assert_true(vi_is_syn_report(&frame->ev[n]));
	}
	assert_events(frame->ev, n, text);
}
