/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event's time is two words of 64 or of 32 bits; then come 16 bits of type,
 * 16 of code and 32 of value, as in struct vi_event.
 *
 * The size shows in the content: read with the wrong one, microseconds are
 * taken for a type and a code, and values for times. Text cannot be taken for
 * an event: as a number, four of its characters are more than a million
 * microseconds.
 */
#include <endian.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "injector/recording/recording-raw.h"
#include "input/spec/spec-names.h"

/* How many events must look like events. */
#define SAMPLE 64
/* Between two events of a recording, in seconds. */
#define PAUSE_MAX (24 * 3600)
/* No clock shows more. */
#define SECONDS_MAX 1000000000000

static const size_t raw_sizes[] = { 24, 16 };

struct raw_event {
	uint64_t seconds, us;
	struct vi_event ev;
};

static void raw_take(struct raw_event *e, const uint8_t *at, size_t size)
{
	uint64_t wide[2];
	uint32_t narrow[2];

	if (size == 24) {
		memcpy(wide, at, sizeof(wide));
		e->seconds = le64toh(wide[0]);
		e->us = le64toh(wide[1]);
	} else {
		memcpy(narrow, at, sizeof(narrow));
		e->seconds = le32toh(narrow[0]);
		e->us = le32toh(narrow[1]);
	}
	memcpy(&e->ev, at + size - sizeof(e->ev), sizeof(e->ev));
}

static bool is_event(const struct raw_event *e)
{
	const unsigned int type = vi_type(&e->ev);

	return e->seconds <= SECONDS_MAX && e->us < 1000000 &&
	       names_type(type) && vi_code(&e->ev) <= names_code_max(type);
}

/*
 * Return: how many of the first times do not follow the one before; -1: these
 * are no events.
 */
static int oddities(const uint8_t *dump, size_t len, size_t size)
{
	struct raw_event e, last = { 0 };
	int odd = len % size ? 1 : 0;

	for (size_t i = 0; i < SAMPLE && (i + 1) * size <= len; i++) {
		raw_take(&e, dump + i * size, size);
		if (!is_event(&e))
			return -1;
		if (i && (e.seconds < last.seconds ||
			  e.seconds - last.seconds > PAUSE_MAX))
			odd++;
		last = e;
	}
	return len < size ? -1 : odd;
}

size_t recording_raw_size(const void *dump, size_t len)
{
	size_t best = 0;
	int least = INT_MAX;

	for (size_t i = 0; i < sizeof(raw_sizes) / sizeof(raw_sizes[0]); i++) {
		int odd = oddities(dump, len, raw_sizes[i]);

		if (odd >= 0 && odd < least) {
			least = odd;
			best = raw_sizes[i];
		}
	}
	return best;
}

static int raw_add(struct recording *rec, const struct raw_event *e,
		   struct fault *f)
{
	const long number[3] = { vi_type(&e->ev), vi_code(&e->ev),
				 vi_value(&e->ev) };

	if (e->seconds > SECONDS_MAX || e->us >= 1000000)
		return fault_set(f, "invalid time");
	return recording_add_numbers(
		rec, (int64_t)(e->seconds * 1000000 + e->us), number, f);
}

int recording_raw_read(struct recording *rec, const void *dump, size_t len,
		       size_t size, struct recording_fault *f)
{
	const uint8_t *at = dump;
	struct raw_event e;
	int r = 0;

	rec->dump = true;
	for (rec->line = 1; !r && len >= size; len -= size, at += size) {
		raw_take(&e, at, size);
		r = raw_add(rec, &e, &f->why);
		if (!r)
			rec->line++;
	}
	if (!r && len)
		r = fault_set(&f->why, "the dump ends in its middle");
	if (r)
		recording_locate(f, rec, rec->line);
	return r;
}
