/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a capability spec to a struct spec: replaces %NAME%
 * placeholders, parses the JSON (vhost-user-input-spec(5)) and checks it.
 * Pure: no fd, no log; errors and warnings are passed to a function.
 */
#ifndef VINPUT_SPEC_READ_H
#define VINPUT_SPEC_READ_H

#include <stddef.h>
#include "input/spec/spec-diag.h"
#include "input/spec/spec-template.h"
#include "input/spec/spec.h"

/*
 * Read a spec.
 * Return: 0; SPEC_E_INVALID after one SPEC_ERROR diagnostic (*out is then
 * undefined); -ENOMEM.
 */
int spec_read(struct spec *out, const struct spec_text *text,
	      spec_diag_fn *diag, void *arg);

/*
 * Replace the name or serial by one from the command line (--name=, --serial=).
 * Return: 0; SPEC_E_INVALID if it is longer than SPEC_NAME_MAX bytes or not
 * UTF-8, *why is then a static text.
 */
int spec_set_name(struct spec *spec, const char *name, const char **why);
int spec_set_serial(struct spec *spec, const char *serial, const char **why);

#endif
