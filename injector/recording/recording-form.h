/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a recording, and where in a text it begins: what a terminal
 * showed before may stand there, too. Pure.
 */
#ifndef VINPUT_RECORDING_FORM_H
#define VINPUT_RECORDING_FORM_H

#include <stddef.h>

enum recording_form {
	RECORDING_UNKNOWN,
	RECORDING_OURS,
	RECORDING_EVEMU,
	RECORDING_EVTEST,
	RECORDING_GETEVENT,
	RECORDING_LIBINPUT,
};

struct recording_start {
	enum recording_form form;
	size_t at;	   /* bytes before its first line */
	unsigned int line; /* lines before it */
};

/* Return: the first line that is typical of a form decides. */
struct recording_start recording_form_find(const char *text, size_t len);

#endif
