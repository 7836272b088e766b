/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a JSON object, one after the other, each checked. The first
 * fault is kept, and what is read after it is 0, so that a reader of a message
 * checks once, at its end. Pure.
 */
#ifndef VINPUT_STREAM_FIELDS_H
#define VINPUT_STREAM_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/base/fault.h"

struct stream_fields {
	const json_t *object;
	char where[48];	   /* "touch: contacts[2]: " */
	size_t taken;	   /* members */
	struct fault *why; /* filled in if failed */
	bool failed;
};

/* object: borrowed, of any type. where: its name for messages. */
void stream_fields_begin(struct stream_fields *f, const json_t *object,
			 const char *where, struct fault *why);
/* An element of an array of f. */
void stream_fields_element(struct stream_fields *element,
			   const struct stream_fields *f, const json_t *value,
			   const char *name, size_t i);
/* The end of an element: what was wrong in it is in f, too. */
void stream_fields_element_end(struct stream_fields *element,
			       struct stream_fields *f);

/* Return: whether there is such a member. */
bool stream_field_given(const struct stream_fields *f, const char *name);
/* Return, all: the member's value; it is required. */
double stream_field_number(struct stream_fields *f, const char *name,
			   double min, double max);
int32_t stream_field_int(struct stream_fields *f, const char *name, int32_t min,
			 int32_t max);
/* true, false, 1 or 0 */
bool stream_field_flag(struct stream_fields *f, const char *name);
/* "" if it is wrong. */
const char *stream_field_string(struct stream_fields *f, const char *name);
/* Return: the array, of at most max elements; NULL if it is wrong. */
const json_t *stream_field_array(struct stream_fields *f, const char *name,
				 size_t max);
/* Return: the object; NULL if it is wrong. */
const json_t *stream_field_object(struct stream_fields *f, const char *name);

/* A value that is not a member; name: for the message. */
double stream_value_number(struct stream_fields *f, const json_t *value,
			   const char *name, double min, double max);

/* Note a fault, unless there is one. */
__attribute__((format(printf, 2, 3))) void stream_fields_fail(
	struct stream_fields *f, const char *fmt, ...);

/* Return: 0; -EINVAL: there was a fault, or a member that was not taken. */
int stream_fields_end(struct stream_fields *f);
/* The same, but other members are no fault. */
int stream_fields_end_open(const struct stream_fields *f);

#endif
