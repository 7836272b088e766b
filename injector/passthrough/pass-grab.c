/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "injector/passthrough/pass-grab.h"

int pass_grab_first(const uint8_t down[KEY_CNT / 8])
{
	for (int key = 0; key < KEY_CNT; key++)
		if (bit_test(down, (unsigned int)key))
			return key;
	return -1;
}

/* Only keys of which the host has seen the press matter: look before... */
static int check_all_up(struct pass_node *n, uint8_t down[KEY_CNT / 8])
{
	int r = pass_node_keys(n, down);

	if (r)
		return r;
	return pass_grab_first(down) < 0 ? 0 : -EAGAIN;
}

int pass_grab_take(struct pass_node *n, enum pass_grab how,
		   uint8_t down[KEY_CNT / 8])
{
	int r = how == PASS_GRAB_WAIT ? check_all_up(n, down) : 0;

	if (!r && how != PASS_GRAB_NONE)
		r = pass_node_grab(n, true);
	if (r)
		return r;
	if (how != PASS_GRAB_WAIT)
		return pass_node_keys(n, down);
	/* ... and after, since one may have come down in between. */
	r = check_all_up(n, down);
	if (r)
		pass_node_grab(n, false);
	return r;
}
