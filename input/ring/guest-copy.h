/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VINPUT_GUEST_COPY_H
#define VINPUT_GUEST_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __has_feature
#define GUEST_COPY_TSAN __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define GUEST_COPY_TSAN 1
#else
#define GUEST_COPY_TSAN 0
#endif

/*
 * Copy to or from memory that the guest may write meanwhile: the result is any
 * mix of old and new bytes. ThreadSanitizer needs atomics to accept that.
 */
static inline void guest_copy(void *to, const void *from, size_t len)
{
#if GUEST_COPY_TSAN
	for (size_t i = 0; i < len; i++)
		__atomic_store_n((uint8_t *)to + i,
				 __atomic_load_n((const uint8_t *)from + i,
						 __ATOMIC_RELAXED),
				 __ATOMIC_RELAXED);
#else
	memcpy(to, from, len);
#endif
}

#endif
