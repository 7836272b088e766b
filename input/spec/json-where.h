/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the position of a value in a JSON text. jansson does not record it, and
 * only diagnostics need it, so the text is searched when there is one. Pure,
 * does not recurse, safe on any bytes: in a text that is not JSON the result is
 * arbitrary.
 */
#ifndef VINPUT_JSON_WHERE_H
#define VINPUT_JSON_WHERE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The path from the whole text (NULL) to a value: a chain of structs on the
 * stack of the functions that descend to it.
 */
struct json_path {
	const struct json_path *up; /* of the object or array it is in */
	const char *key;	    /* an object's member, else NULL */
	size_t index;		    /* an array's element */
	bool the_key;		    /* the member's key, not its value */
};

#define JSON_MEMBER(up, key)  (&(struct json_path){ (up), (key), 0, false })
#define JSON_KEY(up, key)     (&(struct json_path){ (up), (key), 0, true })
#define JSON_ELEMENT(up, idx) (&(struct json_path){ (up), NULL, (idx), false })

/*
 * Return: the offset of the value's (or key's) first byte; if it does not
 * exist, that of the innermost value around it that does.
 */
size_t json_where(const char *text, size_t len, const struct json_path *path);

/*
 * Whether arrays and objects are nested deeper than depth; then *at is the
 * offset of the first bracket that is too deep.
 */
bool json_nested_deeper(const char *text, size_t len, unsigned int depth,
			size_t *at);

#endif
