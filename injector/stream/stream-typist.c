/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "injector/inject/inject-utf8.h"
#include "injector/stream/stream-typist.h"
#include "input/base/container.h"

/* From one character to the next: every guest that was tried keeps up. */
#define HALF_S	 0.0025
#define HELD_MAX 64

/* Release what is held, and be ready for the next text. */
static void typist_end(struct stream_typist *t)
{
	struct stream_device *d = t->device;

	ev_timer_stop(t->loop, &t->timer);
	inject_typing_fini(&t->typing);
	stream_hold_release_all(&t->hold);
	vinject_frame(d->v);
	t->device = NULL;
}

static void typist_step(struct stream_typist *t, const struct inject_step *step)
{
	stream_hold_key(&t->hold, t->device, step->key, step->down);
	vinject_frame(t->device->v);
}

static void on_typist_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct stream_typist *t =
		container_of(timer, struct stream_typist, timer);
	const struct inject_strokes *s = &t->typing.strokes;
	void *client = t->client;

	while (t->at < s->n) {
		const struct inject_step *step = &s->step[t->at++];

		typist_step(t, step);
		if (step->timed)
			return;
	}
	typist_end(t);
	t->done(client);
}

void stream_typist_init(struct stream_typist *t, struct ev_loop *loop,
			const struct inject_layout_names *names,
			void (*done)(void *client))
{
	*t = (struct stream_typist){ .loop = loop, .done = done };
	stream_layouts_init(&t->layouts, names);
	ev_timer_init(&t->timer, on_typist_timer, HALF_S, HALF_S);
}

void stream_typist_fini(struct stream_typist *t)
{
	if (t->device)
		typist_end(t);
	stream_layouts_fini(&t->layouts);
}

/* Whether the keyboard, as it is, would make another text of it. */
static int typist_check(const struct stream_typist *t,
			const struct stream_device *d, struct fault *why)
{
	uint16_t held[HELD_MAX];
	struct inject_start start = {
		.caps_lock = vinject_led(d->v, LED_CAPSL),
		.num_lock = vinject_led(d->v, LED_NUML),
		.held = held,
	};

	for (uint16_t key = 1; key < BTN_MISC && start.n_held < HELD_MAX; key++)
		if (d->down[key])
			held[start.n_held++] = key;
	if (!inject_typing_check(&t->typing, &start, why))
		return 0;
	return fault_errno(why, -EBUSY, "%s",
			   start.caps_lock ? "Caps Lock is on in the guest"
			   : start.n_held  ? "a key is held"
					   : "Num Lock is on in the guest");
}

/* --- shortcuts --- */

static bool typist_modifies(const struct stream_text *text)
{
	static const uint16_t key[] = { KEY_LEFTCTRL,  KEY_RIGHTCTRL,
					KEY_LEFTALT,   KEY_LEFTMETA,
					KEY_RIGHTMETA, KEY_LEFTSHIFT,
					KEY_RIGHTSHIFT };

	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		if (stream_hold_has_key(text->held, text->device, key[i]))
			return true;
	return false;
}

/* Return: the key that has this character, alone and by itself; 0: none. */
static uint16_t typist_key_of(const struct inject_layout *layout,
			      const char *text)
{
	const char *end = text + strlen(text);
	const struct inject_symbol *symbol;
	uint32_t ch;

	if (text == end)
		return 0;
	ch = inject_utf8_next(&text, end);
	if (text != end)
		return 0;
	/* Soft keyboards begin with a capital. */
	symbol = inject_layout_find(
		layout, 0, ch < 0x80 ? (uint32_t)tolower((int)ch) : ch);
	return symbol && symbol->level == layout->levels.rest[0] ? symbol->key
								 : 0;
}

/* Return: whether the text was a shortcut. */
static bool typist_strike(struct stream_typist *t,
			  const struct stream_text *text,
			  const struct inject_layout *layout)
{
	const uint16_t key =
		typist_modifies(text) ? typist_key_of(layout, text->text) : 0;

	if (!key)
		return false;
	t->device = text->device;
	typist_step(t, &(struct inject_step){ .key = key, .down = true });
	typist_step(t, &(struct inject_step){ .key = key });
	t->device = NULL;
	return true;
}

/* --- texts --- */

static int typist_plan(struct stream_typist *t, const struct stream_text *text,
		       const struct inject_layout *layout, struct fault *why)
{
	int r;

	inject_typing_init(&t->typing, layout, NULL, INJECT_UNICODE_NONE);
	r = inject_typing_add(&t->typing, text->text, strlen(text->text), why);
	if (!r)
		r = typist_check(t, text->device, why);
	if (r)
		inject_typing_fini(&t->typing);
	return r;
}

int stream_typist_start(struct stream_typist *t, const struct stream_text *text,
			struct fault *why)
{
	const struct inject_layout *layout;
	int r;

	if (t->device)
		return fault_errno(why, -EBUSY, "another text is being typed");
	r = stream_layouts_get(&t->layouts, &text->layout, &layout, why);
	if (r)
		return r;
	if (!text->check && typist_strike(t, text, layout)) {
		t->done(text->client);
		return 0;
	}
	r = typist_plan(t, text, layout, why);
	if (r)
		return r;
	if (text->check) {
		inject_typing_fini(&t->typing);
		t->done(text->client);
		return 0;
	}
	t->device = text->device;
	t->client = text->client;
	t->at = 0;
	ev_timer_again(t->loop, &t->timer);
	return 0;
}

void stream_typist_stop(struct stream_typist *t, const void *client)
{
	if (t->device && t->client == client)
		typist_end(t);
}

void stream_typist_forget(struct stream_typist *t,
			  const struct stream_device *d)
{
	if (t->device != d)
		return;
	stream_hold_forget(&t->hold, d);
	typist_end(t);
}
