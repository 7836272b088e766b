/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a capability spec to a struct spec: fills in %NAME%
 * placeholders, parses the JSON (vhost-user-input-spec(5)) and checks it.
 * Pure: no fd, no log; what there is to say comes back as diagnostics.
 */
#ifndef VINPUT_SPEC_READ_H
#define VINPUT_SPEC_READ_H

#include <stdbool.h>
#include <stddef.h>
#include "input/spec/spec.h"

/* A larger text is refused. */
#define SPEC_TEXT_MAX (1024 * 1024)

struct spec_set {
	const char *name, *value; /* of a --set NAME=VALUE */
};

enum spec_severity {
	SPEC_WARNING,
	SPEC_ERROR,
};

/*
 * line and column count from 1, column in characters, in the text as it was
 * given (the template); both are 0 for what has no place in it.
 */
struct spec_diag {
	enum spec_severity severity;
	unsigned int line, column;
	const char *text; /* what is wrong, the value, what would be right */
};

/* diag and its text are valid during the call only. */
typedef void spec_diag_fn(void *arg, const struct spec_diag *diag);

/*
 * Read a spec.
 * text, len: the file's bytes, borrowed; need not end with NUL.
 * sets, n_sets: values of placeholders, borrowed.
 * Return: 0; SPEC_E_INVALID after one SPEC_ERROR diagnostic (*out is then
 * undefined); -ENOMEM.
 */
#define SPEC_E_INVALID 1
int spec_read(struct spec *out, const char *text, size_t len,
	      const struct spec_set *sets, size_t n_sets, spec_diag_fn *diag,
	      void *arg);

/*
 * Replace the name or serial by one from the command line (--name=, --serial=).
 * Return: 0; SPEC_E_INVALID if it is over SPEC_NAME_MAX bytes or not UTF-8,
 * with a static *why in words.
 */
int spec_set_name(struct spec *spec, const char *name, const char **why);
int spec_set_serial(struct spec *spec, const char *serial, const char **why);

#endif
