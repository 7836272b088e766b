/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the spec reader: codes by number, by name and by range, and a
 * spec's bitmaps of them. Return values as in spec-reader.h.
 */
#ifndef VINPUT_SPEC_CODES_H
#define VINPUT_SPEC_CODES_H

#include "input/spec/spec-reader.h"

/* A kind of code: an event type, or the input properties. */
#define CODES_PROPS EV_CNT

struct code_range {
	unsigned int first, last;
};

/* Ours: a number, or a word as below. */
int codes_read(struct spec_reader *r, const struct json_path *at,
	       unsigned int kind, const json_t *value, struct code_range *out);

/* Ours: a name, a number in decimal or hex, or two of them: "A..B". */
int codes_read_word(struct spec_reader *r, const struct json_path *at,
		    unsigned int kind, const char *word,
		    struct code_range *out);

/* The peers': a number. */
int codes_read_number(struct spec_reader *r, const struct json_path *at,
		      unsigned int kind, const json_t *number,
		      struct code_range *out);

/* The peers': warn of a name that contradicts the number. */
void codes_check_name(struct spec_reader *r, const struct json_path *at,
		      unsigned int kind, const char *name, unsigned int code);

#define CODES_RESERVED_KEY "KEY_RESERVED (0) is not a key: guests ignore it"

/* Set the bits of codes in the spec, each once. */
int codes_declare(struct spec_reader *r, const struct json_path *at,
		  unsigned int kind, struct code_range codes);

/* "KEY_A (30)", or "84" if it has no name. */
#define CODE_SHOWN_LEN 48
const char *codes_show(char out[CODE_SHOWN_LEN], unsigned int kind,
		       unsigned int code);

#endif
