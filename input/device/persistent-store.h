/* SPDX-License-Identifier: Apache-2.0 */
/* Access to the persistent file, for the files that write it. */
#ifndef VINPUT_PERSISTENT_STORE_H
#define VINPUT_PERSISTENT_STORE_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/persistent-format.h"

/*
 * One store, and the compiler moves nothing across it: memory is as a process
 * left it that was killed between any two instructions.
 */
#define STORE(to, value)                                       \
	do {                                                   \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
		__atomic_store_n(to, value, __ATOMIC_RELAXED); \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);       \
	} while (0)

/* One load: another that has the file mapped may change it at any time. */
#define LOAD(from) __atomic_load_n(from, __ATOMIC_RELAXED)

/* Only those of the known bits: there are few, and it is done each batch. */
static inline void persistent_put_i32s(uint32_t *le, const int32_t *value,
				       uint64_t known)
{
	for (; known; known &= known - 1) {
		const int i = __builtin_ctzll(known);

		le[i] = htole32((uint32_t)value[i]);
	}
}

static inline void persistent_get_i32s(int32_t *value, const uint32_t *le,
				       size_t n)
{
	for (size_t i = 0; i < n; i++)
		value[i] = (int32_t)le32toh(le[i]);
}

/* The index of the active ledger. */
static inline uint8_t persistent_ledger_at(const struct persistent_head *head)
{
	return le64toh(LOAD(&head->ledger_at_le)) & 1;
}

#endif
