/* SPDX-License-Identifier: Apache-2.0 */
/* The diagnostics of the spec reader: errors and warnings, and their place. */
#ifndef VINPUT_SPEC_DIAG_H
#define VINPUT_SPEC_DIAG_H

/* Returned after exactly one SPEC_ERROR diagnostic. */
#define SPEC_E_INVALID 1

enum spec_severity {
	SPEC_WARNING,
	SPEC_ERROR,
};

/*
 * line and column count from 1, column in characters, in the text as given (the
 * template); both are 0 where there is no position.
 */
struct spec_diag {
	enum spec_severity severity;
	unsigned int line, column;
	const char *text; /* what is wrong, the value, what would be right */
};

/* diag and its text are valid during the call only. */
typedef void spec_diag_fn(void *arg, const struct spec_diag *diag);

#endif
