/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a JSON text a value stands. jansson does not keep that, and it is
 * needed only when there is something to say about a value, so it is looked
 * up then, in the text. Pure, never recurses, safe on any bytes: in a text
 * that is not JSON it finds nothing or something, no more.
 */
#ifndef VINPUT_JSON_WHERE_H
#define VINPUT_JSON_WHERE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The way from the whole text (NULL) to a value: a chain of structs on the
 * stacks of those who go down the value.
 */
struct json_path {
	const struct json_path *up; /* of the object or array it is in */
	const char *key;	    /* an object's member, else NULL */
	size_t index;		    /* an array's element */
	bool the_key; /* what is meant is the member's key itself */
};

#define JSON_MEMBER(up, key)  (&(struct json_path){ (up), (key), 0, false })
#define JSON_KEY(up, key)     (&(struct json_path){ (up), (key), 0, true })
#define JSON_ELEMENT(up, idx) (&(struct json_path){ (up), NULL, (idx), false })

/*
 * Return: the offset of the value's (or key's) first byte; that of the nearest
 * value around it that is there, if it is not.
 */
size_t json_where(const char *text, size_t len, const struct json_path *path);

/*
 * Whether arrays and objects are nested deeper than depth; then *at is the
 * offset of the first bracket that is too deep.
 */
bool json_nested_deeper(const char *text, size_t len, unsigned int depth,
			size_t *at);

#endif
