/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-find.h"
#include "input/base/near.h"
#include "input/base/own-device.h"

static int read_kind(struct pass_match *m, const char *word, struct fault *why)
{
	struct near near;

	near_init(&near, word);
	for (unsigned int i = 0; i < PASS_KINDS; i++) {
		near_try(&near, pass_kind_name(i));
		if (!strcmp(word, pass_kind_name(i))) {
			m->kind = 1u << i;
			return 0;
		}
	}
	return fault_set(why,
			 "type=%.40s: must be keyboard, mouse, touchpad, "
			 "touchscreen, pen, gamepad, switch or keys%s",
			 word, fault_hint(near.best));
}

/* "046d:c31c" */
static bool read_ids(struct pass_match *m, const char *word)
{
	for (int i = 0; i < 9; i++)
		if (i == 4 ? word[i] != ':' : !isxdigit((unsigned char)word[i]))
			return false;
	m->vendor = (uint16_t)strtoul(word, NULL, 16);
	m->product = (uint16_t)strtoul(word + 5, NULL, 16);
	return !word[9];
}

int pass_match_read(struct pass_match *m, const char *word, struct fault *why)
{
	*m = (struct pass_match){ 0 };
	if (!*word)
		return fault_set(why, "DEV must not be empty");
	if (!strncmp(word, "type=", 5))
		return read_kind(m, word + 5, why);
	if (!strncmp(word, "name=", 5))
		m->name = word + 5;
	else if (!strncmp(word, "uniq=", 5))
		m->uniq = word + 5;
	else if (read_ids(m, word))
		m->by_ids = true;
	else
		m->link = word;
	return 0;
}

bool pass_match_is(const struct pass_match *m, const struct pass_entry *e)
{
	if (m->link)
		return !strcmp(m->link, e->node) ||
		       !strcmp(m->link, e->by_id) ||
		       !strcmp(m->link, e->by_path);
	/* What shows a guest is like the device that the guest has of us. */
	if (own_device_is(e->phys))
		return false;
	if (m->name)
		return !fnmatch(m->name, e->name, 0);
	if (m->uniq)
		return !strcmp(m->uniq, e->uniq);
	if (m->by_ids)
		return m->vendor == e->vendor && m->product == e->product;
	return (m->kind & e->kinds) != 0;
}

/* ", /dev/input/event5 (A keyboard)"; what does not fit is left out. */
static void list_one(char *list, size_t size, const struct pass_host *host,
		     const struct pass_entry *e)
{
	const size_t len = strlen(list);
	const char *folder = e->by_id[0]     ? "by-id/"
			     : e->by_path[0] ? "by-path/"
					     : "";
	const char *name = e->by_id[0]	   ? e->by_id
			   : e->by_path[0] ? e->by_path
					   : e->node;

	snprintf(list + len, size - len, "%s%s/%s%s (%s)", len ? ", " : "",
		 host->dev, folder, name, e->name);
}

static int choose(const struct pass_host *host, const char *word,
		  const struct pass_entry *e, size_t n, struct fault *why)
{
	char list[400] = "";
	struct pass_match m;
	int chosen = -ENODEV;
	size_t matches = 0;

	if (pass_match_read(&m, word, why))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!pass_match_is(&m, &e[i]))
			continue;
		matches++;
		chosen = (int)i;
		list_one(list, sizeof(list), host, &e[i]);
	}
	if (!matches)
		return fault_errno(why, -ENODEV,
				   "%.80s: no such device; --list shows those "
				   "of this host",
				   word);
	if (matches > 1)
		return fault_set(why, "%.80s: %zu devices: %s", word, matches,
				 list);
	return chosen;
}

int pass_find(const struct pass_host *host, const char *word,
	      char path[PASS_PATH_MAX], struct fault *why)
{
	struct pass_entry *entries;
	size_t n_entries;
	int n, r;

	if (strchr(word, '/')) {
		n = snprintf(path, PASS_PATH_MAX, "%s", word);
		return n < PASS_PATH_MAX
			       ? 0
			       : fault_errno(why, -ENAMETOOLONG,
					     "%.80s...: too long a path", word);
	}
	r = pass_entries_read(host, &entries, &n_entries);
	if (r)
		return fault_errno(why, r, "%s: %s", host->sys, strerror(-r));
	r = choose(host, word, entries, n_entries, why);
	if (r >= 0)
		snprintf(path, PASS_PATH_MAX, "%s/%s", host->dev,
			 entries[r].node);
	free(entries);
	return r < 0 ? r : 0;
}
