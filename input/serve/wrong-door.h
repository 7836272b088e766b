/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer at the wrong socket: a VMM at that of the injectors, or an injector at
 * that of the VMM. Its first bytes show which it is. Pure.
 */
#ifndef VINPUT_WRONG_DOOR_H
#define VINPUT_WRONG_DOOR_H

#include <stdbool.h>
#include <stddef.h>

enum wrong_door {
	WRONG_DOOR_NO,
	WRONG_DOOR_YES,
	WRONG_DOOR_UNKNOWN, /* more bytes are needed */
};

/* Return: whether what an injector sent first are vhost-user messages. */
enum wrong_door wrong_door_is_vmm(const void *bytes, size_t len);

/* Enough for wrong_door_is_injector(). */
#define WRONG_DOOR_LEN 16

/*
 * Return: whether what a front-end sent first, at least a header, are input
 * events. With less than WRONG_DOOR_LEN bytes some events look like a header.
 */
bool wrong_door_is_injector(const void *bytes, size_t len);

#endif
