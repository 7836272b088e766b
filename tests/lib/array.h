/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VINPUT_TESTS_ARRAY_H
#define VINPUT_TESTS_ARRAY_H

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
