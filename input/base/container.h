/* SPDX-License-Identifier: Apache-2.0 */
/* From a member to the struct that contains it. */
#ifndef VINPUT_CONTAINER_H
#define VINPUT_CONTAINER_H

#include <stddef.h>

/* The struct of which ptr is a member; a ptr of another type warns. */
#define container_of(ptr, type, member)                                   \
	((type *)((char *)(1 ? (ptr)                                      \
			     : (__typeof__(((type *)0)->member) *)NULL) - \
		  offsetof(type, member)))

#endif
