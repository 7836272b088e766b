/* SPDX-License-Identifier: Apache-2.0 */
/* The labels that devices get in a launcher's directory. Pure. */
#ifndef VINPUT_PASS_LABEL_H
#define VINPUT_PASS_LABEL_H

#define PASS_LABEL_MAX 32

/*
 * A label for a device: "keyboard" of "type=keyboard", the last part of a path,
 * or a name, as far as a label can have it.
 */
void pass_label_make(const char *device, char label[PASS_LABEL_MAX + 1]);

#endif
