/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-identity.h"
#include "input/base/own-device.h"

void pass_identity_init(struct pass_identity *id, const struct pass_entry *e)
{
	*id = (struct pass_identity){ .entry = *e };
}

/* "/input1" of a USB device; "" for others. */
static const char *interface_of(const struct pass_entry *e)
{
	const char *slash = strrchr(e->phys, '/');

	return slash ? slash : "";
}

/* What shows the guest's device looks the same, but is never the host's. */
static bool are_alike(const struct pass_entry *a, const struct pass_entry *b)
{
	return !own_device_is(b->phys) && a->bustype == b->bustype &&
	       a->vendor == b->vendor && a->product == b->product &&
	       !strcmp(a->name, b->name) && !strcmp(a->uniq, b->uniq) &&
	       !strcmp(interface_of(a), interface_of(b));
}

/* Without an instance, as in a sysfs of a test, the node has to do. */
static bool is_same_one(const struct pass_entry *a, const struct pass_entry *b)
{
	return a->instance == b->instance &&
	       (a->instance || !strcmp(a->node, b->node));
}

static bool is_listed(const struct pass_identity *id,
		      const struct pass_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_same_one(&id->entry, &entries[i]))
			return true;
	return false;
}

/* If it is gone, it may be itself that is back. */
void pass_identity_compare(struct pass_identity *id,
			   const struct pass_entry *entries, size_t n)
{
	if (!is_listed(id, entries, n))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct pass_entry *e = &entries[i];

		if (is_same_one(&id->entry, e) || !are_alike(&id->entry, e))
			continue;
		if (strcmp(id->entry.phys, e->phys))
			id->by_place = true;
		else
			id->is_twin = true;
	}
}

static bool can_be(const struct pass_identity *id, const struct pass_entry *e)
{
	return are_alike(&id->entry, e) &&
	       (!id->by_place || !strcmp(id->entry.phys, e->phys));
}

bool pass_identity_may_be(const struct pass_identity *id,
			  const struct pass_entry *e)
{
	return can_be(id, e) && !is_same_one(&id->entry, e);
}

static void list_one(char *list, size_t size, const struct pass_entry *e)
{
	const size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s at %s", len ? ", " : "", e->node,
		 e->phys[0] ? e->phys : "an unknown place");
}

/* Count those that it can be. *found: the last of them. */
static size_t count_matches(const struct pass_identity *id,
			    const struct pass_entry *entries, size_t n,
			    int *found)
{
	size_t matches = 0;

	for (size_t i = 0; i < n; i++) {
		if (!can_be(id, &entries[i]))
			continue;
		*found = (int)i;
		if (is_same_one(&id->entry, &entries[i]))
			return 1;
		matches++;
	}
	return matches;
}

static int refuse_all(const struct pass_identity *id,
		      const struct pass_entry *entries, size_t n,
		      struct fault *why)
{
	char list[300] = "";

	for (size_t i = 0; i < n; i++)
		if (can_be(id, &entries[i]))
			list_one(list, sizeof(list), &entries[i]);
	return fault_errno(why, -EEXIST,
			   "\"%.80s\" cannot be told from another device: %s",
			   id->entry.name, list);
}

/* Return: -ENODEV; *why: that there are only others like it. */
static int miss(const struct pass_identity *id,
		const struct pass_entry *entries, size_t n, struct fault *why)
{
	for (size_t i = 0; i < n; i++)
		if (are_alike(&id->entry, &entries[i]))
			return fault_errno(why, -ENODEV,
					   "%s at %.80s is another \"%.80s\"; "
					   "waiting for the one at %.80s",
					   entries[i].node, entries[i].phys,
					   id->entry.name, id->entry.phys);
	return -ENODEV;
}

int pass_identity_find(const struct pass_identity *id,
		       const struct pass_entry *entries, size_t n,
		       struct fault *why)
{
	struct pass_identity here = *id;
	int found = -ENODEV;
	size_t matches = count_matches(id, entries, n, &found);

	if (matches && is_same_one(&id->entry, &entries[found]))
		return found;
	/* Several have come: the one in its place. */
	here.by_place = true;
	if (matches > 1)
		matches = count_matches(&here, entries, n, &found);
	if (found >= 0 && (matches != 1 || id->is_twin))
		return refuse_all(id, entries, n, why);
	return found < 0 ? miss(id, entries, n, why) : found;
}
