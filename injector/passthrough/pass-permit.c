/* SPDX-License-Identifier: Apache-2.0 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-permit.h"

/* What sysfs has of the node that the path leads to. */
static bool permit_entry(const struct pass_permit *p, const char *path,
			 struct pass_entry *e)
{
	char *real = realpath(path, NULL);
	const bool found = real && !pass_entry_read(p->host, basename(real), e);

	free(real);
	return found;
}

static bool is_same_path(const char *a, const char *b)
{
	char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
	const bool same =
		!strcmp(a, b) || (real_a && real_b && !strcmp(real_a, real_b));

	free(real_a);
	free(real_b);
	return same;
}

static bool is_meant(const char *word, const char *path,
		     const struct pass_entry *e)
{
	struct pass_match match;
	struct fault why;

	if (strchr(word, '/'))
		return is_same_path(word, path);
	return e && !pass_match_read(&match, word, &why) &&
	       pass_match_is(&match, e);
}

static bool is_alike(const struct pass_entry *a, const struct pass_entry *b)
{
	return a->bustype == b->bustype && a->vendor == b->vendor &&
	       a->product == b->product && !strcmp(a->name, b->name) &&
	       !strcmp(a->uniq, b->uniq);
}

static bool was_seen(const struct pass_permit *p, const struct pass_entry *e)
{
	for (size_t i = 0; i < p->n_seen; i++)
		if (is_alike(&p->seen[i], e))
			return true;
	return false;
}

bool pass_permit_check(const struct pass_permit *p, const char *path)
{
	struct pass_entry e;
	const bool known = permit_entry(p, path, &e);

	if (p->all)
		return known;
	for (size_t i = 0; i < p->n_words; i++)
		if (is_meant(p->words[i], path, known ? &e : NULL))
			return true;
	return known && was_seen(p, &e);
}

void pass_permit_see(struct pass_permit *p, const struct pass_entry *e)
{
	if (was_seen(p, e) || p->n_seen == PASS_PERMIT_SEEN_MAX)
		return;
	if (!p->seen)
		p->seen = calloc(PASS_PERMIT_SEEN_MAX, sizeof(*p->seen));
	if (p->seen)
		p->seen[p->n_seen++] = *e;
}

void pass_permit_note(struct pass_permit *p, const char *path)
{
	struct pass_entry e;

	if (permit_entry(p, path, &e))
		pass_permit_see(p, &e);
}

bool pass_permit_target(const struct pass_permit *p, const char *target)
{
	for (size_t i = 0; i < p->n_targets; i++)
		if (!strcmp(p->targets[i], target))
			return true;
	return !strcmp(target, "host") || !strcmp(target, "guest");
}
