/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. A target is a function that takes bytes as
 * choices: what to do next, with which values. When they are used up, zeros
 * follow. It returns if everything went as it must, and aborts otherwise.
 * libFuzzer links its main() to it (make fuzz), or replay.c does (make check).
 */
#ifndef VINPUT_TESTS_FUZZ_H
#define VINPUT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort unless it holds: at every optimization level, unlike assert(). */
#define must(what)                                                        \
	do {                                                              \
		if (!(what)) {                                            \
			fprintf(stderr, "%s:%d: must be: %s\n", __FILE__, \
				__LINE__, #what);                         \
			abort();                                          \
		}                                                         \
	} while (0)

struct choices {
	const uint8_t *at;
	size_t left;
};

static inline void take(struct choices *c, void *to, size_t len)
{
	size_t n = len < c->left ? len : c->left;

	memset(to, 0, len);
	if (!n)
		return;
	memcpy(to, c->at, n);
	c->at += n;
	c->left -= n;
}

static inline uint8_t take8(struct choices *c)
{
	uint8_t v;

	take(c, &v, sizeof(v));
	return v;
}

static inline uint16_t take16(struct choices *c)
{
	uint16_t v;

	take(c, &v, sizeof(v));
	return v;
}

static inline uint32_t take32(struct choices *c)
{
	uint32_t v;

	take(c, &v, sizeof(v));
	return v;
}

static inline uint64_t take64(struct choices *c)
{
	uint64_t v;

	take(c, &v, sizeof(v));
	return v;
}

#endif
