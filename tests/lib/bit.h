/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VINPUT_TESTS_BIT_H
#define VINPUT_TESTS_BIT_H

#include <stdint.h>

/* A feature bit, of virtio's or of the protocol's. */
#define BIT(n) (UINT64_C(1) << (n))

#endif
