/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which node a user means: a path, the name of a node or of a link to it,
 * VENDOR:PRODUCT, name=GLOB, uniq=TEXT or type=KIND.
 */
#ifndef VINPUT_PASS_FIND_H
#define VINPUT_PASS_FIND_H

#include <stdbool.h>
#include "injector/passthrough/pass-entry.h"
#include "input/base/fault.h"

#define PASS_PATH_MAX 256

struct pass_match {
	const char *name, *uniq, *link; /* borrowed; NULL: any */
	unsigned int kind;		/* 0: any */
	bool by_ids;
	uint16_t vendor, product;
};

/* Of a word that is not a path. Pure. Return: 0 or -EINVAL. */
int pass_match_read(struct pass_match *m, const char *word, struct fault *why);
bool pass_match_is(const struct pass_match *m, const struct pass_entry *e);

/*
 * The path of the node. Return: 0; -EINVAL: wrong word, or it means several
 * devices, which why lists; -ENODEV: none; -ENAMETOOLONG; -ENOMEM.
 */
int pass_find(const struct pass_host *host, const char *word,
	      char path[PASS_PATH_MAX], struct fault *why);

#endif
