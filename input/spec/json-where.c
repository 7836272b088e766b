/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scanner that skips values without interpreting them: a string to its
 * closing quote, an array or object to the matching bracket, anything else to
 * what can follow a value. Only keys are decoded, because "\u006din" is "min".
 */
#include <stdint.h>
#include <string.h>
#include "input/spec/json-where.h"

struct scan {
	const char *text;
	size_t len, at;
};

static int scan_peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static int scan_next(struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at++] : -1;
}

static void skip_space(struct scan *s)
{
	while (scan_peek(s) > 0 && strchr(" \t\r\n", scan_peek(s)))
		s->at++;
}

/* From after a string's opening quote to after its closing one. */
static void skip_string(struct scan *s)
{
	int c;

	while ((c = scan_next(s)) >= 0 && c != '"')
		if (c == '\\')
			scan_next(s);
}

static void skip_container(struct scan *s)
{
	size_t depth = 0;

	do {
		switch (scan_next(s)) {
		case '"':
			skip_string(s);
			break;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			depth--;
			break;
		case -1:
			return;
		}
	} while (depth > 0);
}

static void skip_value(struct scan *s)
{
	int c = scan_peek(s);

	if (c == '[' || c == '{') {
		skip_container(s);
	} else if (c == '"') {
		s->at++;
		skip_string(s);
	} else {
		while (scan_peek(s) > 0 && !strchr(",]} \t\r\n", scan_peek(s)))
			s->at++;
	}
}

static uint32_t hex4(struct scan *s)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		int c = scan_next(s);
		const char *digit = c > 0 ? strchr(digits, c) : NULL;

		value = value << 4 | (digit ? (digit - digits) & 15 : 0);
	}
	return value;
}

/* Return: the character of an escape, after its backslash. */
static uint32_t unescape(struct scan *s)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	int c = scan_next(s);
	const char *which = c > 0 ? strchr(from, c) : NULL;
	uint32_t high;

	if (which)
		return (unsigned char)to[which - from];
	if (c != 'u')
		return c < 0 ? 0 : (uint32_t)c;
	high = hex4(s);
	if (high < 0xd800 || high > 0xdbff || s->len - s->at < 6)
		return high;
	s->at += 2; /* the backslash and u of the pair's other half */
	return 0x10000 + ((high & 0x3ff) << 10) + (hex4(s) & 0x3ff);
}

static size_t utf8_encode(uint32_t c, char out[4])
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n == 1 ? 0 : n] | c);
	return n;
}

/* Skip the string that starts here. Return: whether it is the key. */
static bool skip_key(struct scan *s, const char *key)
{
	bool same = true;
	char utf8[4];
	int c;

	if (scan_next(s) != '"')
		return false;
	while ((c = scan_next(s)) >= 0 && c != '"') {
		size_t n = 1;

		utf8[0] = (char)c;
		if (c == '\\')
			n = utf8_encode(unescape(s), utf8);
		same = same && *key && strncmp(key, utf8, n) == 0;
		if (same)
			key += n;
	}
	return same && *key == '\0';
}

static bool to_member(struct scan *s, const struct json_path *path)
{
	if (scan_next(s) != '{')
		return false;
	for (;;) {
		size_t key_at;
		bool found;

		skip_space(s);
		key_at = s->at;
		found = skip_key(s, path->key);
		skip_space(s);
		if (scan_next(s) != ':')
			return false;
		skip_space(s);
		if (found) {
			s->at = path->the_key ? key_at : s->at;
			return true;
		}
		skip_value(s);
		skip_space(s);
		if (scan_next(s) != ',')
			return false;
	}
}

static bool to_element(struct scan *s, const struct json_path *path)
{
	if (scan_next(s) != '[')
		return false;
	skip_space(s);
	for (size_t i = 0; i < path->index; i++) {
		skip_value(s);
		skip_space(s);
		if (scan_next(s) != ',')
			return false;
		skip_space(s);
	}
	return scan_peek(s) >= 0 && scan_peek(s) != ']';
}

/* The path_step that is n steps below the top; 1 is the first. */
static const struct json_path *path_step(const struct json_path *path,
					 size_t depth, size_t n)
{
	for (; depth > n; depth--)
		path = path->up;
	return path;
}

size_t json_where(const char *text, size_t len, const struct json_path *path)
{
	struct scan s = { text, len, 0 };
	size_t depth = 0, found;

	for (const struct json_path *p = path; p; p = p->up)
		depth++;
	skip_space(&s);
	found = s.at;
	for (size_t n = 1; n <= depth; n++) {
		const struct json_path *p = path_step(path, depth, n);

		if (!(p->key ? to_member(&s, p) : to_element(&s, p)))
			break;
		found = s.at;
	}
	return found;
}

bool json_nested_deeper(const char *text, size_t len, unsigned int depth,
			size_t *at)
{
	struct scan s = { text, len, 0 };
	unsigned int now = 0;
	int c;

	while ((c = scan_next(&s)) >= 0) {
		if (c == '"') {
			skip_string(&s);
		} else if (c == '[' || c == '{') {
			if (now++ < depth)
				continue;
			*at = s.at - 1;
			return true;
		} else if ((c == ']' || c == '}') && now > 0) {
			now--;
		}
	}
	return false;
}
