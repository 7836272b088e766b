/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node is opened between two looks at sysfs: if its device has the same
 * instance number at both, which no device gets again, it is the one that was
 * opened.
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-plug.h"

void pass_plug_init(struct pass_plug *p)
{
	p->path[0] = '\0';
	p->known = false;
	p->stranger = 0;
}

/* What sysfs has of the node that a path, or a link, leads to. */
static int entry_at(const struct pass_host *host, const char *path,
		    struct pass_entry *e)
{
	char *real = realpath(path, NULL);
	int r = real ? pass_entry_read(host, basename(real), e) : -errno;

	free(real);
	return r;
}

/* DEV is a link of udev's to the place, not to the device. */
static bool is_place(const char *word)
{
	return strstr(word, "/by-path/") != NULL;
}

void pass_plug_look(struct pass_plug *p)
{
	struct pass_entry *entries;
	size_t n;

	if (!p->known || pass_entries_read(p->host, &entries, &n))
		return;
	pass_identity_compare(&p->id, entries, n);
	free(entries);
}

void pass_plug_pin(struct pass_plug *p, const struct pass_entry *e)
{
	pass_identity_init(&p->id, e);
	p->known = true;
	pass_plug_look(p);
}

static int find_first(struct pass_plug *p, struct fault *why)
{
	struct pass_entry e;
	int r = pass_find(p->host, p->word, p->path, why);

	/* Without sysfs it can be used, but not recognized. */
	if (r || entry_at(p->host, p->path, &e))
		return r;
	pass_plug_pin(p, &e);
	p->id.by_place |= is_place(p->word);
	return 0;
}

/* Another device has the number that this one had. */
static void refuse_stranger(struct pass_plug *p,
			    const struct pass_entry *entries, size_t n,
			    struct fault *why)
{
	for (size_t i = 0; i < n; i++) {
		const struct pass_entry *e = &entries[i];

		if (strcmp(e->node, p->id.entry.node) ||
		    e->instance == p->id.entry.instance ||
		    e->instance == p->stranger)
			continue;
		p->stranger = e->instance;
		fault_errno(why, -ENODEV,
			    "%s is now another device, \"%.80s\"; not used",
			    p->path, e->name);
	}
}

static int find_again(struct pass_plug *p, struct fault *why)
{
	struct pass_entry *entries;
	size_t n;
	int r = pass_entries_read(p->host, &entries, &n);

	if (r)
		return fault_errno(why, r, "%s: %s", p->host->sys,
				   strerror(-r));
	r = pass_identity_find(&p->id, entries, n, why);
	if (r >= 0) {
		p->id.entry = entries[r];
		snprintf(p->path, sizeof(p->path), "%s/%s", p->host->dev,
			 entries[r].node);
	} else if (r == -ENODEV) {
		refuse_stranger(p, entries, n, why);
	}
	free(entries);
	return r < 0 ? r : 0;
}

int pass_plug_find(struct pass_plug *p, struct fault *why)
{
	why->text[0] = '\0';
	return p->known ? find_again(p, why) : find_first(p, why);
}

int pass_plug_confirm(const struct pass_plug *p)
{
	struct pass_entry e;

	if (!p->known)
		return 0;
	if (entry_at(p->host, p->path, &e) ||
	    e.instance != p->id.entry.instance)
		return -ENODEV;
	return 0;
}
