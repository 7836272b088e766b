/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the spec reader: what its files share, that is the state of one
 * reading, its diagnostics, and access to JSON values with checks of type and
 * range.
 *
 * Functions that can fail return 0, SPEC_E_INVALID after one error diagnostic,
 * or -ENOMEM.
 */
#ifndef VINPUT_SPEC_READER_H
#define VINPUT_SPEC_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "input/spec/json-where.h"
#include "input/spec/spec-diag.h"
#include "input/spec/spec-template.h"
#include "input/spec/spec.h"

struct spec_reader {
	struct spec *spec;
	/*
	 * The form that Cuttlefish and crosvm read: "events" and "axis_info"
	 * are arrays of objects, numbers are authoritative, names are comments.
	 */
	bool peers_form;
	uint64_t axes;	  /* bit: the range of this ABS code has been read */
	uint64_t no_rest; /* bit: "rest" of this ABS code is null */
	bool unclamped;	  /* "clamp" of the device is false */
	const struct template *text;
	spec_diag_fn *diag;
	void *arg;
};

/* An error at the value or key that a path leads to. Return: SPEC_E_INVALID. */
int reader_error(struct spec_reader *r, const struct json_path *at,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

void reader_warn(struct spec_reader *r, const struct json_path *at,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * For harmless mistakes: a warning (return 0) in the peers' form, whose files
 * are not ours to correct, else an error.
 */
int reader_complain(struct spec_reader *r, const struct json_path *at,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* An error in the text itself. at: offset in the filled text. */
int reader_text_error(struct spec_reader *r, size_t at, const char *text);

/* The same in the text as given. place: NULL if there is no position. */
int reader_given_error(struct spec_reader *r, const char *place,
		       const char *text);

/* Complain about members that are not in keys, which ends with NULL. */
int reader_keys(struct spec_reader *r, const struct json_path *at,
		const json_t *object, const char *const *keys);

int reader_int(struct spec_reader *r, const struct json_path *at,
	       const json_t *value, int64_t min, int64_t max, int64_t *out);
int reader_bool(struct spec_reader *r, const struct json_path *at,
		const json_t *value, bool *out);
int reader_string(struct spec_reader *r, const struct json_path *at,
		  const json_t *value, const char **out);
int reader_object(struct spec_reader *r, const struct json_path *at,
		  const json_t *value);
int reader_array(struct spec_reader *r, const struct json_path *at,
		 const json_t *value);

/* Get a required member. */
int reader_member(struct spec_reader *r, const struct json_path *at,
		  const json_t *object, const char *key, json_t **out);

/*
 * Read a number from a string: decimal, or 0x and hexadecimal digits.
 * Return: whether it is one. *out is INT64_MAX if it is too large.
 */
bool reader_number_word(const char *word, int64_t *out);

/* A value as diagnostics show it. */
#define READER_SHOWN_LEN 64
const char *reader_show(char out[READER_SHOWN_LEN], const json_t *value);

#endif
