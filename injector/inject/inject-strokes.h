/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hands on the guest's keyboard do: keys pressed and released, step by
 * step, with the keysym that each stroke is meant to have. Pure.
 */
#ifndef VINPUT_INJECT_STROKES_H
#define VINPUT_INJECT_STROKES_H

#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-layout.h"

struct inject_step {
	uint16_t key; /* KEY_* */
	bool down;
	bool timed;  /* one of a stroke, followed by half of its time */
	uint32_t ch; /* which this step completes; 0: none */
};

/* What a stroke is to yield; keysym 0: that is not checked. */
struct inject_due {
	uint32_t keysym;
	uint32_t ch; /* 0: in the middle of a compose sequence */
};

struct inject_strokes {
	const struct inject_layout *layout; /* borrowed */
	size_t level;			    /* that the keyboard is in */
	struct inject_step *step;	    /* owned */
	size_t n, room;
	struct inject_due *due; /* one for each stroke, owned */
	size_t n_due, room_due;
	bool no_memory; /* some are missing */
};

/* Keys held during a chord. */
#define INJECT_HOLD_CONTROL 1u
#define INJECT_HOLD_SHIFT   2u
#define INJECT_HOLD_ALT	    4u

void inject_strokes_init(struct inject_strokes *s,
			 const struct inject_layout *layout);
void inject_strokes_fini(struct inject_strokes *s);

/* Strike a symbol's key in its level. ch: see struct inject_due. */
void inject_strokes_symbol(struct inject_strokes *s,
			   const struct inject_symbol *symbol, uint32_t ch);
/* Strike the key of a character with these held. Return: whether it exists. */
bool inject_strokes_chord(struct inject_strokes *s, unsigned int hold,
			  uint32_t ch);
/* Strike keys, one after another, with Alt held. Return: whether it exists. */
bool inject_strokes_alt(struct inject_strokes *s, const uint16_t *key,
			size_t n);
/*
 * What was struck since a step enters only this character, completed by the
 * last key that was struck, or by the last step.
 */
enum inject_completion {
	INJECT_BY_KEY,
	INJECT_BY_STEP
};
void inject_strokes_enter(struct inject_strokes *s, size_t since, uint32_t ch,
			  enum inject_completion by);
/* Release everything, and switch back to the first group. */
void inject_strokes_rest(struct inject_strokes *s);

/* Return: the group that the keyboard is in. */
unsigned int inject_strokes_group(const struct inject_strokes *s);

/* What a keyboard is like when the strokes begin. */
struct inject_start {
	bool caps_lock, num_lock; /* on */
	const uint16_t *held;	  /* keys that are down */
	size_t n_held;
};

/*
 * Play the strokes on a model of the guest's keyboard. compose: MAY be NULL.
 * Return: whether each yields what is due; if not, wrong is the character that
 * the first of the others is to enter, or to help to enter.
 */
bool inject_strokes_check(const struct inject_strokes *s,
			  struct inject_compose *compose,
			  const struct inject_start *start, uint32_t *wrong);

#endif
