/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device is recognized by when it is plugged in again: never the number
 * of its node, which the next device gets. Pure.
 *
 * Bus, vendor, product, name, serial and the interface (the end of phys, such
 * as "/input1" of a receiver) make two devices alike. While another one that is
 * alike is known, the place where it is plugged in has to be the same, too.
 */
#ifndef VINPUT_PASS_IDENTITY_H
#define VINPUT_PASS_IDENTITY_H

#include <stdbool.h>
#include "injector/passthrough/pass-entry.h"
#include "input/base/fault.h"

struct pass_identity {
	struct pass_entry entry; /* as it was found last */
	bool by_place;		 /* an alike one is elsewhere */
	bool is_twin;		 /* nothing tells it from another one */
};

void pass_identity_init(struct pass_identity *id, const struct pass_entry *e);

/* While it is plugged in: see which others are alike. entries: the host's. */
void pass_identity_compare(struct pass_identity *id,
			   const struct pass_entry *entries, size_t n);

/*
 * While it is plugged in: may e be this device, which has moved to another
 * place before it was noticed that it is gone?
 */
bool pass_identity_may_be(const struct pass_identity *id,
			  const struct pass_entry *e);

/*
 * Find the device. Return: its index; -ENODEV: it is not plugged in, or is
 * elsewhere than it must be; -EEXIST: it cannot be told from others, which why
 * lists.
 */
int pass_identity_find(const struct pass_identity *id,
		       const struct pass_entry *entries, size_t n,
		       struct fault *why);

#endif
