/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-fields.h"

void stream_fields_begin(struct stream_fields *f, const json_t *object,
			 const char *where, struct fault *why)
{
	*f = (struct stream_fields){ .object = object, .why = why };
	snprintf(f->where, sizeof(f->where), "%s: ", where);
	if (!json_is_object(object))
		stream_fields_fail(f, "must be an object");
}

void stream_fields_element(struct stream_fields *element,
			   const struct stream_fields *f, const json_t *value,
			   const char *name, size_t i)
{
	*element = (struct stream_fields){ .object = value, .why = f->why };
	element->failed = f->failed;
	snprintf(element->where, sizeof(element->where),
		 "%.20s%.12s[%zu]: ", f->where, name, i);
	if (!json_is_object(value))
		stream_fields_fail(element, "must be an object");
}

void stream_fields_element_end(struct stream_fields *element,
			       struct stream_fields *f)
{
	if (stream_fields_end(element))
		f->failed = true;
}

void stream_fields_fail(struct stream_fields *f, const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (f->failed)
		return;
	f->failed = true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fault_set(f->why, "%s%s", f->where, text);
}

bool stream_field_given(const struct stream_fields *f, const char *name)
{
	return json_object_get(f->object, name);
}

/* Return: the member, or NULL with a fault. */
static const json_t *stream_field_take(struct stream_fields *f,
				       const char *name)
{
	const json_t *value = json_object_get(f->object, name);

	if (value)
		f->taken++;
	else
		stream_fields_fail(f, "%s is required", name);
	return value;
}

double stream_value_number(struct stream_fields *f, const json_t *value,
			   const char *name, double min, double max)
{
	const double number = json_number_value(value);

	/* Not (number < min): that would accept what is not a number. */
	if (json_is_number(value) && number >= min && number <= max)
		return number;
	stream_fields_fail(f, "%s: must be a number from %g to %g", name, min,
			   max);
	return 0;
}

double stream_field_number(struct stream_fields *f, const char *name,
			   double min, double max)
{
	const json_t *value = stream_field_take(f, name);

	return value ? stream_value_number(f, value, name, min, max) : 0;
}

int32_t stream_field_int(struct stream_fields *f, const char *name, int32_t min,
			 int32_t max)
{
	const json_t *value = stream_field_take(f, name);
	const double number = json_number_value(value);

	if (!value)
		return 0;
	if (json_is_number(value) && number >= min && number <= max &&
	    number == trunc(number))
		return (int32_t)number;
	stream_fields_fail(f, "%s: must be an integer from %d to %d", name,
			   (int)min, (int)max);
	return 0;
}

bool stream_field_flag(struct stream_fields *f, const char *name)
{
	const json_t *value = stream_field_take(f, name);

	if (json_is_boolean(value))
		return json_is_true(value);
	if (json_is_integer(value) && (json_integer_value(value) & ~1) == 0)
		return json_integer_value(value);
	stream_fields_fail(f, "%s: must be true or false", name);
	return false;
}

const char *stream_field_string(struct stream_fields *f, const char *name)
{
	const json_t *value = stream_field_take(f, name);

	if (json_is_string(value))
		return json_string_value(value);
	stream_fields_fail(f, "%s: must be a string", name);
	return "";
}

const json_t *stream_field_array(struct stream_fields *f, const char *name,
				 size_t max)
{
	const json_t *value = stream_field_take(f, name);

	if (json_is_array(value) && json_array_size(value) <= max)
		return value;
	stream_fields_fail(f, "%s: must be an array of at most %zu", name, max);
	return NULL;
}

const json_t *stream_field_object(struct stream_fields *f, const char *name)
{
	const json_t *value = stream_field_take(f, name);

	if (json_is_object(value))
		return value;
	stream_fields_fail(f, "%s: must be an object", name);
	return NULL;
}

int stream_fields_end(struct stream_fields *f)
{
	if (json_object_size(f->object) > f->taken)
		stream_fields_fail(
			f, "%zu unknown member%s",
			json_object_size(f->object) - f->taken,
			json_object_size(f->object) - f->taken > 1 ? "s" : "");
	return stream_fields_end_open(f);
}

int stream_fields_end_open(const struct stream_fields *f)
{
	return f->failed ? -EINVAL : 0;
}
