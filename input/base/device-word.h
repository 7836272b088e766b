/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words by which users name a device of the host: DEV[=LABEL], where DEV
 * may have a '=' of its own, as "type=keyboard" has. Pure.
 */
#ifndef VINPUT_DEVICE_WORD_H
#define VINPUT_DEVICE_WORD_H

#include <stddef.h>

#define DEVICE_WORD_LABEL_MAX 32 /* bytes */

/* Return: the length of "type=", "name=" or "uniq=" at the start, or 0. */
size_t device_word_prefix(const char *word);

/* Return: the bytes of DEV; the label follows a '=' unless they are all. */
size_t device_word_cut(const char *word);

/*
 * A label for a DEV without one, or for a device's name: "keyboard" of
 * "type=keyboard", or the last part of a path. Letters and digits stay; what is
 * between them becomes one '-' or '_'; "device" if nothing is left.
 */
void device_word_label(const char *word, char label[DEVICE_WORD_LABEL_MAX + 1]);

#endif
