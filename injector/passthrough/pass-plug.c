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
	int r;

	if (!real)
		return -ENOENT;
	r = pass_entry_read(host, basename(real), e);
	free(real);
	return r;
}

/* DEV is a link of udev's to the place, not to the device. */
static bool is_place(const char *word)
{
	return strstr(word, "/by-path/") != NULL;
}

void pass_plug_look(struct pass_plug *p, const struct pass_seen *seen)
{
	if (p->known)
		pass_identity_compare(&p->id, seen->entry, seen->n);
}

void pass_plug_pin(struct pass_plug *p, const struct pass_entry *e)
{
	pass_identity_init(&p->id, e);
	p->known = true;
}

static int find_first(struct pass_plug *p, struct fault *why)
{
	struct pass_seen seen;
	struct pass_entry e;
	int r = pass_find(p->host, p->word, p->path, why);

	/* Without sysfs it can be used, but not recognized. */
	if (r || entry_at(p->host, p->path, &e))
		return r;
	pass_plug_pin(p, &e);
	p->id.by_place = is_place(p->word);
	if (!pass_seen_read(&seen, p->host)) {
		pass_plug_look(p, &seen);
		pass_seen_fini(&seen);
	}
	return 0;
}

/* Another device has the number that this one had. */
static void refuse_stranger(struct pass_plug *p, const struct pass_seen *seen,
			    struct fault *why)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct pass_entry *e = &seen->entry[i];

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

static int find_among(struct pass_plug *p, const struct pass_seen *seen,
		      struct fault *why)
{
	int r = pass_identity_find(&p->id, seen->entry, seen->n, why);

	if (r >= 0) {
		p->id.entry = seen->entry[r];
		snprintf(p->path, sizeof(p->path), "%s/%s", p->host->dev,
			 seen->entry[r].node);
	} else if (r == -ENODEV) {
		refuse_stranger(p, seen, why);
	}
	return r < 0 ? r : 0;
}

static int find_again(struct pass_plug *p, struct fault *why)
{
	struct pass_seen now;
	int r = pass_seen_read(&now, p->host);

	if (r)
		return fault_errno(why, r, "%s: %s", p->host->sys,
				   strerror(-r));
	r = find_among(p, &now, why);
	pass_seen_fini(&now);
	return r;
}

int pass_plug_find(struct pass_plug *p, const struct pass_seen *seen,
		   struct fault *why)
{
	why->text[0] = '\0';
	if (!p->known)
		return find_first(p, why);
	return seen ? find_among(p, seen, why) : find_again(p, why);
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
